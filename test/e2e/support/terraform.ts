// End-to-end tests: a working directory with a sandbox and any number of stacks, on the real Terraform or OpenTofu.
import { spawn } from "node:child_process";
import { createHash } from "node:crypto";
import { cpSync, existsSync, mkdirSync, mkdtempSync, renameSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import * as cdktf from "cdktf";
import { Connection, type LustreFileSystemProps } from "../../../lib";
import { findNullProvider, type NullProvider } from "../../../scripts/null-provider.mjs";
import { terraformBinary } from "../../../scripts/terraform.mjs";
import { cli } from "../../../src/fronts/cli";
import { sandboxCommand } from "../../../src/sandbox/commands";
import { captured } from "../../executor/processes";

// From the stack's folder; the same for every stack, so that all can share one `terraform init`.
const statePath = "../../terraform.tfstate";
const bundle = join(__dirname, "../../../dist/sharewright.cjs");

/** Terraform and its providers live for a moment: collecting what they no longer need is a fourth of their CPU. */
export const thrift = { GOGC: "off", GOMEMLIMIT: "400MiB" } as const;

/** Loaded when a test asks for it. Its classes are not assignable to those of cdktf; what they are used for here is. */
const frameworks = { cdktf: () => cdktf, cdktn: () => require("cdktn") as typeof cdktf };

export type CarrierName = "null_resource" | "terraform_data";
/** How the file system's hosts are reached. */
export type Hosts = Pick<LustreFileSystemProps, "client" | "mgs" | "mds">;
/** Fills a stack; `mountPoint` is where the sandbox's file system is mounted. */
export type BuildStack = (stack: cdktf.TerraformStack, mountPoint: string, hosts: Hosts) => void;

export interface Ended {
  readonly exitCode: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** The parts of `terraform show -json PLAN` that tests look at. */
interface Plan {
  readonly resource_changes?: readonly { readonly address: string; readonly change: { readonly actions: readonly string[] } }[];
}

export interface Planned extends Ended {
  /**
   * What Terraform does, by address: "create", "update", "delete", "delete+create"; resources without a change are left out. Asked for only
   * where a test looks at it: it takes Terraform once more.
   */
  actions(): Promise<Readonly<Record<string, string>>>;
}

export interface StackBench {
  /** The synthesized stack, where Terraform runs and which `sharewright plan` reads. */
  readonly dir: string;
  /** Synthesizes into the same folder again, as the next version of the code would. */
  synth(build: BuildStack): void;
  plan(build?: BuildStack, ...args: string[]): Promise<Planned>;
  /** In one go, as users do it. */
  apply(build?: BuildStack, ...args: string[]): Promise<Ended>;
  /** What was planned last. */
  applyPlan(...args: string[]): Promise<Ended>;
  destroy(...args: string[]): Promise<Ended>;
  /** Any other command: state, output, untaint. */
  terraform(...args: string[]): Promise<Ended>;
}

export interface Workbench {
  readonly dir: string;
  readonly mountPoint: string;
  readonly env: NodeJS.ProcessEnv;
  readonly carrier: CarrierName;
  /** A stack with its own app and state; the same name is the same stack. */
  stack(name?: string, carrier?: CarrierName, framework?: keyof typeof frameworks): StackBench;
  /** The bundle: `plan DIR`, ... in the sandbox's environment. What an operator does with the sandbox is done within the test. */
  sharewright(...args: string[]): Promise<Ended>;
  remove(): Promise<void>;
}

export interface WorkbenchOptions {
  /** @default terraform_data */
  readonly carrier?: CarrierName;
  /** What stacks are made of. @default cdktf */
  readonly framework?: keyof typeof frameworks;
  /** More arguments of `sandbox start`. */
  readonly sandbox?: readonly string[];
  /** Where a real Lustre is mounted, to use it in place of a sandbox, carried by terraform_data only; "": no Lustre at all. */
  readonly realMount?: string;
  /** Whether commands are done within this process, with its environment: hosts then have to name where their tools are. */
  readonly within?: boolean;
  /** Made if it is not there; removed at the end. @default a new one below the temporary directory */
  readonly workDir?: string;
  /** How long Terraform or a command may take. @default 15 minutes */
  readonly boundMs?: number;
  /** Makes the way to the sandbox's hosts. @default all roles are this machine */
  readonly reach?: (sandbox: string) => Promise<{ hosts: Hosts; stop(): Promise<void> }>;
}

/** Where null_resource comes from on this machine, for the title or output of a test that uses it. */
export async function nullResource(): Promise<{ available: boolean; how: string }> {
  return findNullProvider();
}

export async function makeWorkbench({
  carrier = "terraform_data",
  framework = "cdktf",
  sandbox = [],
  realMount,
  within = false,
  workDir,
  boundMs = 900_000,
  reach = async () => ({ hosts: { client: Connection.local() }, stop: async () => {} }),
}: WorkbenchOptions = {}): Promise<Workbench> {
  const dir = workDir ?? mkdtempSync(join(tmpdir(), "sharewright-e2e-"));
  mkdirSync(dir, { recursive: true });
  const sandboxDir = join(dir, "sandbox");
  const provider = realMount ? noProvider : await findNullProvider();
  const plain: NodeJS.ProcessEnv = {
    ...process.env,
    ...provider.env,
    ...thrift,
    CHECKPOINT_DISABLE: "1",
    // Every hook would read and parse the certificates, and needs none.
    NODE_EXTRA_CA_CERTS: "",
    TF_IN_AUTOMATION: "1",
    TF_INPUT: "0",
  };
  const run = (env: NodeJS.ProcessEnv, ...args: string[]) => ended(process.execPath, [bundle, ...args], dir, env, boundMs);
  const startSandbox = async (): Promise<NodeJS.ProcessEnv> => {
    mustSucceed(await run(plain, "sandbox", "start", "--resident", "--dir", sandboxDir, ...sandbox));
    const exported = mustSucceed(await run(plain, "sandbox", "env", "--dir", sandboxDir, "--json"));
    return { ...plain, ...(JSON.parse(exported.stdout) as Record<string, string>) };
  };
  const env = realMount === undefined ? await startSandbox() : plain;
  const { hosts, stop } = await reach(sandboxDir);
  const mountPoint = realMount ?? env["SHAREWRIGHT_SANDBOX_MOUNT"] ?? "";

  return {
    dir,
    mountPoint,
    env,
    carrier,
    stack: (name = "stack", stackCarrier = carrier, stackFramework = framework) => {
      if (stackCarrier === "null_resource" && !provider.available) throw new Error(provider.how);
      return stackBench({
        dir,
        env,
        mountPoint,
        hosts,
        name,
        carrier: stackCarrier,
        framework: stackFramework,
        provider,
        boundMs,
      });
    },
    sharewright: (...args) => (within || args[0] === "sandbox" ? runWithin(args, env, dir) : run(env, ...args)),
    remove: async () => {
      await stop();
      if (realMount === undefined) await run(env, "sandbox", "stop", "--dir", sandboxDir);
      rmSync(dir, { recursive: true, force: true });
    },
  };
}

async function runWithin([front = "", ...rest]: string[], env: NodeJS.ProcessEnv, cwd: string): Promise<Ended> {
  const { exitCode, stdout, stderr } = await captured((sink) =>
    front === "sandbox"
      ? sandboxCommand(rest, { ...sink, env, cwd })
      : cli([front, ...rest], env, sink, { workingDirectory: cwd }),
  );
  return { exitCode: exitCode ?? -1, stdout, stderr };
}

const noProvider: NullProvider = { available: false, how: "a real Lustre needs no null_resource", env: {} };

interface StackSetting {
  readonly dir: string;
  readonly env: NodeJS.ProcessEnv;
  readonly mountPoint: string;
  readonly hosts: Hosts;
  readonly name: string;
  readonly carrier: CarrierName;
  readonly framework: keyof typeof frameworks;
  readonly provider: NullProvider;
  readonly boundMs: number;
}

function stackBench({ dir, env, mountPoint, hosts, name, carrier, framework, provider, boundMs }: StackSetting): StackBench {
  const outdir = join(dir, `${name}.out`);
  const stackDir = join(outdir, "stacks", name);
  const { command } = terraformBinary() ?? { command: "terraform" };
  let initialized: CarrierName | undefined;
  const terraform = async (...args: string[]): Promise<Ended> => {
    if (initialized !== carrier) await init(command, stackDir, env, carrier, provider);
    initialized = carrier;
    return ended(command, args, stackDir, env, boundMs);
  };
  const synth = (build: BuildStack): void => {
    const { App, LocalBackend, TerraformStack } = frameworks[framework]();
    const app = new App({ outdir, context: { "sharewright:carrier": carrier } });
    const stack = new TerraformStack(app, name);
    new LocalBackend(stack, { path: statePath });
    build(stack, mountPoint, hosts);
    app.synth();
  };
  const plan = async (build?: BuildStack, ...args: string[]): Promise<Planned> => {
    if (build) synth(build);
    const planned = await terraform("plan", "-no-color", "-out=tfplan", ...args);
    const actions = async () => actionsOf(JSON.parse(mustSucceed(await terraform("show", "-json", "tfplan")).stdout) as Plan);
    return { ...planned, actions };
  };
  return {
    dir: stackDir,
    synth,
    plan,
    apply: async (build, ...args) => {
      if (build) synth(build);
      return terraform("apply", "-no-color", "-auto-approve", ...args);
    },
    applyPlan: (...args) => terraform("apply", "-no-color", ...args, "tfplan"),
    destroy: (...args) => terraform("destroy", "-no-color", "-auto-approve", ...args),
    terraform,
  };
}

function actionsOf(plan: Plan): Record<string, string> {
  const changes = plan.resource_changes ?? [];
  return Object.fromEntries(
    changes
      .map(({ address, change }) => [address, change.actions.join("+")] as const)
      .filter(([, actions]) => actions !== "no-op" && actions !== "read"),
  );
}

// `terraform init` runs once for each carrier; every other stack, of any process, gets a copy of what it made.
const kept = ["terraform.tfstate", "providers"].map((name) => join(".terraform", name)).concat(".terraform.lock.hcl");
const stashes = join(__dirname, "../../../.cache/terraform-init");

async function init(
  command: string,
  stackDir: string,
  env: NodeJS.ProcessEnv,
  carrier: CarrierName,
  provider: NullProvider,
): Promise<void> {
  const copy = (from: string, to: string) => {
    mkdirSync(join(to, ".terraform"), { recursive: true });
    for (const name of kept.filter((name) => existsSync(join(from, name))))
      cpSync(join(from, name), join(to, name), { recursive: true, verbatimSymlinks: true });
  };
  // A state may need the provider of the carrier that it was made with.
  const isNew = !existsSync(join(stackDir, statePath));
  const origin = JSON.stringify([terraformBinary(), provider]);
  const stash = join(stashes, `${carrier}-${createHash("sha256").update(origin).digest("hex").slice(0, 12)}`);
  if (isNew && existsSync(stash)) return copy(stash, stackDir);
  mustSucceed(await ended(command, ["init", "-no-color"], stackDir, env));
  if (!isNew) return;
  mkdirSync(stashes, { recursive: true });
  const made = mkdtempSync(`${stash}.`);
  copy(stackDir, made);
  try {
    renameSync(made, stash);
  } catch {
    // Another process was faster.
    rmSync(made, { recursive: true, force: true });
  }
}

export function ended(
  command: string,
  args: readonly string[],
  cwd: string,
  env: NodeJS.ProcessEnv,
  boundMs = 900_000,
): Promise<Ended> {
  return new Promise((resolve, reject) => {
    // Terraform ends its hooks when it is asked to end: nothing outlives a test for long.
    const child = spawn(command, args, { cwd, env, stdio: ["ignore", "pipe", "pipe"], timeout: boundMs });
    const heard = { stdout: "", stderr: "" };
    child.stdout.setEncoding("utf8").on("data", (text: string) => {
      heard.stdout += text;
    });
    child.stderr.setEncoding("utf8").on("data", (text: string) => {
      heard.stderr += text;
    });
    child.on("error", reject);
    child.on("close", (code) => resolve({ exitCode: code ?? -1, ...heard }));
  });
}

function mustSucceed(result: Ended): Ended {
  if (result.exitCode === 0) return result;
  throw new Error(`exit ${result.exitCode}\n${result.stdout}${result.stderr}`);
}
