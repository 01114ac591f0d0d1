// `npm run record:plans [-- CARRIER]`: records what real Terraform says it will do, from stacks of our constructs. Hooks are a `node` that
// does nothing: a plan knows nothing of the storage. Kept are the parts that a review may read, as they were printed.
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { TerraformResource, TerraformVariable } from "cdktf";
import { Connection, GlusterCluster, LustreFileSystem, RemovalPolicy, Size } from "../../lib";
import { type BuildStack, type CarrierName, makeWorkbench, type StackBench } from "../e2e/support/terraform";

type Stack = Parameters<BuildStack>[0];

const owner = { uid: 1000, gid: 1000 };

interface Wish {
  fileSystem?: false;
  genomics?:
    | {
        id?: string;
        size?: number;
        policy?: RemovalPolicy;
        deletionProtection?: boolean;
        clients?: string[];
        level?: "ro";
        secret?: true;
        unknown?: true;
      }
    | undefined;
  extra?: Record<string, RemovalPolicy> | undefined;
  viz?: true;
  adopt?: true;
  closed?: true;
}

/** A stack with every removal policy and an access rule. */
const all: Wish = {
  genomics: {},
  extra: { kept: RemovalPolicy.RETAIN, binned: RemovalPolicy.TRASH, wiped: RemovalPolicy.DESTROY },
};

const lustre =
  ({ fileSystem, genomics, extra = {}, viz, adopt, closed }: Wish): BuildStack =>
  (stack) => {
    if (fileSystem === false) return void stack.addOverride("locals.none", true);
    const scratch = new LustreFileSystem(stack, "scratch", {
      fsName: "scratch",
      exportNids: ["10.0.0.1@tcp"],
      mountPoint: "/mnt/lustre",
      client: Connection.local(),
    });
    if (genomics) addGenomics(stack, scratch, genomics, viz);
    for (const [name, removalPolicy] of Object.entries(extra)) {
      const share = scratch.addShare(name, { size: Size.tebibytes(1), owner, removalPolicy });
      if (name === "wiped" && !closed) share.grantReadWrite("gpu", ["10.2.0.0/24"]);
    }
    if (adopt) scratch.addShare("climate", { size: Size.tebibytes(5), owner, adopt: { path: "/projects/climate" } });
  };

function addGenomics(stack: Stack, scratch: LustreFileSystem, wish: NonNullable<Wish["genomics"]>, viz: Wish["viz"]): void {
  const { id = "genomics", size = 10, policy = RemovalPolicy.DESTROY, clients = ["10.1.0.0/24"], level, secret, unknown } = wish;
  const protection = wish.deletionProtection === undefined ? {} : { deletionProtection: wish.deletionProtection };
  const properties = { shareName: "genomics", size: Size.tebibytes(size), owner, removalPolicy: policy };
  const share = scratch.addShare(id, { ...properties, ...protection });
  const who = secret ? secretClients(stack) : unknown ? unknownClients(stack) : clients;
  if (level) share.grantRead("cpu", who);
  else share.grantReadWrite("cpu", who);
  if (viz) share.grantRead("viz", ["10.3.0.7"]);
}

const secretClients: (stack: Stack) => string[] = (stack) => {
  const secret = new TerraformVariable(stack, "client", { sensitive: true, default: "10.9.9.9" });
  return [secret.stringValue];
};

const unknownClients: (stack: Stack) => string[] = (stack) => {
  const vm = new TerraformResource(stack, "vm", { terraformResourceType: "terraform_data" });
  return [vm.getStringAttribute("id")];
};

interface Tank {
  genomics?: number;
  viz?: true;
  snapshot?: true;
}
const gluster =
  ({ genomics, viz, snapshot }: Tank): BuildStack =>
  (stack) => {
    const tank = new GlusterCluster(stack, "tank", {
      servers: [{ host: "gluster1.example.org", connection: Connection.local() }],
      volumePattern: "pool-\\d+-#{size}G",
    });
    if (genomics === undefined) return;
    const share = tank.addShare("genomics", { size: Size.gibibytes(genomics), removalPolicy: RemovalPolicy.TRASH });
    share.grantReadWrite("cpu", "cpu.example.org");
    if (viz) share.grantReadWrite("viz", "viz.example.org");
    if (snapshot) share.addSnapshot("monday");
  };

