// A stack beside a sandbox: cdk.tf.json as the constructs write it, a state as Terraform keeps it, and the commands as people type them.
import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { cli } from "../../src/fronts/cli";
import type { Desk } from "../../src/fronts/desk";
import { sandboxCommand } from "../../src/sandbox/commands";
import { env, stackResource } from "../../src/spec/request";
import { adminWithin, hookWithin, newExecutor, within } from "../executor/in-process";
import { captured } from "../executor/processes";
import { bundle, type Ended, execute, expectSuccess, type Managed, stackOf, type TestStack } from "../executor/support";
import { fileSystemSpec } from "../file-system";

export type Carrier = "null_resource" | "terraform_data";

const argumentOf = { null_resource: "triggers", terraform_data: "triggers_replace" } as const;

/** A name that Terraform allows, from a key: "shares/a#cpu" is "shares_a_cpu". */
export function resourceName(key: string): string {
  return key.replace(/[^A-Za-z0-9]/g, "_");
}

function kindOf({ apply }: Managed): string {
  return apply.args[1] ?? "";
}

function claimsName(kind: string): string {
  return `scratch_${kind === "lustre.share" ? "share" : "rule"}_claims`;
}

function triggersOf({ apply }: Managed): Record<string, string> {
  return JSON.parse(apply.environment[env.spec] ?? "{}") as Record<string, string>;
}

const kinds = ["lustre.share", "lustre.access-rule"] as const;

/** cdk.tf.json of these objects. `overrides` are triggers by key, written as they are: expressions, other values. */
export function stackDocument(
  carrier: Carrier,
  fileSystem: string,
  objects: readonly Managed[],
  overrides: Record<string, Record<string, string>> = {},
): Record<string, unknown> {
  const ofKind = (kind: string) => objects.filter((object) => kindOf(object) === kind);
  const shared = '${local.sharewright_file_systems["scratch/shares"]}';
  const hook = (kind: string, action: string, command: string, environment: Record<string, string>) => [
    {
      "local-exec": {
        command,
        environment: { NODE_EXTRA_CA_CERTS: "", [env.fileSystem]: action === "destroy" ? fileSystem : shared, ...environment },
        interpreter: ["node", "assets/sharewright/sharewright.cjs", "hook", kind, action],
        quiet: true,
        ...(action === "destroy" ? { when: "destroy" } : {}),
      },
    },
  ];
  const applied = objects.map((object) => [
    resourceName(object.key),
    {
      [argumentOf[carrier]]: {
        ...triggersOf(object),
        claim: `\${local.${claimsName(kindOf(object))}_ids["${object.key}"]}`,
        ...overrides[object.key],
      },
      provisioner: hook(kindOf(object), object.apply.args[2] ?? "", object.key, {
        [env.spec]: `\${jsonencode(self.${argumentOf[carrier]})}`,
      }),
    },
  ]);
  const claims = kinds.map((kind) => [
    claimsName(kind),
    {
      for_each: `\${local.${claimsName(kind)}}`,
      [argumentOf[carrier]]: { [kind === "lustre.share" ? "share" : "rule"]: "${each.key}" },
      provisioner: hook(kind, "destroy", "${each.key}", { [env.claim]: "${self.id}" }),
    },
  ]);
  return {
    "//": { metadata: { stackName: "stack" } },
    locals: {
      sharewright_file_systems: { "scratch/shares": fileSystem },
      ...Object.fromEntries(
        kinds.map((kind) => [claimsName(kind), Object.fromEntries(ofKind(kind).map(({ key }) => [key, {}]))]),
      ),
    },
    resource: { [carrier]: Object.fromEntries([...applied, ...claims]) },
  };
}

/** Terraform's state after these objects have been applied. */
export function stateDocument(
  carrier: Carrier,
  objects: readonly Managed[],
  tainted: readonly string[] = [],
): Record<string, unknown> {
  const attributes = (id: string, triggers: Record<string, string>) =>
    carrier === "null_resource" ? { id, triggers } : { id, triggers_replace: { value: triggers, type: ["object", {}] } };
  const resource = (name: string, instances: readonly unknown[]) => ({ mode: "managed", type: carrier, name, instances });
  return {
    version: 4,
    resources: [
      resource(stackResource, [{ attributes: { id: objects[0]?.apply.environment[env.stack] } }]),
      ...objects.map((object) =>
        resource(resourceName(object.key), [
          { ...(tainted.includes(object.key) ? { status: "tainted" } : {}), attributes: attributes("id", triggersOf(object)) },
        ]),
      ),
      ...kinds.map((kind) =>
        resource(
          claimsName(kind),
          objects
            .filter((object) => kindOf(object) === kind)
            .map((object) => ({
              index_key: object.key,
              attributes: attributes(triggersOf(object)["claim"] ?? "", {
                [kind === "lustre.share" ? "share" : "rule"]: object.key,
              }),
            })),
        ),
      ),
    ],
  };
}

export interface BenchOptions {
  version?: "2.16" | "2.17";
  fsName?: string;
  bare?: boolean;
}

export interface Bench {
  mount: string;
  /** The synthesized stack. */
  directory: string;
  stack: TestStack;
  /** Writes code and state without running a hook. */
  write(code: readonly Managed[], applied?: readonly Managed[], overrides?: Record<string, Record<string, string>>): void;
  /** Runs the hooks of objects as `terraform apply` would, and writes code and state. */
  deploy(...objects: Managed[]): Promise<void>;
  hook(hook: Managed["apply"]): Promise<string>;
  /** sharewright ARGUMENTS --stack ... */
  sharewright(...args: string[]): Promise<Ended>;
  /** The JSON document of a command. */
  json(...args: string[]): Promise<{ exitCode: number | null; document: Document }>;
  /** A command as an administrator types it; has to succeed. */
  admin(...argv: string[]): Promise<string>;
  remove(): void;
}

