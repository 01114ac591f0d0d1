// Executors as Terraform starts them: each with its request in the environment, against a sandbox of the test's own. They run within the test
// (in-process.ts), or as processes of the built bundle.
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { trustedNodemap } from "../../src/backends/lustre/access/trusted";
import { sandboxCommand } from "../../src/sandbox/commands";
import { changeInstruments } from "../../src/sandbox/instruments";
import type { State } from "../../src/sandbox/state";
import { changeState, files, readState } from "../../src/sandbox/store";
import { newWatch } from "../../src/sandbox/watch";
import type { FileSystemSpec, LustreVersion, RuleWire, ShareWire } from "../../src/spec/lustre";
import { ruleKey, shareKey } from "../../src/spec/name";
import { env } from "../../src/spec/request";
import { fileSystemSpec } from "../file-system";
import { bundle, captured, type Ended, execute, expectSuccess, type Hook, linesOf } from "./processes";

export { bundle, type Ended, execute, expectSuccess, type Hook, linesOf } from "./processes";

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

/** A stack as its hooks see it. Claims are named after stack and key, as if Terraform had made them once. */
export function stackOf(fileSystem: FileSystemSpec, id = fileSystem.owner.replace(/[^A-Za-z0-9]/g, "-")): TestStack {
  const request = { [env.fileSystem]: JSON.stringify(fileSystem) };
  const managed = (kind: string, key: string, claim: string, environment: Record<string, string>): Managed => ({
    key,
    apply: { args: ["hook", kind, "apply", key], environment: { ...request, [env.stack]: id, ...environment } },
    destroy: { args: ["hook", kind, "destroy", key], environment: { ...request, [env.claim]: claim } },
  });
  return {
    fileSystem,
    share(name, properties = {}) {
      const key = shareKey(fileSystem.pathPrefix, name);
      const wire: ShareWire = {
        claim: `${id} ${key}`,
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
        claim: `${id} ${key}`,
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

/** The same wish in the moment in which it takes over what is there. */
export function adopting({ apply, ...managed }: Managed): Managed {
  return { ...managed, apply: { ...apply, args: apply.args.map((word) => (word === "apply" ? "adopt" : word)) } };
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
  /** `id`: its random id. @default one for each label */
  stack(properties?: Partial<FileSystemSpec>, id?: string): TestStack;
  /** An executor within the test. */
  run(hook: Hook, environment?: Record<string, string>): Promise<Ended>;
  /** An executor as Terraform starts it: a process, and one for each of its commands. */
  spawn(hook: Hook, environment?: Record<string, string>): Promise<Ended>;
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

/** Whether a nodemap is one that hooks make. */
export function isCompiled({ name }: { name: string }): boolean {
  return name.startsWith("sw_") && name !== trustedNodemap;
}

export const serverNid = "10.0.0.1@tcp";

/** The export location of a share as the constructs write it. */
export function exportOf(path: string, version: LustreVersion = "2.17"): string {
  return `${serverNid}:/scratch${version === "2.16" ? "" : path}`;
}

export interface SiteOptions {
  version?: LustreVersion;
  /** Whether `run` is `spawn`: outside of tests, or where processes are what a file is about. */
  processes?: boolean;
  /** Whether a server answers stand-ins that are processes. @default true where `run` is `spawn` */
  resident?: boolean;
}

export async function startSite(options: SiteOptions = {}): Promise<TestSite> {
  const { version = "2.17", processes = false, resident = processes } = options;
  if (!existsSync(bundle)) throw new Error(`${bundle} is missing: run \`npm run build\` first`);
  const parent = mkdtempSync(join(tmpdir(), "sharewright-executor-"));
  const dir = join(parent, "sandbox");
  const start = [process.execPath, bundle, "sandbox", "start", "--dir", dir, "--lustre-version", version];
  expectSuccess(start, await execute([...start, ...(resident ? ["--resident", "--hours", "1"] : [])]));
  return siteAt(dir, version, parent, processes ? undefined : await import("./in-process"));
}

function siteAt(dir: string, version: LustreVersion, parent: string, inProcess?: typeof import("./in-process")): TestSite {
  const mount = join(dir, files.mnt);
  const environment = {
    PATH: `${join(dir, files.bin)}:${process.env["PATH"] ?? ""}`,
    SHAREWRIGHT_RUN_DIR: join(dir, files.run),
    SHAREWRIGHT_SANDBOX: dir,
    SHAREWRIGHT_SANDBOX_MOUNT: mount,
  };
  const spawnHook: TestSite["spawn"] = (hook, more) =>
    execute([process.execPath, bundle, ...hook.args], { ...environment, ...hook.environment, ...more });
  const run: TestSite["run"] = inProcess
    ? (hook, more = {}) => inProcess.hookWithin(dir, inProcess.newExecutor(), hook, more)
    : spawnHook;
  const quiet = { ...environment, SHAREWRIGHT_SANDBOX_QUIET: "1" };
  const site: TestSite = {
    dir,
    mount,
    environment,
    stack: (properties = {}, id) => stackOf(fileSystemSpec({ mountPoint: mount, lustreVersion: version, ...properties }), id),
    run,
    spawn: spawnHook,
    async succeed(hook) {
      return expectSuccess(hook.args, await run(hook));
    },
    async admin(...argv) {
      return expectSuccess(argv, await (inProcess ? inProcess.adminWithin(dir, argv) : execute(argv, quiet)));
    },
    sandbox: (...argv) => captured((io) => sandboxCommand(argv, { ...io, env: { ...process.env, ...environment }, cwd: dir })),
    async mountAs(nid, exported, ...options) {
      const { stdout, stderr } = await site.sandbox("mount-as", nid, exported, "--json", ...options);
      if (stdout === "") throw new Error(stderr);
      return JSON.parse(stdout) as ClientView;
    },
    state: () => readState(dir),
    change: (change) => changeState(dir, change),
    records: (folder) => recordsOf(join(mount, ".sharewright", folder)),
    watch: () =>
      changeInstruments(dir, (instruments) => {
        instruments.watch = newWatch(readState(dir), "sw_", [trustedNodemap]);
      }),
    violations: () => linesOf(join(dir, files.violations)),
    remove: () => rmSync(parent, { recursive: true, force: true }),
  };
  return site;
}

function recordsOf(folder: string): Record<string, Record<string, unknown>> {
  if (!existsSync(folder)) return {};
  const names = readdirSync(folder).filter((name) => name.endsWith(".json"));
  return Object.fromEntries(names.map((name) => [name, JSON.parse(readFileSync(join(folder, name), "utf8"))]));
}
