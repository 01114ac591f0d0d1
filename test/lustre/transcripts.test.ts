// What a run of the acceptance suite hands over: transcripts of the form that the sandbox is held to.
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import type { Recorded } from "../../src/fronts/record";
import { readTranscript } from "../sandbox/golden/transcript";
import { readRecorded, writeTranscripts } from "./transcripts";

const parent = mkdtempSync(join(tmpdir(), "sharewright-transcripts-"));
afterAll(() => rmSync(parent, { recursive: true, force: true }));

const recorded = (at: number, ...argv: string[]): Recorded => ({
  at,
  host: "lustre-mgs",
  uid: "0",
  argv,
  exit: 0,
  ms: 7,
  stdout: "",
  stderr: "",
});

test("R-12: commands of several processes come in the order in which they ended, each in a file that the replay reads", () => {
  const [late, early] = [recorded(20, "mv", "a b", "c"), recorded(10, "lfs", "setquota", "-p", "1")];
  writeFileSync(join(parent, "1-1.ndjson"), `${JSON.stringify({ ...late, exit: 1, stderr: "no\n" })}\n`);
  writeFileSync(join(parent, "1-2.ndjson"), `${JSON.stringify({ ...early, stdout: "one\ntwo" })}\n`);
  const folder = join(parent, "kept");
  expect(writeTranscripts(readRecorded(parent), folder, "q")).toBe(2);
  expect(readFileSync(join(folder, "INDEX.tsv"), "utf8")).toBe(
    "q000-lfs-setquota.txt\t0\t7\tlfs setquota -p 1\nq001-mv.txt\t1\t7\tmv 'a b' c\n",
  );
  expect(readTranscript("q000-lfs-setquota.txt", folder)).toEqual({
    id: "q000",
    file: "q000-lfs-setquota.txt",
    host: "lustre-mgs",
    uid: 0,
    command: "lfs setquota -p 1",
    exit: 0,
    stdout: "one\ntwo\n",
    stderr: "",
  });
  expect(readTranscript("q001-mv.txt", folder)).toMatchObject({ command: "mv 'a b' c", exit: 1, stdout: "", stderr: "no\n" });
});

test("R-12: where a connection does not say whom it logs in as, `id -u` of the run does", () => {
  const unknown = { ...recorded(1, "lctl", "dl"), host: "mgs", uid: "-" };
  const folder = join(parent, "asked");
  writeTranscripts([unknown, { ...unknown, argv: ["id", "-u"], stdout: "0\n" }, { ...unknown, host: "other" }], folder);
  const first = (file: string) => readFileSync(join(folder, file), "utf8").split("\n")[0];
  expect(["z000-lctl-dl.txt", "z002-lctl-dl.txt"].map(first)).toEqual(["host: mgs  uid: 0", "host: other  uid: -"]);
});
