// Which places of tools may stand in rules of sudo, by what `namei -l` says of them.
import { expect, test } from "vitest";
import { rootsAlone } from "../../src/fronts/lustre/sudoers-tools";

const top = "drwxr-xr-x root root /";
const [file, directory] = ["-rwxr-xr-x root root lfs", (name: string) => `drwxr-xr-x root root ${name}`];

test.each<[string, string, string[], boolean]>([
  ["root's all the way", "/usr/bin/lfs", [top, directory("usr"), directory("bin"), file], true],
  [
    "a link of root's to a place of root's",
    "/bin/lfs",
    [top, "lrwxrwxrwx root root bin -> usr/bin", directory("  usr"), directory("  bin"), file],
    true,
  ],
  ["below a directory of root's in /tmp", "/tmp/x/lfs", [top, "drwxrwxrwt root root tmp", directory("x"), file], true],
  ["a file in /tmp, which may be a second name of another program", "/tmp/lfs", [top, "drwxrwxrwt root root tmp", file], false],
  ["a link in /tmp", "/tmp/lfs", [top, "drwxrwxrwt root root tmp", "lrwxrwxrwx root root lfs -> /bin/lfs", top, file], false],
  ["a file of the user's", "/usr/bin/lfs", [top, directory("usr"), directory("bin"), "-rwxr-xr-x sw sw lfs"], false],
  ["a file that the group may write", "/bin/lfs", [top, directory("bin"), "-rwxrwxr-x root sw   lfs"], false],
  [
    "a directory of the user's",
    "/home/sw/bin/lfs",
    [top, directory("home"), "drwx------ sw   sw   sw", directory("bin"), file],
    false,
  ],
  ["a directory that all may write", "/opt/lfs", [top, "drwxr-xrwx root root opt", file], false],
  ["a directory that the group may write", "/opt/lfs", [top, "drwxrwxr-x root sw   opt", file], false],
  [
    "a link of the user's between places of root's",
    "/opt/lfs",
    [
      top,
      directory("opt"),
      "lrwxrwxrwx root root lfs -> /home/lfs",
      top,
      directory("home"),
      "lrwxrwxrwx sw sw lfs -> /lfs",
      top,
      file,
    ],
    false,
  ],
  ["no file", "/bin/lfs", [top, directory("bin"), directory("lfs")], false],
  ["a file that is not there", "/bin/lfs", [top, directory("bin"), "           lfs - No such file or directory"], false],
])("%s", (_, path, lines, isSafe) => {
  expect(rootsAlone([path], `f: ${path}\n${lines.join("\n")}\n`).has(path)).toBe(isSafe);
});

test("each path is judged by its own listing, and none where they do not match", () => {
  const good = `f: /lfs\n${top}\n${file}\n`;
  const bad = `f: /lctl\n${top}\n-rwxr-xr-x sw sw lctl\n`;
  expect(rootsAlone(["/lctl", "/lfs"], bad + good)).toEqual(new Set(["/lfs"]));
  expect(rootsAlone(["/lctl", "/lfs"], good + bad)).toEqual(new Set());
  expect(rootsAlone(["/lctl", "/lfs"], `${bad}${good}${good}`)).toEqual(new Set());
  expect(rootsAlone(["/lctl", "/lfs"], "")).toEqual(new Set());
});
