// Connecting in tests: pools that are closed at the end, and faults caught.
import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect } from "vitest";
import { renderError, ShareError } from "../../../src/core/errors";
import type { SshConnectionSpec } from "../../../src/spec/connection";
import type { Channel } from "../../../src/transports/ssh/channel";
import { type Connection, type ConnectionPool, connectionPool } from "../../../src/transports/ssh/connection";

export const hasSshKeygen = spawnSync("ssh-keygen", ["-?"]).error === undefined;

/** A directory with an empty home in it, removed at the end of the file. */
export function testDirectory(): { dir: string; home: string } {
  const dir = mkdtempSync(join(tmpdir(), "sharewright-ssh-"));
  const home = join(dir, "home");
  mkdirSync(join(home, ".ssh"), { recursive: true, mode: 0o700 });
  afterAll(() => rmSync(dir, { recursive: true, force: true }));
  return { dir, home };
}

export async function withPool<T>(
  { home, environment = {}, log }: { home: string; environment?: NodeJS.ProcessEnv; log?: (line: string) => void },
  work: (pool: ConnectionPool) => Promise<T>,
): Promise<T> {
  const pool = connectionPool({ home, environment, ...(log ? { log } : {}) });
  try {
    return await work(pool);
  } finally {
    await pool.close();
  }
}

export function ssh(spec: Omit<SshConnectionSpec, "type" | "hosts">, ...hosts: string[]): SshConnectionSpec {
  return { type: "ssh", hosts: hosts.length > 0 ? hosts : ["127.0.0.1"], ...spec };
}

/** Connects to the spec's first host, and says what a command prints there. */
export async function tryOut(around: Parameters<typeof withPool>[0], spec: SshConnectionSpec): Promise<Connection["facts"]> {
  return withPool(around, async (pool) => {
    const connection = await pool.connect(spec, spec.hosts[0] ?? "");
    expect(await outputOf(await connection.start("echo here"))).toEqual({
      ending: { exitCode: 0 },
      stdout: "here\n",
      stderr: "",
    });
    return connection.facts;
  });
}

/** `input`: null leaves the command's input open. */
export async function outputOf(channel: Channel, input: string | null = "") {
  const texts = { stdout: "", stderr: "" };
  channel.stdout.on("data", (chunk) => {
    texts.stdout += chunk;
  });
  channel.stderr.on("data", (chunk) => {
    texts.stderr += chunk;
  });
  if (input !== null) channel.stdin.end(input);
  const drained = [channel.stdout, channel.stderr].map(
    (stream) => new Promise<void>((resolve) => void stream.once("end", resolve).once("close", resolve)),
  );
  const ending = await channel.ended;
  // A server may tell of the end before it has sent all output, above all while keys are exchanged anew.
  await Promise.race([Promise.all(drained), new Promise((resolve) => setTimeout(resolve, 10_000).unref())]);
  return { ending, ...texts };
}

/** The fault with which work ends, rendered as people see it too. */
export async function faultOf(work: Promise<unknown>): Promise<{ code: string; text: string; error: ShareError }> {
  const error = await work.then(
    () => undefined,
    (thrown) => thrown,
  );
  if (!ShareError.isShareError(error)) throw error ?? new Error("no fault");
  return { code: error.code, text: renderError(error), error };
}
