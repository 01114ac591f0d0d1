import { ChildProcess, spawnSync } from "node:child_process";
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { pathToFileURL } from "node:url";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import type { Command, Result } from "../../src/core/command";
import { localTransport } from "../../src/transports/local";
import { transportContract } from "./contract";

const source = pathToFileURL(join(process.cwd(), "src/transports/local.ts")).href;

transportContract("local", {
  make: () => localTransport(),
  moduleText: `const { localTransport } = await import(${JSON.stringify(source)});\nconst make = () => localTransport();`,
});

describe("local", () => {
  let directory = "";
  beforeAll(() => {
    directory = mkdtempSync(join(tmpdir(), "local-"));
    writeFileSync(join(directory, "mytool"), "#!/bin/sh\nprintf mine\n");
    chmodSync(join(directory, "mytool"), 0o755);
    writeFileSync(join(directory, "plain"), "no program");
  });
  afterAll(() => rmSync(directory, { recursive: true, force: true }));

  test("finds tools in the connection's path before the PATH", async () => {
    expect(await localTransport({ path: [directory] }).run({ argv: ["mytool"] })).toMatchObject({ exitCode: 0, stdout: "mine" });
    expect((await localTransport().run({ argv: ["mytool"] })).exitCode).toBe(127);
  });

  test("a file that cannot be run is exit 126", async () => {
    expect((await localTransport().run({ argv: [join(directory, "plain")] })).exitCode).toBe(126);
  });

  test("says where its locks may live", () => {
    expect(localTransport({ environment: {} }).runDirectory).toBe("/run/sharewright");
    expect(localTransport({ environment: { SHAREWRIGHT_RUN_DIR: "/tmp/x" } }).runDirectory).toBe("/tmp/x");
  });

  describe("R-02: a command that no signal ends", () => {
    // As in uninterruptible sleep: signals are taken and do nothing.
    const unkillable = () => vi.spyOn(ChildProcess.prototype, "kill").mockReturnValue(true);
    const pidIn = (file: string) => Number(readFileSync(join(directory, file), "utf8"));
    const hanging = (file: string): Command => ({
      argv: ["/bin/sh", "-c", `echo $$ > ${join(directory, file)}; printf said; exec sleep 60`],
      timeoutMs: 300,
    });

    test("is not waited for: its result says that it is still there, and others run", async () => {
      const kill = unkillable();
      const transport = localTransport();
      try {
        const result = await transport.run(hanging("stuck"));
        expect(result).toMatchObject({ exitCode: null, timedOut: true, stuck: true, stdout: "said" });
        expect(kill.mock.calls).toEqual([["SIGTERM"], ["SIGKILL"]]);
        expect((await transport.run({ argv: ["true"] })).exitCode).toBe(0);
      } finally {
        kill.mockRestore();
        process.kill(pidIn("stuck"), "SIGKILL");
      }
    });

    test("keeps the locks that it inherited: whoever comes next waits for them, and is told whose they were", async () => {
      const kill = unkillable();
      const lock = join(directory, "stuck.lock");
      const told: string[] = [];
      const next = localTransport();
      const transport = localTransport();
      try {
        await transport.lock(lock, 1000, { name: "the hanging run", onWait: () => {} });
        await transport.run(hanging("holder"));
        await transport.close();
        const { result } = await next.lock(lock, 1000, { name: "next", onWait: (holder) => told.push(holder) });
        expect([result.exitCode, told]).toEqual([1, ["the hanging run"]]);
      } finally {
        kill.mockRestore();
        process.kill(pidIn("holder"), "SIGKILL");
      }
      expect((await next.lock(lock, 10_000, { name: "next", onWait: () => {} })).result.exitCode).toBe(0);
      await next.close();
    });

    test("does not keep our own process from ending", async () => {
      const program = join(directory, "leaves.mjs");
      const text = `import { ChildProcess } from "node:child_process";
import { writeFileSync } from "node:fs";
ChildProcess.prototype.kill = function () { writeFileSync(${JSON.stringify(join(directory, "left"))}, String(this.pid)); return true; };
const { localTransport } = await import(${JSON.stringify(source)});
const transport = localTransport();
const { stuck } = await transport.run({ argv: ["sleep", "60"], timeoutMs: 200 });
await transport.close();
process.exitCode = stuck ? 7 : 1;
`;
      writeFileSync(program, text);
      const ended = spawnSync(process.execPath, ["--import", "tsx", program], { cwd: process.cwd(), timeout: 40_000 });
      process.kill(pidIn("left"), "SIGKILL");
      expect(ended.status).toBe(7);
    });
  });

  test("loses nothing of what a command has said while this process stands still", async () => {
    const result = localTransport().run({ argv: ["/bin/sh", "-c", "(sleep 0.5; echo late; exec sleep 20) & echo first"] });
    await sleep(200);
    // Longer than a grandchild with open pipes is waited for; timers come before whatever can be read.
    await new Promise((resolve) => setImmediate(resolve));
    spawnSync("sleep", ["2.5"]);
    expect(await result).toMatchObject({ exitCode: 0, stdout: "first\nlate\n" });
  });

  test("R-02: a lock touches no data of its file, which keeps what was in it", async () => {
    const lock = join(directory, "old.lock");
    writeFileSync(lock, "the name that an earlier version left\n");
    const transport = localTransport();
    expect((await transport.lock(lock, 1000, { name: "us", onWait: () => {} })).result.exitCode).toBe(0);
    expect(readFileSync(lock, "utf8")).toBe("the name that an earlier version left\n");
    expect(readFileSync(`${lock}~holder`, "utf8")).toBe("us\n");
    await transport.close();
  });

  test("who holds a lock in the run directory leaves its name there without a command, and may be unable to", async () => {
    const ended: string[] = [];
    const environment = { ...process.env, SHAREWRIGHT_RUN_DIR: join(directory, "run") };
    const transport = localTransport({ environment, onEnd: ({ argv }) => ended.push(argv[0]) });
    mkdirSync(join(directory, "run/b~holder"), { recursive: true });
    for (const name of ["a", "b"])
      expect((await transport.lock(join(directory, "run", name), 1000, { name: "us", onWait: () => {} })).result.exitCode).toBe(
        0,
      );
    expect([readFileSync(join(directory, "run/a~holder"), "utf8"), ended]).toEqual(["us\n", ["flock", "flock"]]);
    const other = localTransport({ environment });
    const holders: string[] = [];
    await other.lock(join(directory, "run/a"), 0, { name: "other", onWait: (holder) => holders.push(holder) });
    expect(holders).toEqual(["us"]);
    await Promise.all([transport.close(), other.close()]);
  });

  test("tells of every command that ended", async () => {
    const ended: [Command, Result][] = [];
    const transport = localTransport({ onEnd: (command, result) => ended.push([command, result]) });
    const result = await transport.run({ argv: ["/bin/sh", "-c", "exit 7"] });
    expect(ended).toEqual([[{ argv: ["/bin/sh", "-c", "exit 7"] }, result]]);
  });
});
