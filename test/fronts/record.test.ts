// What SHAREWRIGHT_RECORD keeps of a run: every command of the executor with what it printed, readable by its owner only.
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from "node:fs";
import { hostname, tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, afterEach, expect, test, vi } from "vitest";
import { type Command, hole } from "../../src/core/command";
import { silentLog } from "../../src/core/log";
import { withConnections } from "../../src/fronts/connections";
import { recorder } from "../../src/fronts/record";

const parent = mkdtempSync(join(tmpdir(), "sharewright-record-"));
const folder = join(parent, "made", "when needed");
afterEach(() => vi.unstubAllEnvs());
afterAll(() => rmSync(parent, { recursive: true, force: true }));

const here = { type: "local" } as const;
const run = (...commands: Command[]) =>
  withConnections([here], silentLog(), async (open) => {
    const transport = open({ id: "here", connection: here, name: "client (local)" });
    for (const command of commands) await transport.run(command);
  });
const kept = () => readdirSync(folder).flatMap((name) => readFileSync(join(folder, name), "utf8").trim().split("\n"));

test("R-12: every command is kept with its ending and both outputs, what it was given is not", async () => {
  vi.stubEnv("SHAREWRIGHT_RECORD", folder);
  await run(
    { argv: ["sh", "-c", "printf 'a\\nb'; echo c >&2; exit 3"] },
    { argv: ["cat"], stdin: "given" },
    { argv: ["no-such-tool"] },
  );
  const [first, second, third] = kept().map((line) => JSON.parse(line));
  expect(first).toEqual({
    at: expect.any(Number),
    host: hostname(),
    uid: String(process.getuid?.()),
    argv: ["sh", "-c", "printf 'a\\nb'; echo c >&2; exit 3"],
    exit: 3,
    ms: expect.any(Number),
    stdout: "a\nb",
    stderr: "c\n",
  });
  expect(second).toMatchObject({ argv: ["cat"], exit: 0, stdout: "given" });
  expect(third).toMatchObject({ exit: 127, stderr: "no-such-tool: command not found" });
  expect(Object.keys(second)).not.toContain("stdin");
});

test("R-12: its files are their owner's alone", () => {
  const modes = [folder, ...readdirSync(folder).map((name) => join(folder, name))].map((path) => statSync(path).mode & 0o777);
  expect(modes).toEqual([0o700, 0o600]);
});

test("nothing is kept where no folder is named", async () => {
  vi.stubEnv("SHAREWRIGHT_RECORD", "");
  const before = kept();
  await run({ argv: ["true"] });
  expect(kept()).toEqual(before);
  expect(recorder("host", "0")).toBeUndefined();
});

test("a word that only the host knows is kept as FOUND", () => {
  recorder("host", "0", folder)?.({ argv: ["lfs", hole] }, { exitCode: 0, timedOut: false, stdout: "", stderr: "", ms: 1 });
  expect(JSON.parse(kept().at(-1) ?? "").argv).toEqual(["lfs", "FOUND"]);
});
