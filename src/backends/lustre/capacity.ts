// How much a file system holds, and how much of it our limits have promised. Changes nothing.
import { type Command, type Result, succeeded } from "../../core/command";
import type { Host } from "../../core/host";
import { parseSize } from "../../spec/size";
import * as cli from "./cli";
import { type Inventory, readInventory } from "./inspect";
import { parseDf, parseLfsDf, type Target } from "./parse";
import type { Site } from "./site";

/** An amount of bytes or of inodes. */
export interface Amount {
  total: bigint;
  used: bigint;
}

export interface TargetCapacity {
  name: string;
  kind: "MDT" | "OST";
  bytes: Amount;
  inodes?: Amount;
}

export interface Capacity {
  fsName: string;
  /** Sum of the OSTs (an MDT holds no file data), or what statfs says; absent when neither answers. */
  bytes?: Amount;
  inodes?: Amount;
  source: "lfs df" | "df" | "unknown";
  targets: TargetCapacity[];
  /** Targets that did not answer, as far as their names are known. */
  degraded: { name: string; why: string }[];
  /** Sum of the hard limits of all shares of the file system, whoever owns them; what is in the trash keeps its limit. */
  promised: bigint;
  shares: number;
  notes: string[];
}

/** Never fails because a target is away: what cannot be told is left out. */
export async function readCapacity(site: Site): Promise<Capacity> {
  const inventory = await readInventory(site);
  const space = await look(site.client, cli.lfsDf(site.client.mount));
  // The second command would hang where the first did.
  const files = space.timedOut ? undefined : await look(site.client, cli.lfsDfInodes(site.client.mount));
  const seen = parseLfsDf(space.stdout);
  const inodesOf = new Map(parseLfsDf(files?.stdout ?? "", 1n).targets.map((target) => [target.name, amountOf(target)]));
  const targets = seen.targets.map((target): TargetCapacity => {
    const inodes = inodesOf.get(target.name);
    return { name: target.name, kind: target.kind, bytes: amountOf(target), ...(inodes ? { inodes } : {}) };
  });
  const degraded = [
    ...seen.degraded,
    ...(space.timedOut ? [{ name: "at least one target", why: "no answer to lfs df within 10 s" }] : []),
  ];
  const whole = degraded.length === 0 && succeeded(space) ? sumOf(targets) : await statfs(site.client);
  return {
    fsName: site.fileSystem.fsName,
    ...whole,
    targets,
    degraded,
    ...promisedBy(inventory),
    notes: notesOf(whole.source, degraded.length > 0),
  };
}

// What `lfs df` printed before its deadline still counts, so its ending is not an error.
function look(host: Host, command: Command): Promise<Result> {
  return host.transport.run(command);
}

function amountOf({ totalBytes, usedBytes }: Target): Amount {
  return { total: totalBytes, used: usedBytes };
}

/** File data lies on OSTs alone; inodes of the name space on MDTs. */
function sumOf(targets: readonly TargetCapacity[]): Pick<Capacity, "bytes" | "inodes" | "source"> {
  const bytes = targets.filter(({ kind }) => kind === "OST").map((target) => target.bytes);
  const inodes = targets.filter(({ kind }) => kind === "MDT").flatMap((target) => target.inodes ?? []);
  return { source: "lfs df", bytes: add(bytes), ...(inodes.length > 0 ? { inodes: add(inodes) } : {}) };
}

function add(amounts: readonly Amount[]): Amount {
  return amounts.reduce((sum, { total, used }) => ({ total: sum.total + total, used: sum.used + used }), { total: 0n, used: 0n });
}

/** statfs answers at once, dead target or not (golden l014). */
async function statfs(host: Host): Promise<Pick<Capacity, "bytes" | "inodes" | "source">> {
  const space = await look(host, cli.dfPosix(host.mount));
  if (!succeeded(space)) return { source: "unknown" };
  const files = await look(host, cli.dfPosixInodes(host.mount));
  const { totalBytes, usedBytes } = parseDf(space.stdout);
  const inodes = succeeded(files) ? parseDf(files.stdout) : undefined;
  return {
    source: "df",
    bytes: { total: totalBytes, used: usedBytes },
    ...(inodes ? { inodes: { total: inodes.totalBytes / 1024n, used: inodes.usedBytes / 1024n } } : {}),
  };
}

function promisedBy({ shares, trash }: Inventory): Pick<Capacity, "promised" | "shares"> {
  const records = [...shares, ...trash];
  return { shares: records.length, promised: records.reduce((sum, { spec }) => sum + (parseSize(spec.size) ?? 0n), 0n) };
}

function notesOf(source: Capacity["source"], degraded: boolean): string[] {
  if (source === "unknown") return ["neither lfs df nor df answered: the capacity is unknown"];
  return degraded ? ["lfs df is not complete; the total is what statfs tells, which may leave the missing targets out"] : [];
}
