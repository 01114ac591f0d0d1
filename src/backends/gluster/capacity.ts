// How much volumes hold, as bricks report it, and how much of it limits have promised. Changes nothing.
import { type Result, succeeded } from "../../core/command";
import { looksAt } from "../../core/looks";
import * as cli from "./cli";
import { inspectOpened } from "./inspect";
import { type BrickStatus, bricksIn, type Quota, type Volume } from "./parse";
import type { Cluster } from "./site";

/** Bytes that clients can use. */
export interface Space {
  total: bigint;
  free: bigint;
}

/**
 * What a volume holds, and what is free in it; undefined where its bricks do not tell. Pure.
 *
 * Its bricks that share a file system share its space, as gluster itself tells clients. A set of copies holds as much as its smallest brick, and a
 * dispersed set as its smallest brick for each piece of data; a set counts while enough of its bricks answer.
 */
export function volumeCapacity(volume: Volume, bricks: readonly BrickStatus[]): Space | undefined {
  const own = dataBricksOf(volume, bricks);
  return spaceOf(volume, own, sharersOf(own));
}

/** Bricks that hold data: an arbiter holds names only. In the order of the sets; those of which nothing is known are left out. */
function dataBricksOf(volume: Volume, bricks: readonly BrickStatus[]): BrickStatus[] {
  const seen = new Map(bricks.map((brick) => [`${brick.host}:${brick.path}`, brick]));
  return setsOf(volume).flatMap(({ data }) => data.flatMap((name) => seen.get(name) ?? []));
}

interface BrickSet {
  data: string[];
  /** How many pieces of data are spread over the set. */
  pieces: bigint;
  /** How many bricks have to answer. */
  needed: number;
}

function setsOf({ bricks, replica, arbiter, disperse, redundancy }: Volume): BrickSet[] {
  const size = disperse > 0 ? disperse : Math.max(replica, 1);
  const needed = disperse > 0 ? disperse - redundancy : 1;
  return Array.from({ length: Math.ceil(bricks.length / size) }, (_, index) => ({
    // The arbiter is the last of its set.
    data: bricks.slice(index * size, (index + 1) * size - arbiter),
    pieces: disperse > 0 ? BigInt(needed) : 1n,
    needed,
  }));
}

/** How many bricks are on the file system of each. Names such as "tmpfs" stand for many: the size tells most of them apart. */
function sharersOf(bricks: readonly BrickStatus[]): (brick: BrickStatus) => bigint {
  const place = ({ host, path, device, total }: BrickStatus) =>
    device === "" ? `${host}:${path}` : `${host} ${device} ${total}`;
  const counts = new Map<string, bigint>();
  for (const brick of bricks) counts.set(place(brick), (counts.get(place(brick)) ?? 0n) + 1n);
  return (brick) => counts.get(place(brick)) ?? 1n;
}

function spaceOf(volume: Volume, bricks: readonly BrickStatus[], sharers: (brick: BrickStatus) => bigint): Space | undefined {
  const seen = new Map(bricks.map((brick) => [`${brick.host}:${brick.path}`, brick]));
  let sum: Space | undefined;
  for (const { data, pieces, needed } of setsOf(volume)) {
    // glusterd also gives a size for a brick that is down: that of whatever file system its directory is on then.
    const online = data.flatMap((name) => seen.get(name) ?? []).filter((brick) => brick.online);
    if (online.length < needed) return undefined;
    const smallest = (what: "total" | "free") =>
      online.map((brick) => brick[what] / sharers(brick)).reduce((least, amount) => (amount < least ? amount : least));
    sum = {
      total: (sum?.total ?? 0n) + pieces * smallest("total"),
      free: (sum?.free ?? 0n) + pieces * smallest("free"),
    };
  }
  return sum;
}

// ---- a whole cluster -------------------------------------------------------------------------------------------------------

export interface VolumeCapacity {
  volume: string;
  /** Key of the share that it is. */
  share?: string;
  /** Absent: not started, or too few of its bricks answer. */
  space?: Space;
  /** Limit and use of the whole volume. */
  quota?: Quota;
  /** What its limit was set to by the share: promised, even while the limit is not in force. */
  promised: bigint;
}

