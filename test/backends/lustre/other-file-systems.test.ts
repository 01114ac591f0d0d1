// What a nodemap opens on the other file systems of its MGS, and where records lie: asked of hosts that answer from a table.
import { expect, test } from "vitest";
import { checkServedFileSystems } from "../../../src/backends/lustre/other-file-systems";
import { checkRecords } from "../../../src/backends/lustre/record-folders";
import type { Site } from "../../../src/backends/lustre/site";
import { ended, fakeHost } from "../../core/fake-host";
import { planningSite } from "./site";

const absent = (paths: readonly string[]) =>
  ended(1, "", paths.map((path) => `find: '${path}': No such file or directory\n`).join(""));
const pathsIn = (words: readonly string[]) => words.filter((word) => word.startsWith("/"));

function siteWith(served: string[] | undefined, mounts: string, there: readonly string[] = []): Site {
  const client = fakeHost("client", ({ argv: [tool, ...words] }) => {
    if (tool === "findmnt") return ended(0, mounts);
    const paths = pathsIn(words);
    const found = paths.filter((path) => there.includes(path));
    if (tool !== "find" || found.length < paths.length) return absent(paths);
    return ended(0, found.map((path) => `d|700|0|0|7|1||${path}\n`).join(""));
  });
  const mgs = fakeHost("mgs", () =>
    served ? ended(0, `mgs.MGS.filesystems=\n${served.join("\n")}\n`) : ended(2, "", "error: get_param: no such param"),
  );
  return { ...planningSite(), client, mgs };
}

test.each<[string, Site, string[]]>([
  ["alone", siteWith(["nodemap", "scratch"], ""), ["good: this one"]],
  ["not seen", siteWith(undefined, ""), ["unknown: what it serves cannot be seen"]],
  ["not ours", siteWith(["nodemap", "home"], ""), ["bad: the MGS of home"]],
  [
    "with one that is not mounted",
    siteWith(["scratch", "home"], "10.0.0.1@tcp:/scratch /mnt/lustre lustre rw\n"),
    ["good: this one", "unknown: not mounted on the client; if it is there, these clients can mount it"],
  ],
  [
    "with one that has no such directory",
    siteWith(["scratch", "home"], "10.0.0.1@tcp:/scratch /mnt/lustre lustre rw\n10.0.0.1@tcp:/home /home lustre rw\n"),
    ["good: this one", "good: not there"],
  ],
  [
    "with one that has the same directory",
    siteWith(["scratch", "home"], "10.0.0.1@tcp:/home /home lustre rw\n", ["/home/shares/a"]),
    ["good: this one", "bad: exists: these clients could mount it"],
  ],
  [
    "U-01 with one whose name another MGS has, too",
    siteWith(
      ["scratch", "home"],
      "10.9.0.1@tcp:/home /staging lustre rw\n10.0.0.1@tcp:10.0.0.2@tcp:/home /home lustre rw\n10.0.0.1@tcp:/scratch /mnt/lustre lustre rw\n",
      ["/staging/shares/a"],
    ),
    ["good: this one", "good: not there"],
  ],
  [
    "U-01 with one that is mounted from NIDs that tell nothing",
    siteWith(["scratch", "home"], "fd00::1@tcp:fd00::2@tcp,10.5.0.1@o2ib:/home /home lustre rw\n", ["/home/shares/a"]),
    ["good: this one", "bad: exists: these clients could mount it"],
  ],
])("the file system of an MGS, %s", async (_, site, found) => {
  const checks = await checkServedFileSystems(site, "/shares/a");
  expect(checks.map((check) => `${check.verdict}: ${check.found}`)).toEqual(found);
});

test.each<[kib: string, verdict: string, found: string]>([
  ["64", "good", "will lie on the MDT, readable and writable with every OST down"],
  ["0", "unknown", "Data-on-MDT is not allowed"],
])("records that are not made yet, where the MDT takes %s KiB of a file", async (kib, verdict, found) => {
  const client = fakeHost("client", ({ argv }) => absent(pathsIn(argv)));
  const server = fakeHost("mds", () => ended(0, `lod.scratch-MDT0000-mdtlov.dom_stripesize_cur_kb=${kib}\n`));
  const check = await checkRecords({ ...planningSite(), client, mds: server, mgs: server });
  expect([check.verdict, check.found.slice(0, found.length)]).toEqual([verdict, found]);
});
