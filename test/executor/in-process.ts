// Executors within the test's process: a front is called as a function, and so are the stand-ins, each of which would start Node, and most plain
// tools. Locks are kept here as the kernel keeps them for open files. What dies here is not a process: what it asks for from then on is never
// done, and its files are closed as the kernel would close them. Who wants the process itself takes `spawn` of a site.
import { AsyncLocalStorage } from "node:async_hooks";
import { existsSync } from "node:fs";
import { basename, join } from "node:path";
import { vi } from "vitest";
import type { Command, Result } from "../../src/core/command";
import { exitCodeOf, renderError } from "../../src/core/errors";
import type { Sink } from "../../src/core/log";
import { type Lock, lockOf, queueOf, type Transport } from "../../src/core/transport";
import { hostRoot } from "../../src/sandbox/gluster/files";
import { type HostName, isHostName } from "../../src/sandbox/hosts";
import type { Io } from "../../src/sandbox/io";
import { standIn } from "../../src/sandbox/stand-in";
import { files } from "../../src/sandbox/store";
import type { LocalOptions } from "../../src/transports/local";
import { openLocks } from "./open-locks";
import { plainly } from "./plain-tools";
import { captured, type Ended, execute, type Hook, sinkOf } from "./processes";

/** A command on its way to a host. */
export interface Asked {
  host: HostName;
  command: Command;
  /** Its words, joined by blanks. */
  text: string;
}

export type Around = (asked: Asked, run: () => Promise<Result>) => Promise<Result>;

/** What runs a hook or a command, and may die of it. */
export interface Executor {
  /** Stands around every command, and around `flock FILE` for the lock on a file. */
  around: Around;
  /** Hears every line as it is said. */
  onSay(text: string): void;
  connections: Connection[];
  /** Nothing that it asks for is done any more, nor heard of. */
  isDead: boolean;
}

interface Connection {
  host: HostName;
  /** Whether locks are held by it. */
  isLocked(): boolean;
  /** Lets go of its locks. */
  close(): void;
}

export function newExecutor(more: Partial<Executor> = {}): Executor {
  return { around: (_, run) => run(), onSay: () => {}, connections: [], isDead: false, ...more };
}

/** What a dead executor hears. */
const silence = new Promise<never>(() => {});

const executors = new AsyncLocalStorage<{ dir: string; executor: Executor }>();

/** For modules that are imported from then on in the same test file: where they have none already, files that share modules say it anew. */
export function standInForLocal(): void {
  vi.doMock("../../src/transports/local", async (importActual) => {
    const actual = await importActual<typeof import("../../src/transports/local")>();
    const localTransport = (options: LocalOptions = {}): Transport => {
      const running = executors.getStore();
      // Terraform's own environment is given, a host's is not.
      return running && options.environment === undefined
        ? transportWithin(running, options, actual.localTransport)
        : actual.localTransport(options);
    };
    return { ...actual, localTransport };
  });
}
standInForLocal();

type MakeTransport = (options: LocalOptions) => Transport;