// biome-ignore lint/suspicious/noExplicitAny: tests reach into documents by name, and a wrong name fails them.
export type Document = any;

/** The folder of a synthesized stack, and a terraform that prints the `state.json` in it. */
export function stackFolder(parent: string): { directory: string; terraform: string } {
  const directory = join(parent, "work", "cdktf.out", "stacks", "stack");
  // `terraform init` leaves this folder behind; without it no state is asked for.
  mkdirSync(join(directory, ".terraform"), { recursive: true });
  const terraform = join(parent, "terraform");
  writeFileSync(
    terraform,
    `#!/bin/sh\ncase "$*" in *"state pull"*) cat ${directory}/state.json;; *) echo "Terraform v1.11.4";; esac\n`,
  );
  chmodSync(terraform, 0o755);
  return { directory, terraform };
}

export async function startBench({ version = "2.17", fsName = "scratch", bare = false }: BenchOptions = {}): Promise<Bench> {
  const parent = mkdtempSync(join(tmpdir(), "sharewright-fronts-"));
  const sandbox = join(parent, "sandbox");
  const options = ["--dir", sandbox, "--lustre-version", version, "--fs-name", fsName, ...(bare ? ["--bare"] : [])];
  const start = [process.execPath, bundle, "sandbox", "start", ...options];
  expectSuccess(start, await execute(start));
  const { directory, terraform } = stackFolder(parent);
  const environment = {
    PATH: `${join(sandbox, "bin")}:${process.env["PATH"] ?? ""}`,
    SHAREWRIGHT_RUN_DIR: join(sandbox, "run"),
    SHAREWRIGHT_SANDBOX: sandbox,
    TERRAFORM_BINARY_NAME: terraform,
  };
  const mount = join(sandbox, "mnt");
  const stack = stackOf(fileSystemSpec({ fsName, mountPoint: mount, lustreVersion: version }));
  const run = (args: readonly string[]) => commandWithin(sandbox, args, environment, join(parent, "work"));
  const bench: Bench = {
    mount,
    directory,
    stack,
    write(code, applied = [], overrides = {}) {
      const fileSystem = JSON.stringify(bench.stack.fileSystem);
      writeFileSync(join(directory, "cdk.tf.json"), JSON.stringify(stackDocument("terraform_data", fileSystem, code, overrides)));
      writeFileSync(
        join(directory, "state.json"),
        applied.length === 0 ? "" : JSON.stringify(stateDocument("terraform_data", applied)),
      );
    },
    async deploy(...objects) {
      for (const object of objects) await bench.hook(object.apply);
      bench.write(objects, objects);
    },
    async hook(hook) {
      return expectSuccess(hook.args, await hookWithin(sandbox, newExecutor(), hook, environment));
    },
    sharewright: (...args) => run(args),
    async json(...args) {
      const ended = await run([...args, "--json"]);
      expectJson(ended);
      return { exitCode: ended.exitCode, document: JSON.parse(ended.stdout) };
    },
    async admin(...argv) {
      return expectSuccess(argv, await adminWithin(sandbox, argv));
    },
    remove: () => rmSync(parent, { recursive: true, force: true }),
  };
  bench.write([]);
  return bench;
}

function expectJson({ stdout, stderr, exitCode }: Ended): void {
  if (!stdout.startsWith("{")) throw new Error(`no document, exit ${exitCode}\n${stdout}${stderr}`);
}

/** Text with what differs from run to run left out. */
export function stable(bench: Bench, text: string): string {
  const shown = text.replaceAll(bench.mount, "MOUNT");
  // The binary is a stub in a folder of its own.
  return shown.replaceAll(/\S+\/terraform -chdir/g, "terraform -chdir");
}

/**
 * What `sharewright` does, as an administrator of that sandbox types it, with its executor and the stand-ins within this process. That the bundle
 * does the same as a process is shown by the demos and the acceptance, which run each command.
 */
export function commandWithin(
  sandbox: string,
  args: readonly string[],
  more: NodeJS.ProcessEnv,
  workingDirectory: string,
): Promise<Ended> {
  const environment = { ...process.env, ...more };
  const [front, ...rest] = args;
  if (front === "sandbox") return captured((sink) => sandboxCommand(rest, { ...sink, env: environment, cwd: workingDirectory }));
  const options = { streams: { stdout: {}, stderr: {} }, workingDirectory };
  return within(sandbox, newExecutor(), (sink) => cli(args, environment, sink, options));
}

/** Runs the command line within this process; what it starts are processes. */
export async function runCli(
  args: readonly string[],
  environment: NodeJS.ProcessEnv,
  workingDirectory: string,
  desks?: readonly Desk[],
  stdin?: AsyncIterable<string>,
) {
  const said = { stdout: "", stderr: "" };
  const collect = (name: keyof typeof said) => (text: string) => {
    said[name] += text;
  };
  const sink = { stdout: collect("stdout"), stderr: collect("stderr") };
  const exitCode = await cli(args, environment, sink, {
    streams: { stdout: {}, stderr: {} },
    workingDirectory,
    ...(desks ? { desks } : {}),
    ...(stdin ? { stdin } : {}),
  });
  return { ...said, exitCode };
}
