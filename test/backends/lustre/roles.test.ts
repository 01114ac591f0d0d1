// Whether a host is what its role needs, and what is said of one that is not.
import { expect, test } from "vitest";
import { probeOf } from "../../../src/backends/lustre/roles";
import type { Result } from "../../../src/core/command";
import type { Role } from "../../../src/core/host";
import { ended } from "../../core/fake-host";

const mgsDevices = "  0 UP osd-ldiskfs MGS-osd MGS-osd_UUID 4\n  1 UP mgs MGS MGS 20\n";

test.each<[Role, Result, string | undefined]>([
  ["mgs", ended(0, mgsDevices), undefined],
  ["mgs", ended(0, "  0 UP mdt scratch-MDT0000 scratch-MDT0000_UUID 20\n"), "is not the MGS now: no MGS device is up"],
  [
    "mgs",
    ended(2, "", "opening /dev/obd failed\n  hint: modprobe\n"),
    "is not the MGS now: opening /dev/obd failed; hint: modprobe",
  ],
  ["client", ended(0, "scratch\n"), undefined],
  ["client", ended(0, "home\n"), '/mnt is not the file system "scratch": home'],
  ["mds", ended(1, "", "lfs getname: /mnt not found\n"), '/mnt is not the file system "scratch": lfs getname: /mnt not found'],
  ["mds", ended(1), '/mnt is not the file system "scratch": exit 1'],
])("%s: %j", async (role, result, why) => {
  expect(await probeOf(role, "scratch", "/mnt")?.(async () => result)).toBe(why);
});

test("any server will do", () => expect(probeOf("server", "scratch", "/mnt")).toBeUndefined());