export interface ClusterCapacity {
  cluster: string;
  /** Of all volumes together; file systems that several volumes are on count once. Absent when no volume tells. */
  space?: Space;
  volumes: VolumeCapacity[];
  /** Bricks that do not answer, and volumes whose bricks cannot be asked. */
  degraded: { name: string; why: string }[];
  /** Sum of the sizes of all shares, whoever owns them; what is retained or in the trash keeps its size. */
  promised: bigint;
  shares: number;
  notes: string[];
}

/** Never fails because a brick is away: what cannot be told is left out. */
export async function capacityOf(cluster: Cluster): Promise<ClusterCapacity> {
  const { volumes, shares, broken } = await inspectOpened(cluster);
  const answers = await bricksOf(cluster, volumes);
  const recordOf = new Map(shares.map((share) => [share.volume.name, share]));
  const rows = volumes.map((volume): VolumeCapacity => {
    const share = recordOf.get(volume.name);
    const space = volumeCapacity(volume, answers.get(volume.name)?.bricks ?? []);
    return {
      volume: volume.name,
      ...(share ? { share: share.record.key } : {}),
      ...(space ? { space } : {}),
      ...(share?.quota ? { quota: share.quota } : {}),
      promised: share?.record.size ?? 0n,
    };
  });
  const space = sumOf(volumes, answers);
  const silent = rows.filter((row) => !row.space).map(({ volume }) => volume);
  return {
    cluster: cluster.spec.name,
    ...(space ? { space } : {}),
    volumes: rows,
    degraded: volumes.flatMap((volume) => degradedIn(volume, answers.get(volume.name))),
    promised: rows.reduce((sum, { promised }) => sum + promised, 0n),
    shares: shares.length,
    notes: [
      ...(silent.length > 0 ? [`the total leaves out ${silent.join(", ")}: not started, or too few bricks answer`] : []),
      ...broken.map(({ volume, problem }) => `${volume}: ${problem}`),
    ],
  };
}

interface Bricks {
  bricks: BrickStatus[];
  /** Why they could not be asked. */
  problem?: string;
}

/** Of the started volumes, by their names. */
async function bricksOf(cluster: Cluster, volumes: readonly Volume[]): Promise<Map<string, Bricks>> {
  const looks = looksAt(cluster.server);
  const read = (result: Result): Bricks =>
    succeeded(result) ? { bricks: bricksIn(result.stdout) } : { bricks: [], problem: result.stderr.trim() };
  const asked = volumes
    .filter(({ status }) => status === "started")
    .map(({ name }) => [name, looks.ask(cli.volumeStatusDetail(name), read)] as const);
  await looks.send();
  return new Map(asked.map(([name, answer]) => [name, answer() as Bricks]));
}

/** The same as the sum of the volumes, but that a file system is shared by all that are on it. */
function sumOf(volumes: readonly Volume[], answers: ReadonlyMap<string, Bricks>): Space | undefined {
  const dataBricks = (volume: Volume) => dataBricksOf(volume, answers.get(volume.name)?.bricks ?? []);
  const sharers = sharersOf(volumes.flatMap(dataBricks));
  const spaces = volumes.flatMap((volume) => spaceOf(volume, dataBricks(volume), sharers) ?? []);
  if (spaces.length === 0) return undefined;
  return spaces.reduce((sum, { total, free }) => ({ total: sum.total + total, free: sum.free + free }));
}

function degradedIn(volume: Volume, answer: Bricks | undefined): ClusterCapacity["degraded"] {
  if (!answer) return [];
  if (answer.problem !== undefined) return [{ name: volume.name, why: answer.problem }];
  const online = new Set(answer.bricks.filter((brick) => brick.online).map(({ host, path }) => `${host}:${path}`));
  const away = volume.bricks.filter((brick) => !online.has(brick));
  return away.map((brick) => ({ name: brick, why: `brick of ${volume.name}: does not answer` }));
}