function transportWithin(
  { dir, executor }: { dir: string; executor: Executor },
  { path = [], onEnd }: LocalOptions,
  localTransport: MakeTransport,
): Transport {
  const host = hostAt(dir, path);
  const environment = environmentOf(dir, host);
  const inner = localTransport({ environment });
  const living = <T>(work: () => Promise<T>): Promise<T> => (executor.isDead ? silence : work());
  const runAround = async (command: Command, run: () => Promise<Result>) => {
    const result = await living(() => executor.around({ host, command, text: command.argv.join(" ") }, run));
    return living(async () => result);
  };
  const runNow = async (command: Command, signal?: AbortSignal) => {
    const here = { dir, host, command, environment };
    const result = await runAround(command, () => commandWithin(here, (real) => inner.run(real, signal)));
    onEnd?.(command, result);
    return result;
  };
  // Once it is begun, the host does all of it, whoever is dead.
  const runWhole = async (commands: readonly Command[]) => {
    const results: Result[] = [];
    const whole = commands.flatMap(({ argv }) => [...argv, "&&"]).slice(0, -1) as [string, ...string[]];
    const last = await runAround({ argv: whole }, async () => {
      for (const command of commands) {
        results.push(await commandWithin({ dir, host, command, environment }, (real) => inner.run(real)));
        if (results.at(-1)?.exitCode !== 0) break;
      }
      return results.at(-1) as Result;
    });
    const ran = results.at(-1) === last ? results : [last];
    for (const [index, result] of ran.entries()) onEnd?.(commands[index] as Command, result);
    return ran;
  };
  const locks = openLocks();
  const lockNow = async (...[file, ...asked]: Parameters<Transport["lock"]>) => {
    let taken: Lock | undefined;
    const result = await runAround({ argv: ["flock", file] }, async () => {
      taken = await locks.lock(file, ...asked);
      if (executor.isDead) await taken.release();
      return taken.result;
    });
    return lockOf(result, async () => taken?.release());
  };
  executor.connections.push({ host, isLocked: locks.isAny, close: locks.close });
  const { run, runAll, lock, turns } = queueOf(runNow, lockNow, runWhole);
  return {
    runDirectory: inner.runDirectory,
    run,
    runAll,
    lock,
    async close() {
      await turns.idle();
      locks.close();
    },
  };
}

/** Tools of a host of the sandbox lie in hosts/HOST/bin; where a connection names no folder they are those of all. */
function hostAt(dir: string, [first]: readonly string[]): HostName {
  if (first === undefined || first === join(dir, files.bin)) return "all";
  const host = first.split("/").at(-2) ?? "";
  if (first === join(dir, files.hosts, host, files.bin) && isHostName(host)) return host;
  throw new Error(`${first} is no host of the sandbox: use \`spawn\``);
}

/** What an executor on a host finds in its environment. `PATH` without the stand-ins: they are called as functions. */
export function environmentOf(dir: string, host: HostName): NodeJS.ProcessEnv {
  // Hosts of GlusterFS share no directory.
  const run = host.startsWith("gluster") ? join(dir, files.run, host) : join(dir, files.run);
  return {
    ...process.env,
    SHAREWRIGHT_RUN_DIR: run,
    SHAREWRIGHT_SANDBOX: dir,
    SHAREWRIGHT_SANDBOX_MOUNT: join(dir, files.mnt),
  };
}

export interface Within {
  dir: string;
  host: HostName;
  command: Command;
  environment: NodeJS.ProcessEnv;
}

/** The tools that are our own code, whatever is switched on. */
const standIns = new Set([
  "lfs", "lctl", "stat", "find", "chown", "mv", "df", "findmnt", "getent", "gluster", "mount", "umount", "mountpoint", "mount.glusterfs",
  "getfattr", "setfattr",
]); // biome-ignore format: a list of words

const hanging = new Error("it waits for a target that is down");

/** A command as its host runs it: stand-ins are called, plain tools done here where that goes well, any other is a process. */
export async function commandWithin(
  { dir, host, command, environment }: Within,
  real: (command: Command) => Promise<Result>,
): Promise<Result> {
  const [tool, ...asked] = command.argv;
  const at = [host, "all" as const].find((one) => existsSync(binOf(dir, one, tool)));
  const words = ownWords(dir, host, tool, asked);
  const isWatched = () => [files.armed, files.degraded].some((name) => existsSync(join(dir, name)));
  if (at === undefined || !(standIns.has(tool) || isWatched())) return orPlainly({ ...command, argv: [tool, ...words] }, real);
  const said = { stdout: "", stderr: "" };
  const io: Io = {
    ...sinkOf(said),
    ...world(environment),
    hang: () => Promise.reject(hanging),
    async real(path, args) {
      const { exitCode, stdout, stderr } = await orPlainly({ ...command, argv: [basename(path), ...args] }, real);
      said.stdout += stdout;
      said.stderr += stderr;
      return exitCode ?? 1;
    },
  };
  const exitCode = await standIn(tool, [at, dir, ...words], io).catch((error: unknown) => {
    if (error !== hanging) throw error;
    return null;
  });
  return { exitCode, ...said, ms: 0, timedOut: exitCode === null, ...(exitCode === null ? { stuck: true } : {}) };
}

