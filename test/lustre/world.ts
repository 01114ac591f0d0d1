// What the steps of the suite work with: a stack on the real Terraform or OpenTofu, the commands, hands on the hosts, a tenant's client.
import { join } from "node:path";
import { type LustreFileSystemProps, LustreVersion } from "../../lib";
import { silentLog } from "../../src/core/log";
import { describeConnection, withConnections } from "../../src/fronts/connections";
import { fileSystemsIn } from "../../src/fronts/lustre/choose";
import { lustre } from "../../src/fronts/lustre/hooks";
import { withSite } from "../../src/fronts/lustre/site";
import { readStackConfig } from "../../src/fronts/stack-config";
import type { FileSystemSpec } from "../../src/spec/lustre";
import { type Described, describing } from "../e2e/stacks";
import { type Ended, makeWorkbench, type StackBench, type Workbench } from "../e2e/support/terraform";
import { type Hands, handsOf } from "./looks";
import type { Setting } from "./setting";
import { realTenant, type Tenant, type User } from "./tenant";
import { sandboxTenant } from "./tenant-sandbox";

/** Shares by construct id, which is the share's name. */
export type Shares = NonNullable<Described["shares"]>;

export interface World {
  setting: Setting;
  bench: Workbench;
  stack: StackBench;
  hands: Hands;
  tenant: Tenant | undefined;
  /** Whom shares belong to; undefined: there is no account that the servers know. Found by the first steps. */
  user: User | undefined;
  /** Path on the client of what lies below the prefix. */
  place(name: string): string;
  /** However it ends. */
  apply(shares: Shares, more?: Partial<LustreFileSystemProps>): Promise<Ended>;
  /** Has to succeed, and to leave nothing to do: `sharewright plan` sees also what Terraform cannot. */
  deploy(shares: Shares, more?: Partial<LustreFileSystemProps>): Promise<void>;
  /** A command on the stack, with any of these exit codes. */
  sharewright(exits: readonly number[], ...args: string[]): Promise<Ended>;
  // biome-ignore lint/suspicious/noExplicitAny: documents are reached into by name, and a wrong name fails.
  json(exits: readonly number[], ...args: string[]): Promise<any>;
}

/** The label of all that the suite makes, in records on the storage: by it a later run knows it again. */
export const owner = "sharewright-test";

const boundMs = 4 * 3_600_000;

/** `workDir` holds Terraform's state: what a run that was cut off has left there, the next one goes on with. */
export async function withWorld<T>(setting: Setting, workDir: string, work: (world: World) => Promise<T>): Promise<T> {
  const bench = await makeWorkbench({ realMount: setting.mountPoint, within: setting.within ?? false, workDir, boundMs });
  try {
    const stack = bench.stack("acceptance");
    stack.synth(describing({ fileSystem: fileSystemOf(setting) }));
    const [fileSystem] = fileSystemsIn(readStackConfig(stack.dir, [lustre]));
    if (!fileSystem) throw new Error("the stack describes no file system");
    return await withSite(asRoot(fileSystem, setting), silentLog(), async (site) => {
      const hands = handsOf((role, command) => site[role].transport.run(command));
      return withTenant(setting, bench, (tenant) => work(worldOf(setting, { bench, stack, hands, tenant })));
    });
  } finally {
    await bench.remove();
  }
}

/** For hands: the product's ways, unless others are given. */
function asRoot(fileSystem: FileSystemSpec, { root }: Setting): FileSystemSpec {
  const { client, mgs, mds } = root;
  return {
    ...fileSystem,
    ...(client ? { client: client.toSpec() } : {}),
    ...(mgs ? { mgs: mgs.toSpec() } : {}),
    ...(mds ? { mds: { ...fileSystem.mds, connection: mds.toSpec() } } : {}),
  };
}

type Parts = Pick<World, "bench" | "stack" | "hands" | "tenant">;

function worldOf(setting: Setting, parts: Parts): World {
  const { bench, stack } = parts;
  const sharewright: World["sharewright"] = async (exits, ...args) => {
    const ended = await bench.sharewright(...args);
    if (!exits.includes(ended.exitCode)) throw new Error(`sharewright ${args[0]}: ${saidBy(ended)}`);
    return ended;
  };
  const world: World = {
    ...parts,
    setting,
    user: setting.user,
    place: (name) => join(setting.mountPoint, setting.pathPrefix, name),
    apply: (shares, more) => {
      stack.synth(describing({ fileSystem: { ...fileSystemOf(setting), ...more }, shares: ownedBy(world, shares) }));
      return stack.terraform("apply", "-no-color", "-auto-approve");
    },
    deploy: async (shares, more) => {
      const done = await world.apply(shares, more);
      if (done.exitCode !== 0) throw new Error(`apply: ${saidBy(done)}`);
      await sharewright([0], "plan", stack.dir);
    },
    sharewright,
    json: async (exits, ...args) => JSON.parse((await sharewright(exits, ...args, "--json")).stdout),
  };
  return world;
}

function ownedBy({ user }: World, shares: Shares): Shares {
  const named = Object.entries(shares).map(([id, options]) => [id, { ...(user ? { owner: user } : {}), ...options }] as const);
  return Object.fromEntries(named);
}

/** Terraform tells a whole plan before it fails. */
export function saidBy({ exitCode, stdout, stderr }: Ended): string {
  return `exit ${exitCode}\n${stderr.trim() || stdout}`;
}

function fileSystemOf(setting: Setting): LustreFileSystemProps {
  const { fsName, mountPoint, exportNids, pathPrefix, projectIds, client, mgs, mds, servers, trustedClients } = setting;
  return {
    fsName,
    mountPoint,
    exportNids,
    pathPrefix,
    projectIds,
    owner,
    lustreVersion: setting.lustreVersion === "2.16" ? LustreVersion.V2_16 : LustreVersion.V2_17,
    client,
    mgs,
    ...(mds ? { mds } : {}),
    ...(servers ? { servers } : {}),
    ...(trustedClients.length > 0 ? { trustedClients } : {}),
  };
}

async function withTenant<T>({ tenant }: Setting, bench: Workbench, work: (tenant?: Tenant) => Promise<T>): Promise<T> {
  if (!tenant) return work();
  const { nid } = tenant;
  if ("sandbox" in tenant) {
    const { sandbox } = tenant;
    return work(sandboxTenant(nid, (command, ...args) => bench.sharewright("sandbox", command, ...args, "--dir", sandbox)));
  }
  const connection = tenant.connection.toSpec();
  return withConnections([connection], silentLog(), (open) => {
    const transport = open({ id: "tenant", connection, name: `tenant (${describeConnection(connection)})` });
    return work(realTenant(nid, (command) => transport.run(command)));
  });
}
