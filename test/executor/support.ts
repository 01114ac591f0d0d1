// Executors as Terraform starts them: hook processes of the built bundle, each with its request in the environment, against a sandbox of
// the test's own.
import { type ChildProcess, spawn } from "node:child_process";
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Writable } from "node:stream";
import { changeInstruments } from "../../src/sandbox/instruments";
import type { State } from "../../src/sandbox/state";
import { changeState, files, readState } from "../../src/sandbox/store";
import { newWatch } from "../../src/sandbox/watch";
import type { FileSystemSpec, LustreVersion, RuleWire, ShareWire } from "../../src/spec/lustre";
import { ruleKey, shareKey } from "../../src/spec/name";
import { env } from "../../src/spec/request";
import { fileSystemSpec } from "../file-system";

export const bundle = process.env["SHAREWRIGHT_BUNDLE"] ?? join(__dirname, "../../dist/sharewright.cjs");

export interface Ended {
  exitCode: number | null;
  signal: NodeJS.Signals | null;
  stdout: string;
  stderr: string;
}

interface Execution {
  timeoutMs?: number;
  cwd?: string;
  /** Called when the program writes to file 3; it may read file 4 to wait for the end of the call. */
  afterCommand?: () => void;
  /** Called at once: to follow its output, or to kill it. */
  started?: (child: ChildProcess) => void;
}

/** Runs a program to its end, or kills it: no test leaves a process behind. */
export function execute(
  argv: readonly string[],
  environment: NodeJS.ProcessEnv = {},
  { timeoutMs = 500_000, cwd, afterCommand, started }: Execution = {},
): Promise<Ended> {
  const [program = "", ...args] = argv;
  return new Promise((resolve, reject) => {
    const child = spawn(program, args, {
      env: { ...process.env, NODE_EXTRA_CA_CERTS: "", ...environment },
      stdio: ["ignore", "pipe", "pipe", ...(afterCommand ? (["pipe", "pipe"] as const) : [])],
      timeout: timeoutMs,
      killSignal: "SIGKILL",
      ...(cwd ? { cwd } : {}),
    });
    const output = { stdout: "", stderr: "" };
    const collect = (name: keyof typeof output) =>
      child[name]?.setEncoding("utf8").on("data", (text: string) => {
        output[name] += text;
      });
    collect("stdout");
    collect("stderr");
    if (afterCommand) listen(child, afterCommand);
    started?.(child);
    child.on("error", reject);
    // Not "close": a command that outlives its executor may keep the pipes open, which is what the crash sweep is about.
    child.on("exit", (exitCode, signal) => setImmediate(() => resolve({ exitCode, signal, ...output })));
  });
}

function listen(child: ChildProcess, afterCommand: () => void): void {
  const [, , , asks, answers] = child.stdio;
  asks?.on("data", () => {
    afterCommand();
    (answers as Writable).write("!");
  });
  answers?.on("error", () => {}); // killed while it waited
  asks?.on("error", () => {});
}

/** What Terraform starts: the arguments after `node BUNDLE` and the request. */
export interface Hook {
  args: readonly string[];
  environment: Record<string, string>;
}

type ShareProperties = Partial<Omit<ShareWire, "path" | "export_location" | "mount_command" | "fstab_entry">>;
type RuleProperties = Partial<RuleWire> & { clients: string; keys?: readonly string[] };

/** One claim with its two hooks. */
export interface Managed {
  key: string;
  apply: Hook;
  destroy: Hook;
}

export interface TestStack {
  fileSystem: FileSystemSpec;
  share(name: string, properties?: ShareProperties): Managed;
  rule(share: string, name: string, properties: RuleProperties): Managed;
}

/** A stack as its hooks see it. Claims are named after owner and key, as if Terraform had made them once. */
export function stackOf(fileSystem: FileSystemSpec): TestStack {
  const request = { [env.fileSystem]: JSON.stringify(fileSystem) };
  const managed = (kind: string, key: string, claim: string, environment: Record<string, string>): Managed => ({
    key,
    apply: { args: ["hook", kind, "apply", key], environment: { ...request, ...environment } },
    destroy: { args: ["hook", kind, "destroy", key], environment: { ...request, [env.claim]: claim } },
  });
  return {
    fileSystem,
    share(name, properties = {}) {
      const key = shareKey(fileSystem.pathPrefix, name);
      const wire: ShareWire = {
        claim: `${fileSystem.owner} ${key}`,
        fileset: `/${key}`,
        path: "-",
        export_location: "-",
        mount_command: "-",
        fstab_entry: "-",
        size: "10 TiB",
        owner: "1000:1000",
        mode: "0770",
        removal_policy: "retain",
        ...properties,
      };
      return managed("lustre.share", key, wire.claim, { [env.spec]: JSON.stringify(wire) });
    },
    rule(share, name, { keys, ...properties }) {
      const key = ruleKey(shareKey(fileSystem.pathPrefix, share), name);
      const wire: RuleWire = {
        claim: `${fileSystem.owner} ${key}`,
        share: shareKey(fileSystem.pathPrefix, share),
        fileset: `/${shareKey(fileSystem.pathPrefix, share)}`,
        level: "rw",
        squash: "root",
        ...properties,
      };
      // Of the others only their names count here.
      const unknown = (key: string) => ({ level: "rw", squash: `=${key}`, clients: `=${key}` });
      const siblings = keys
        ? { [`${env.rules}_0`]: JSON.stringify(Object.fromEntries(keys.map((each) => [each, unknown(each)]))) }
        : {};
      return managed("lustre.access-rule", key, wire.claim, { [env.spec]: JSON.stringify(wire), ...siblings });
    },
  };
}

