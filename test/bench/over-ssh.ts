// What remote hosts cost: round trips of every operation, and CPU of a hook that connects.
import { applyRule } from "../../src/backends/lustre/access/apply";
import { destroyRule } from "../../src/backends/lustre/access/destroy";
import { applyShare } from "../../src/backends/lustre/share/apply";
import { destroyShare } from "../../src/backends/lustre/share/destroy";
import { readRule, readShare } from "../../src/fronts/lustre/request";
import { claimOf, specText } from "../../src/fronts/request";
import type { SshConnectionSpec } from "../../src/spec/connection";
import { type SshSite, sshSite } from "../executor/ssh-site";
import { type Managed, startSite, type TestSite, type TestStack } from "../executor/support";
import { makeRig } from "../sshd/global-setup";
import { type SshHosts, startHosts } from "../sshd/hosts";
import { measureHooks, type Operation, type Tell } from "./hooks";
import type { Block, Line } from "./report";

const noChange = "share without a change";

/** To sshd on loopback. Round trips with the lock and its release, without connecting. */
export async function overSsh(tell: Tell): Promise<Block[]> {
  const { rig, remove } = makeRig();
  const site = await startSite({ processes: true });
  try {
    if (rig.noSshd) {
      tell(`not measured: ${rig.noSshd}`);
      return [];
    }
    const hosts = await startHosts({ sandbox: site.dir });
    try {
      const { client, mds, mgs } = hosts.connections;
      const settings = { "client and MDS on one host": { client, mds: client, mgs }, "three hosts": { client, mds, mgs } };
      const blocks: Block[] = [];
      for (const [name, connections] of Object.entries(settings))
        blocks.push({ title: `round trips, ${name}`, lines: await countTrips(site, connections, tell) });
      return [...blocks, { title: "Lustre hooks over SSH", lines: await connectCpu(site, hosts, tell) }];
    } finally {
      await hosts.stop();
    }
  } finally {
    site.remove();
    remove();
  }
}

type Connections = Record<"client" | "mds" | "mgs", SshConnectionSpec>;

async function countTrips(site: TestSite, connections: Connections, tell: Tell): Promise<Line[]> {
  await site.sandbox("reset");
  const stack = site.stack();
  const trips: Line[] = [];
  // Each on connections of its own, as every hook is a process of its own.
  const count = async (operation: string, work: (over: SshSite) => Promise<unknown>) => {
    tell(operation);
    const over = sshSite(stack.fileSystem, connections, site.environment);
    try {
      await work(over);
    } finally {
      await over.close();
    }
    trips.push({ what: operation, figures: over.roundTrips() });
  };
  const share =
    ({ key, apply: { environment } }: Managed) =>
    ({ site: over }: SshSite) =>
      applyShare(over, { key, ...readShare(specText(environment, "apply"), key) });
  const rule =
    ({ key, apply: { environment } }: Managed) =>
    ({ site: over }: SshSite) =>
      applyRule(over, { key, ...readRule(specText(environment, "apply"), key) });
  const unshare =
    ({ key, destroy: { environment } }: Managed) =>
    ({ site: over }: SshSite) =>
      destroyShare(over, key, claimOf(environment));
  const revoke =
    ({ key, destroy: { environment } }: Managed) =>
    ({ site: over }: SshSite) =>
      destroyRule(over, key, claimOf(environment));

  const [a, b] = [stack.share("a"), stack.share("b")];
  const [cpu, gpu] = [stack.rule("a", "cpu", { clients: "10.1.0.0/24" }), stack.rule("a", "gpu", { clients: "10.2.0.0/24" })];
  await count("first create of all", share(a));
  await count("create", share(b));
  await count("apply without a change", share(a));
  await count("resize", share(stack.share("a", { size: "20 TiB" })));
  await count("first grant", rule(cpu));
  await count("grant without a change", rule(cpu));
  await count("second grant", rule(gpu));
  await count("revoke", revoke(gpu));
  for (const policy of ["retain", "trash", "destroy"] as const) {
    const removed = stack.share(policy, { removal_policy: policy });
    await site.succeed(removed.apply);
    await count(`remove by ${policy}`, unshare(removed));
  }
  return trips;
}

/** A hook without a change, once local, once with one host, once with three of which it asks two. */
async function connectCpu(site: TestSite, { connections: { client, mds, mgs } }: SshHosts, tell: Tell): Promise<Line[]> {
  await site.sandbox("reset");
  await site.succeed(site.stack().share("a").apply);
  const hook = (stack: TestStack) => () => stack.share("a").apply;
  const operations: Operation[] = [
    { what: `${noChange}, local`, hook: hook(site.stack()) },
    { what: `${noChange}, one host`, hook: hook(site.stack({ client, mgs })) },
    { what: `${noChange}, two hosts`, hook: hook(site.stack({ client, mgs, mds: { connection: mds } })) },
  ];
  return measureHooks(site, operations, 5, tell);
}