type Case = readonly [name: string, build: BuildStack, ...args: string[]];

const lustreCases = (carrier: CarrierName): Case[] => {
  const claim = (noun: string, key: string) => `${carrier}.scratch_${noun}_claims["${key}"]`;
  return [
    ["no-change", lustre(all)],
    ["resize", lustre({ ...all, genomics: { size: 20 } })],
    ["policy", lustre({ ...all, genomics: { policy: RemovalPolicy.RETAIN } })],
    ["removal", lustre({ extra: {} })],
    ["removal-retain", lustre({ ...all, extra: { binned: RemovalPolicy.TRASH, wiped: RemovalPolicy.DESTROY } })],
    ["removal-trash", lustre({ ...all, extra: { kept: RemovalPolicy.RETAIN, wiped: RemovalPolicy.DESTROY } })],
    ["removal-destroy", lustre({ ...all, extra: { kept: RemovalPolicy.RETAIN, binned: RemovalPolicy.TRASH } })],
    ["rule-added", lustre({ ...all, viz: true })],
    ["rule-removed", lustre({ ...all, closed: true })],
    ["rule-changed", lustre({ ...all, genomics: { clients: ["10.1.0.0/25", "10.1.7.7"] } })],
    ["rule-level", lustre({ ...all, genomics: { level: "ro" } })],
    ["rule-secret", lustre({ ...all, genomics: { secret: true } })],
    ["rule-unknown", lustre({ ...all, genomics: { unknown: true } })],
    ["adopt", lustre({ ...all, adopt: true })],
    ["rename", lustre({ ...all, genomics: { id: "renamed" } })],
    ["replace", lustre(all), `-replace=${carrier}.scratch_wiped_6A3CF480`],
    ["replace-claim", lustre(all), `-replace=${claim("share", "shares/genomics")}`],
    ["destroy", lustre(all), "-destroy"],
    ["file-system-gone", lustre({ fileSystem: false })],
  ];
};

const glusterCases: Case[] = [
  ["gluster-no-change", gluster({ genomics: 8, snapshot: true })],
  ["gluster-resize", gluster({ genomics: 9, viz: true, snapshot: true })],
  ["gluster-removal", gluster({})],
];

interface Block {
  resources?: Record<string, unknown>[];
}

const forOthers = ["mount_command", "fstab_entry", "export_location", "path", "output", "replace_paths"];
const dropping = (name: string, value: unknown) =>
  forOthers.includes(name) || (name === "input" && value === null) ? undefined : value;

