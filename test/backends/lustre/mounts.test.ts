// In which way a mount point shows a part of the file system.
import { describe, expect, test } from "vitest";
import { parseMounts, wayOfPart } from "../../../src/backends/lustre/mounts";

const whole = "10.0.0.1@tcp:/scratch /mnt/lustre\n";

describe("a mount point that is not the root", () => {
  test.each([
    ["a directory of the mount", whole, "it is a directory in /mnt/lustre, where 10.0.0.1@tcp:/scratch is mounted"],
    [
      "a directory of a mount in a mount",
      `${whole}10.0.0.1@tcp:/scratch /mnt/lustre/a\n`,
      "it is a directory in /mnt/lustre/a, where",
    ],
    ["a mount of a directory", `${whole}10.0.0.1@tcp:/scratch/shares /mnt/lustre/a/b\n`, "10.0.0.1@tcp:/scratch/shares"],
    ["a bind mount of a directory", "10.0.0.1@tcp:/scratch[/shares] /mnt/lustre/a/b\n", "10.0.0.1@tcp:/scratch[/shares]"],
    [
      "a mount over a mount",
      "a:/scratch /mnt/lustre/a/b\na:/scratch/x /mnt/lustre/a/b\n",
      "what is mounted there is a:/scratch/x",
    ],
    ["a fileset", "10.0.0.1@tcp,10.0.0.2@tcp:/scratch /mnt/lustre/a/b\n", "shows it a fileset in place of the root"],
    ["no mount of Lustre", "", "nothing is mounted just there"],
  ])("S-01 is %s", (_, stdout, way) => expect(wayOfPart(parseMounts(stdout), "/mnt/lustre/a/b", "scratch")).toContain(way));
});
