// What remote hosts cost: round trips of every operation, CPU of connecting, and time against `ssh` command lines.
import { cpus } from "node:os";
import { applyRule, applyShare, destroyRule, destroyShare } from "../../src/backends/lustre/operations";
import { claimOf, specText } from "../../src/fronts/request";
import { readRule, readShare } from "../../src/fronts/request-lustre";
import type { SshConnectionSpec } from "../../src/spec/connection";
import { type SshSite, sshSite } from "../executor/ssh-site";
import type { Managed, TestSite } from "../executor/support";
import { makeRig } from "../sshd/global-setup";
import { type SshHosts, startHosts } from "../sshd/hosts";
import { asProcess, leastCpuMs } from "./cpu";
import { type CreateTimes, createTimes, latenciesMs } from "./ssh-creates";

export async function overSsh(site: TestSite) {
  const { rig, remove } = makeRig();
  try {
    if (rig.noSshd) return { notMeasured: rig.noSshd };
    const hosts = await startHosts({ sandbox: site.dir });
    try {
      const { client, mds, mgs } = hosts.connections;
      const settings = { "client and MDS on one host": { client, mds: client, mgs }, "three hosts": { client, mds, mgs } };
      const roundTrips: Record<string, Trips> = {};
      for (const [name, connections] of Object.entries(settings)) roundTrips[name] = await countTrips(site, connections);
      const cpu = await connectCpu(site, hosts);
      const creates = await createTimes();
      process.stderr.write(tables(roundTrips, cpu, creates));
      return { roundTrips, cpu, creates };
    } finally {
      await hosts.stop();
    }
  } finally {
    remove();
  }
}

type Connections = Record<"client" | "mds" | "mgs", SshConnectionSpec>;
/** By operation, then by host; the lock and its release included, connecting not. */
type Trips = Record<string, Record<string, number>>;

async function countTrips(site: TestSite, connections: Connections): Promise<Trips> {
  await site.sandbox("reset");
  const stack = site.stack();
  const trips: Trips = {};
  // Each on connections of its own, as every hook is a process of its own.
  const count = async (operation: string, work: (over: SshSite) => Promise<unknown>) => {
    const over = sshSite(stack.fileSystem, connections, site.environment);
    try {
      await work(over);
    } finally {
      await over.close();
    }
    trips[operation] = over.roundTrips();
  };
  const share =
    ({ key, apply: { environment } }: Managed) =>
    ({ site: over }: SshSite) =>
      applyShare(over, { key, ...readShare(specText(environment), key) });
  const rule =
    ({ key, apply: { environment } }: Managed) =>
    ({ site: over }: SshSite) =>
      applyRule(over, { key, ...readRule(specText(environment), key) });
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

/** A hook without a change, once local, once with three hosts of which it asks two. */
async function connectCpu(site: TestSite, { connections: { client, mds, mgs } }: SshHosts) {
  await site.sandbox("reset");
  await site.succeed(site.stack().share("a").apply);
  const remote = site.stack({ client, mgs, mds: { connection: mds } });
  const oneHost = site.stack({ client, mgs });
  return leastCpuMs(
    {
      localMs: asProcess(site, site.stack().share("a").apply),
      oneHostMs: asProcess(site, oneHost.share("a").apply),
      twoHostsMs: asProcess(site, remote.share("a").apply),
    },
    Number(process.env["SHAREWRIGHT_BENCH_ROUNDS"] ?? 5),
  );
}

function tables(roundTrips: Record<string, Trips>, cpu: Record<string, number>, creates: CreateTimes): string {
  const trips = Object.entries(roundTrips).flatMap(([setting, operations]) => [
    [`round trips, ${setting}`, "client", "MDS", "MGS"],
    ...Object.entries(operations).map(([operation, { client, mds, mgs }]) => [
      operation,
      ...[client, mds, mgs].map((count) => String(count ?? "-")),
    ]),
    [],
  ]);
  const cpuRows = [
    ["CPU of a hook without a change, ms", ""],
    ...Object.entries(cpu).map(([name, ms]) => [name.replace(/Ms$/, ""), ms.toFixed(0)]),
    [],
  ];
  const times = [
    [`seconds for 100 creates of ${creates.commandsEach} commands`, ...latenciesMs.map((ms) => `${ms} ms each way`), "measured"],
    ...Object.entries(creates.secondsFor100).map(([way, seconds]) => [
      way,
      ...seconds.map((value) => value.toFixed(0)),
      `${creates.measured[way]} creates`,
    ]),
  ];
  const setting = [
    `Over SSH, to sshd on loopback of ${cpus().length} cores, Node.js ${process.version}. Round trips: the sandbox, lock and release included,`,
    "connecting not. CPU: the hook's own, the least of some. Times: the median, creates one after the other, commands by shell scripts that",
    "cost next to nothing (the sandbox's take 40 to 100 ms of CPU each), client and MDS one host, MGS another; the lock only in sharewright's.",
    "",
  ].join("\n");
  return `${setting}\n${[...trips, ...cpuRows, ...times, []].map((cells) => `${row(cells).trimEnd()}\n`).join("")}`;
}

function row([first = "", ...cells]: readonly string[]): string {
  return first.padEnd(48) + cells.map((cell) => cell.padStart(16)).join("");
}