/** What `sandbox mount-as --json` says. */
export interface ClientView {
  nodemap: string;
  exit: number;
  error: string;
  root?: string;
  access?: "rw" | "ro";
  identity?: string;
  df?: { kib: number; usedKib: number };
  entries?: string[];
  remountExit?: number;
  write?: { errno: number; error: string };
}

export interface TestSite {
  dir: string;
  mount: string;
  /** What `sandbox env` exports. */
  environment: Record<string, string>;
  stack(properties?: Partial<FileSystemSpec>): TestStack;
  run(hook: Hook, environment?: Record<string, string>): Promise<Ended>;
  /** Runs a hook that has to succeed; returns what it said. */
  succeed(hook: Hook): Promise<string>;
  /** A command as an administrator types it; has to succeed. Faults, log and watch do not see it. */
  admin(...argv: string[]): Promise<string>;
  sandbox(...argv: string[]): Promise<Ended>;
  mountAs(nid: string, exported: string, ...options: string[]): Promise<ClientView>;
  state(): State;
  change(change: (state: State) => void): void;
  /** Records of one folder, by file name. */
  records(folder: "shares" | "rules" | "nodemaps" | "trash"): Record<string, Record<string, unknown>>;
  watch(): void;
  violations(): string[];
  remove(): void;
}

export const serverNid = "10.0.0.1@tcp";

/** The export location of a share as the constructs write it. */
export function exportOf(path: string, version: LustreVersion = "2.17"): string {
  return `${serverNid}:/scratch${version === "2.16" ? "" : path}`;
}

export async function startSite({ version = "2.17" }: { version?: LustreVersion } = {}): Promise<TestSite> {
  if (!existsSync(bundle)) throw new Error(`${bundle} is missing: run \`npm run build\` first`);
  const parent = mkdtempSync(join(tmpdir(), "sharewright-executor-"));
  const dir = join(parent, "sandbox");
  const started = await execute([process.execPath, bundle, "sandbox", "start", "--dir", dir, "--lustre-version", version]);
  if (started.exitCode !== 0) throw new Error(started.stderr);
  return siteAt(dir, version, parent);
}

function siteAt(dir: string, version: LustreVersion, parent: string): TestSite {
  const mount = join(dir, files.mnt);
  const environment = {
    PATH: `${join(dir, files.bin)}:${process.env["PATH"] ?? ""}`,
    SHAREWRIGHT_RUN_DIR: join(dir, files.run),
    SHAREWRIGHT_SANDBOX: dir,
    SHAREWRIGHT_SANDBOX_MOUNT: mount,
  };
  const sharewright = (args: readonly string[], more = {}) =>
    execute([process.execPath, bundle, ...args], { ...environment, ...more });
  const run: TestSite["run"] = (hook, more) => sharewright(hook.args, { ...hook.environment, ...more });
  return {
    dir,
    mount,
    environment,
    stack: (properties = {}) => stackOf(fileSystemSpec({ mountPoint: mount, lustreVersion: version, ...properties })),
    run,
    async succeed(hook) {
      return expectSuccess(hook.args, await run(hook));
    },
    async admin(...argv) {
      return expectSuccess(argv, await execute(argv, { ...environment, SHAREWRIGHT_SANDBOX_QUIET: "1" }));
    },
    sandbox: (...argv) => sharewright(["sandbox", ...argv]),
    async mountAs(nid, exported, ...options) {
      const { stdout, stderr } = await sharewright(["sandbox", "mount-as", nid, exported, "--json", ...options]);
      if (stdout === "") throw new Error(stderr);
      return JSON.parse(stdout) as ClientView;
    },
    state: () => readState(dir),
    change: (change) => changeState(dir, change),
    records: (folder) => recordsOf(join(mount, ".sharewright", folder)),
    watch: () =>
      changeInstruments(dir, (instruments) => {
        instruments.watch = newWatch(readState(dir), "sw_", []);
      }),
    violations: () => linesOf(join(dir, files.violations)),
    remove: () => rmSync(parent, { recursive: true, force: true }),
  };
}

export function expectSuccess(argv: readonly string[], ended: Ended): string {
  if (ended.exitCode === 0) return ended.stdout;
  throw new Error(`${argv.join(" ")}: exit ${ended.exitCode ?? ended.signal}\n${ended.stdout}${ended.stderr}`);
}

function recordsOf(folder: string): Record<string, Record<string, unknown>> {
  if (!existsSync(folder)) return {};
  const names = readdirSync(folder).filter((name) => name.endsWith(".json"));
  return Object.fromEntries(names.map((name) => [name, JSON.parse(readFileSync(join(folder, name), "utf8"))]));
}

export function linesOf(path: string): string[] {
  return existsSync(path) ? readFileSync(path, "utf8").split("\n").filter(Boolean) : [];
}