async function orPlainly(command: Command, real: (command: Command) => Promise<Result>): Promise<Result> {
  return plainly(command) ?? real(command);
}

/** Nobody is to be killed: a fault that kills its caller needs processes. */
export function world(env: NodeJS.ProcessEnv): Pick<Io, "env" | "cwd" | "process"> {
  return { env, cwd: "/", process: { pid: process.pid, ppid: 0 } };
}

function binOf(dir: string, host: HostName, tool: string): string {
  return join(dir, ...(host === "all" ? [] : [files.hosts, host]), files.bin, tool);
}

/** Bricks and certificates are each server's own, as the stand-ins' files have it; a mount is a link, which find follows. */
function ownWords(dir: string, host: HostName, tool: string, words: readonly string[]): string[] {
  if (!existsSync(hostRoot(dir, host))) return [...words];
  const own = words.map((word) =>
    /^(\/bricks(\/|$)|\/(etc|usr\/lib)\/ssl\/glusterfs\.)/.test(word) ? join(hostRoot(dir, host), word) : word,
  );
  return tool === "find" ? ["-H", ...own] : own;
}

/** Work that connects to hosts as an executor does. */
export function workWithin<T>(dir: string, executor: Executor, work: () => Promise<T>): Promise<T> {
  return executors.run({ dir, executor }, work);
}

/** Work of an executor, which ends as a process of it would. A dead one's never ends. */
export function within(dir: string, executor: Executor, work: (sink: Sink) => Promise<number>): Promise<Ended> {
  return captured((said) => {
    const stdout = (text: string) => {
      said.stdout(text);
      executor.onSay(text);
    };
    return workWithin(dir, executor, () =>
      work({ ...said, stdout }).catch((error: unknown) => {
        said.stderr(`${renderError(error)}\n`);
        return exitCodeOf(error);
      }),
    );
  });
}

export async function hookWithin(
  dir: string,
  executor: Executor,
  { args, environment }: Hook,
  more: Readonly<Record<string, string>> = {},
): Promise<Ended> {
  const { hook } = await import("../../src/fronts/hook");
  return within(dir, executor, (sink) => hook(args.slice(1), { ...environment, ...more }, sink));
}

/** What stands around the commands of an executor that is killed: `die` answers the one at which that happens. */
export type Strike = (asked: Asked, run: () => Promise<Result>, die: () => Promise<never>) => Promise<Result>;

/** Runs a hook until it is killed. Its locks are still held. */
export async function killWithin(dir: string, hook: Hook, strike: Strike): Promise<Executor> {
  let hasDied: () => void = () => {};
  const death = new Promise<undefined>((resolve) => {
    hasDied = () => resolve(undefined);
  });
  const executor = newExecutor({
    around: (asked, run) =>
      strike(asked, run, () => {
        executor.isDead = true;
        hasDied();
        return silence;
      }),
  });
  const ended = await Promise.race([death, hookWithin(dir, executor, hook)]);
  if (ended) throw new Error(`was not killed, but ended with exit ${ended.exitCode}\n${ended.stdout}${ended.stderr}`);
  return executor;
}

/** Closes what a dead executor has open. A command that goes on has inherited what was open on its host. */
export function letGo({ connections }: Executor, isOf: (host: HostName) => boolean = () => true): void {
  for (const { host, close } of connections) if (isOf(host)) close();
}

/** A command as an administrator types it: faults, log and watch do not see it. */
export async function adminWithin(dir: string, argv: readonly string[], host: HostName = "all"): Promise<Ended> {
  const [tool = "", ...words] = argv;
  const environment = { ...environmentOf(dir, host), SHAREWRIGHT_SANDBOX_QUIET: "1" };
  const command: Command = { argv: [tool, ...words] };
  const real = async ({ argv: [program, ...rest] }: Command) => resultOf(await execute([program, ...rest], environment));
  const { exitCode, stdout, stderr } = await commandWithin({ dir, host, command, environment }, real);
  return { exitCode, signal: null, stdout, stderr };
}

function resultOf({ exitCode, stdout, stderr }: Ended): Result {
  return { exitCode, timedOut: false, stdout, stderr, ms: 0 };
}
