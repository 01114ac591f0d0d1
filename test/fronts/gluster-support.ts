// A stack of GlusterFS objects beside a sandbox with clusters: cdk.tf.json as the constructs write it, a state as Terraform keeps it, and the
// commands as people type them.
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { ClusterSpec } from "../../src/spec/gluster";
import { env, stackResource } from "../../src/spec/request";
import { type GlusterStack, stackOn } from "../executor/gluster/stack";
import { adminWithin, hookWithin, newExecutor } from "../executor/in-process";
import { bundle, type Ended, execute, expectSuccess, type Managed } from "../executor/support";
import { commandWithin, type Document, resourceName, stackFolder } from "./support";

const claimBlocks = {
  "gluster.share": { name: "gluster_share_claims", noun: "share" },
  "gluster.access-rule": { name: "gluster_rule_claims", noun: "rule" },
  "gluster.snapshot": { name: "gluster_snapshot_claims", noun: "snapshot" },
} as const;
type GlusterKind = keyof typeof claimBlocks;

const kindOf = ({ apply }: Managed) => apply.args[1] as GlusterKind;
const triggersOf = ({ apply }: Managed) => JSON.parse(apply.environment[env.spec] ?? "{}") as Record<string, string>;
const blocks = Object.entries(claimBlocks) as [GlusterKind, (typeof claimBlocks)[GlusterKind]][];

/** cdk.tf.json of these objects. `overrides` are triggers by key, written as they are: expressions, other values. */
export function glusterStackDocument(
  clusters: readonly ClusterSpec[],
  objects: readonly Managed[],
  overrides: Record<string, Record<string, string>> = {},
): Record<string, unknown> {
  const shared = `[${clusters.map(({ name }) => `\${local.sharewright_clusters["${name}"]}`).join()}]`;
  const hook = (kind: string, action: string, command: string, environment: Record<string, string>) => [
    {
      "local-exec": {
        command,
        environment: {
          NODE_EXTRA_CA_CERTS: "",
          [env.clusters]: action === "destroy" ? escaped(JSON.stringify(clusters)) : shared,
          ...environment,
        },
        interpreter: ["node", "assets/sharewright/sharewright.cjs", "hook", kind, action],
      },
    },
  ];
  const applied = objects.map((object) => {
    const { name } = claimBlocks[kindOf(object)];
    const triggers = { ...triggersOf(object), claim: `\${local.${name}_ids["${object.key}"]}`, ...overrides[object.key] };
    const provisioner = hook(kindOf(object), "apply", object.key, { [env.spec]: "${jsonencode(self.triggers)}" });
    return [resourceName(object.key), { triggers, provisioner }];
  });
  const claims = blocks.map(([kind, { name, noun }]) => [
    name,
    {
      for_each: `\${local.${name}}`,
      triggers: { [noun]: "${each.key}" },
      provisioner: hook(kind, "destroy", "${each.key}", { [env.claim]: "${self.id}" }),
    },
  ]);
  const keysOf = (kind: GlusterKind) => objects.filter((object) => kindOf(object) === kind).map(({ key }) => [key, {}]);
  return {
    "//": { metadata: { stackName: "stack" } },
    locals: {
      sharewright_clusters: Object.fromEntries(clusters.map((spec) => [spec.name, escaped(JSON.stringify(spec))])),
      ...Object.fromEntries(blocks.map(([kind, { name }]) => [name, Object.fromEntries(keysOf(kind))])),
    },
    resource: { null_resource: Object.fromEntries([...applied, ...claims]) },
  };
}

/** As the constructs do with text that is no expression: a volume pattern holds "#{size}", others could hold more. */
function escaped(text: string): string {
  return text.replaceAll("${", () => "$${").replaceAll("%{", "%%{");
}