/** What a review may read of a plan. */
function stripped(text: string): string {
  const plan = JSON.parse(text) as Record<string, unknown> & {
    configuration?: { root_module?: Block };
    prior_state?: { values?: { root_module?: Block } };
  };
  const pick = (of: Record<string, unknown>, ...names: string[]) =>
    Object.fromEntries(names.filter((name) => of[name] !== undefined).map((name) => [name, of[name]]));
  const hooks = (of: unknown) =>
    (of as Record<string, Record<string, unknown>>[] | undefined)?.map(({ type, expressions = {} }) => ({
      type,
      expressions: pick(expressions, "interpreter", "command"),
    }));
  const references = (of: unknown) =>
    Object.fromEntries(
      Object.entries(pick((of ?? {}) as Record<string, unknown>, "triggers", "triggers_replace")).map(([name, value]) => [
        name,
        pick(value as Record<string, unknown>, "constant_value", "references"),
      ]),
    );
  const configured = (plan.configuration?.root_module?.resources ?? []).map((resource) => ({
    ...pick(resource, "address", "mode", "type", "name"),
    provisioners: hooks(resource["provisioners"]),
    expressions: references(resource["expressions"]),
  }));
  const before = (plan.prior_state?.values?.root_module?.resources ?? [])
    .filter(({ tainted }) => tainted)
    .map((resource) => pick(resource, "address", "tainted"));
  const changes = (plan["resource_changes"] as Record<string, unknown>[] | undefined)?.map((change) =>
    pick(change, "address", "previous_address", "mode", "type", "name", "index", "change", "action_reason"),
  );
  const kept = {
    ...pick(plan, "format_version", "terraform_version", "applyable", "complete", "errored", "output_changes"),
    planned_values: {},
    resource_changes: changes,
    prior_state: { values: { root_module: { resources: before } } },
    configuration: { root_module: { resources: configured } },
  };
  const lines = (list: unknown[]) => list.map((one) => JSON.stringify(one, dropping)).join(",\n");
  return `${JSON.stringify({ ...kept, resource_changes: "CHANGES" }, dropping).replace('"CHANGES"', () => `[\n${lines(changes ?? [])}\n]`)}\n`;
}

async function record(carrier: CarrierName): Promise<void> {
  const bench = await makeWorkbench({ realMount: "", carrier });
  const bin = join(bench.dir, "bin");
  mkdirSync(bin);
  writeFileSync(join(bin, "node"), "#!/bin/sh\nexit 0\n", { mode: 0o755 });
  bench.env["PATH"] = `${bin}:${bench.env["PATH"]}`;
  const say = async (stack: StackBench, [name, build, ...args]: Case, as: string = carrier, ends = 0) => {
    const { exitCode, stdout, stderr } = await stack.plan(build, ...args);
    if (exitCode !== ends) throw new Error(`${name}: ${stdout}${stderr}`);
    const shown = await stack.terraform("show", "-json", "tfplan");
    const folder = join(__dirname, "../fixtures/plans", as);
    mkdirSync(folder, { recursive: true });
    writeFileSync(join(folder, `${name}.json`), stripped(shown.stdout));
    console.log(as, name, shown.stdout.length);
  };
  const done = (ended: { exitCode: number; stdout: string; stderr: string }) => {
    if (ended.exitCode !== 0) throw new Error(ended.stdout + ended.stderr);
  };
  try {
    const stack = bench.stack("review");
    await say(stack, ["create", lustre(all)]);
    done(await stack.applyPlan());
    for (const each of lustreCases(carrier)) await say(stack, each);
    await say(stack, ["protect", lustre({ ...all, genomics: { deletionProtection: true } })]);
    done(await stack.applyPlan());
    // Terraform keeps a plan that it refuses.
    await say(stack, ["protected-removal", lustre({ extra: all.extra })], carrier, 1);
    await say(stack, ["protection-lifted", lustre({ ...all, genomics: { deletionProtection: false } })]);
    done(await stack.applyPlan());
    if (carrier === "null_resource") await say(bench.stack("review", "terraform_data"), ["moved", lustre(all)], "terraform_data");
    stack.synth(lustre(all));
    for (const address of [
      `${carrier}.scratch_share_claims["shares/genomics"]`,
      `${carrier}.scratch_share_claims["shares/wiped"]`,
    ])
      done(await stack.terraform("taint", address));
    await say(stack, ["tainted-claim", lustre({ ...all, extra: { kept: RemovalPolicy.RETAIN, binned: RemovalPolicy.TRASH } })]);
    done(await stack.destroy());
    await say(stack, ["gluster-create", gluster({ genomics: 8, snapshot: true })]);
    done(await stack.applyPlan());
    for (const each of glusterCases) await say(stack, each);
  } finally {
    await bench.remove();
  }
}

async function main(): Promise<void> {
  const asked = process.argv.slice(2);
  for (const carrier of ["null_resource", "terraform_data"] as const)
    if (asked.length === 0 || asked.includes(carrier)) await record(carrier);
}

void main();
