// A sandbox for a test, its commands run in this process.
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { sandboxCommand } from "../../src/sandbox/commands";
import type { HostName } from "../../src/sandbox/hosts";
import type { Io } from "../../src/sandbox/io";
import { standIn } from "../../src/sandbox/stand-in";
import { startSandbox } from "../../src/sandbox/start";
import type { LustreVersion, State } from "../../src/sandbox/state";
import { changeState, readState } from "../../src/sandbox/store";

export interface Answer {
  exit: number;
  stdout: string;
  stderr: string;
  /** It waits for a target that is down, having said this much. */
  hangs?: true;
}

const hanging = new Error("it hangs");

export interface TestSandbox {
  dir: string;
  mount: string;
  state: () => State;
  change: (change: (state: State) => void) => void;
  run: (command: readonly string[], options?: { host?: HostName; uid?: number; cwd?: string }) => Promise<Answer>;
  /** `sharewright sandbox ...` */
  operate: (...argv: string[]) => Promise<Answer>;
  remove: () => void;
}

export function makeSandbox({
  version = "2.17.0",
  bare = false,
  fsName = "scratch",
  clusters = 0,
}: {
  version?: LustreVersion;
  bare?: boolean;
  fsName?: string;
  clusters?: number;
} = {}): TestSandbox {
  const parent = mkdtempSync(join(tmpdir(), "sandbox-test-"));
  const dir = startSandbox({ dir: join(parent, "sandbox"), path: process.env["PATH"] ?? "", version, fsName, bare, clusters });
  const captured = async (work: (io: Pick<Io, "stdout" | "stderr" | "hang">) => Promise<number>): Promise<Answer> => {
    const answer: Answer = { exit: 0, stdout: "", stderr: "" };
    const io: Pick<Io, "stdout" | "stderr" | "hang"> = {
      stdout: (text) => {
        answer.stdout += text;
      },
      stderr: (text) => {
        answer.stderr += text;
      },
      hang: () => Promise.reject(hanging),
    };
    try {
      answer.exit = await work(io);
    } catch (error) {
      if (error !== hanging) throw error;
      Object.assign(answer, { exit: 124, hangs: true });
    }
    return answer;
  };
  return {
    dir,
    mount: join(dir, "mnt"),
    state: () => readState(dir),
    change: (change) => changeState(dir, change),
    run: ([tool = "", ...args], { host = "all", uid = 0, cwd = dir } = {}) =>
      captured((io) =>
        standIn(tool, [host, dir, ...args], { ...io, cwd, env: { ...process.env, SHAREWRIGHT_SANDBOX_UID: String(uid) } }),
      ),
    operate: (...argv) =>
      captured((io) => sandboxCommand(argv, { ...io, cwd: dir, env: { ...process.env, SHAREWRIGHT_SANDBOX: dir } })),
    remove: () => rmSync(parent, { recursive: true, force: true }),
  };
}
