// U-13: a sandbox that was started, or is used, in the environment of another one. Tools that are not the sandbox's are the machine's own.
import { spawn } from "node:child_process";
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { sandboxCommand } from "../../src/sandbox/commands";
import { standIn } from "../../src/sandbox/stand-in";
import { startSandbox } from "../../src/sandbox/start";
import { ending, type ProcessSandbox, startProcessSandbox } from "./processes";

const machine = process.env["PATH"] ?? "";
const site = { version: "2.17.0", fsName: "scratch", bare: false } as const;

describe("U-13 a sandbox in the environment of another", () => {
  const parent = mkdtempSync(join(tmpdir(), "sandbox-test-"));
  afterAll(() => rmSync(parent, { recursive: true, force: true }));
  let outer: string;
  let inner: string;
  const bin = (dir: string) => join(dir, "bin");

  beforeAll(() => {
    outer = startSandbox({ dir: join(parent, "outer"), path: machine, ...site, clusters: 1 });
    // As a person's own ~/bin may lead into one.
    mkdirSync(join(parent, "home"));
    for (const tool of readdirSync(bin(outer))) symlinkSync(join(bin(outer), tool), join(parent, "home", tool));
    inner = startSandbox({ dir: join(parent, "inner"), path: pathsInto(outer), ...site, clusters: 1 });
  });

  const pathsInto = (dir: string) => [bin(dir), join(dir, "hosts/mgs/bin"), join(parent, "home"), machine].join(":");

  it("hands over to the machine's tools, in every file that it writes", () => {
    const texts = readdirSync(bin(inner)).map((tool) => readFileSync(join(bin(inner), tool), "utf8"));
    expect(texts.length).toBeGreaterThan(20);
    for (const text of texts) expect(text).not.toMatch(new RegExp(`${outer}/|${parent}/home/`));
    expect(readFileSync(join(bin(inner), "cat"), "utf8")).toMatch(/exec '\/(usr\/)?bin\/cat' "\$@"/);
  });

  it.each([
    "getent group",
    "df -h /",
    "findmnt /",
    "stat /",
    "mv /nowhere /nothing",
    "find /dev/null",
    "cat /dev/null",
    "flock 3",
  ])("`%s` is the machine's, whichever of the two comes first", async (line) => {
    const [tool = "", ...args] = line.split(" ");
    for (const [dir, path] of [
      [inner, `${bin(inner)}:${pathsInto(outer)}`],
      [outer, `${pathsInto(inner)}:${bin(outer)}`],
    ] as const) {
      const started: string[] = [];
      const real = (found: string) => Promise.resolve(started.push(found));
      await standIn(tool, ["all", dir, ...args], { stdout: String, stderr: String, env: { PATH: path }, cwd: "/", real });
      expect(started).toEqual([expect.stringMatching(new RegExp(`^/(usr/)?s?bin/${tool}$`))]);
    }
  });

  it("`sandbox env` leaves other sandboxes out of PATH: what this one lacks is not to be theirs", async () => {
    let said = "";
    const stdout = (text: string) => {
      said += text;
    };
    const env = { PATH: `${bin(outer)}:${bin(inner)}:/nowhere:/usr/bin` };
    await sandboxCommand(["env", "--json", "--dir", inner], { stdout, stderr: String, env, cwd: "/" });
    expect(JSON.parse(said)).toMatchObject({ PATH: `${bin(inner)}:/nowhere:/usr/bin` });
  });
});

describe("U-13 a fault that has fired", () => {
  const sandboxes: ProcessSandbox[] = [];
  afterAll(() => {
    for (const sandbox of sandboxes) sandbox.remove();
  });

  it("lets the commands behind it through, also where two sandboxes have one", async () => {
    const outer = startProcessSandbox();
    sandboxes.push(outer);
    const inner = startProcessSandbox();
    sandboxes.push(inner);
    const path = `${join(inner.dir, "bin")}:${join(outer.dir, "bin")}:${machine}`;
    writeFileSync(join(inner.mount, "file"), "what it holds\n");
    for (const sandbox of sandboxes) sandbox.operate("fault", "set", '{"match": "cat", "do": "fail", "exit": 7}');
    expect(await bounded(["cat", join(inner.mount, "file")], path)).toMatchObject({ exit: 7 });
    expect(await bounded(["cat", join(inner.mount, "file")], path)).toMatchObject({ exit: 0, stdout: "what it holds\n" });
    expect(await bounded(["findmnt", "-n", "-o", "TARGET", "/"], path)).toMatchObject({ exit: 0, stdout: "/\n" });
  });

  /** In a group of its own: a loop is a chain of processes. */
  async function bounded([tool = "", ...args]: readonly string[], path: string) {
    const env = { ...process.env, NODE_EXTRA_CA_CERTS: "", PATH: path };
    const child = spawn(tool, args, { env, detached: true });
    const timer = setTimeout(() => process.kill(-(child.pid ?? 0), "SIGKILL"), 10_000);
    const ended = await ending(child);
    clearTimeout(timer);
    return ended;
  }
});