/** Terraform's state after these objects have been applied. */
export function glusterStateDocument(objects: readonly Managed[]): Record<string, unknown> {
  const resource = (name: string, instances: readonly unknown[]) => ({ mode: "managed", type: "null_resource", name, instances });
  const claimOf = (object: Managed) => triggersOf(object)["claim"] ?? "";
  return {
    version: 4,
    resources: [
      resource(stackResource, [{ attributes: { id: objects[0]?.apply.environment[env.stack] } }]),
      ...objects.map((object) =>
        resource(resourceName(object.key), [{ attributes: { id: "id", triggers: triggersOf(object) } }]),
      ),
      ...blocks.map(([kind, { name, noun }]) =>
        resource(
          name,
          objects
            .filter((object) => kindOf(object) === kind)
            .map((object) => ({
              index_key: object.key,
              attributes: { id: claimOf(object), triggers: { [noun]: object.key } },
            })),
        ),
      ),
    ],
  };
}

export interface GlusterBench {
  /** The synthesized stack. */
  directory: string;
  stack: GlusterStack;
  /** Writes code and state without running a hook. */
  write(code: readonly Managed[], applied?: readonly Managed[], overrides?: Record<string, Record<string, string>>): void;
  /** Code as it is. */
  writeDocument(document: Record<string, unknown>): void;
  /** Runs the hooks of objects as `terraform apply` would, and writes code and state. */
  deploy(...objects: Managed[]): Promise<void>;
  hook(hook: Managed["apply"]): Promise<Ended>;
  sharewright(...args: string[]): Promise<Ended>;
  /** The JSON document of a command. */
  json(...args: string[]): Promise<{ exitCode: number | null; document: Document }>;
  /** `gluster` as an administrator types it on a cluster's first server; has to succeed. */
  gluster(line: string, cluster?: number): Promise<string>;
  remove(): void;
}

export async function startGlusterBench(numbers: readonly number[] = [1]): Promise<GlusterBench> {
  const parent = mkdtempSync(join(tmpdir(), "sharewright-gluster-fronts-"));
  const dir = join(parent, "sandbox");
  const start = [process.execPath, bundle, "sandbox", "start", "--dir", dir, "--gluster"];
  if (numbers.length > 1) start.push("--clusters", String(numbers.length));
  expectSuccess(start, await execute(start));
  const { directory, terraform } = stackFolder(parent);
  const environment = {
    PATH: `${join(dir, "bin")}:${process.env["PATH"] ?? ""}`,
    SHAREWRIGHT_RUN_DIR: join(dir, "run"),
    SHAREWRIGHT_SANDBOX: dir,
    TERRAFORM_BINARY_NAME: terraform,
  };
  const stack = stackOn({ dir, mounts: join(parent, "mounts") }, { clusters: numbers });
  const run = (args: readonly string[]) => commandWithin(dir, args, environment, join(parent, "work"));
  const bench: GlusterBench = {
    directory,
    stack,
    writeDocument: (document) => writeFileSync(join(directory, "cdk.tf.json"), JSON.stringify(document)),
    write(code, applied = [], overrides = {}) {
      bench.writeDocument(glusterStackDocument(stack.clusters, code, overrides));
      writeFileSync(join(directory, "state.json"), applied.length === 0 ? "" : JSON.stringify(glusterStateDocument(applied)));
    },
    async deploy(...objects) {
      for (const { apply } of objects) expectSuccess(apply.args, await bench.hook(apply));
      bench.write(objects, objects);
    },
    hook: (hook) => hookWithin(dir, newExecutor(), hook, environment),
    sharewright: (...args) => run(args),
    async json(...args) {
      const { stdout, stderr, exitCode } = await run([...args, "--json"]);
      if (!stdout.startsWith("{")) throw new Error(`no document, exit ${exitCode}\n${stdout}${stderr}`);
      return { exitCode, document: JSON.parse(stdout) };
    },
    async gluster(line, cluster = 1) {
      const argv = ["gluster", "--mode=script", ...line.split(" ")];
      return expectSuccess(argv, await adminWithin(dir, argv, `gluster${cluster}-1`));
    },
    remove: () => rmSync(parent, { recursive: true, force: true }),
  };
  bench.write([]);
  return bench;
}
