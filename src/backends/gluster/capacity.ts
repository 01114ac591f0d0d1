// How much volumes hold, as bricks report it, and how much of it limits have promised. Changes nothing.
import { type Result, succeeded } from "../../core/command";
import { looksAt } from "../../core/looks";
import { defined } from "../../spec/defined";
import * as cli from "./cli";
import { inspectOpened } from "./inspect";
import { type BrickStatus, bricksIn, type Quota, type Volume } from "./parse";
import type { Cluster } from "./site";
import { dataBricksOf, type Space, sharersOf, spaceOf, volumeCapacity } from "./volume/capacity";

interface VolumeCapacity {
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
      ...defined({ space }),
      ...(share?.quota ? { quota: share.quota } : {}),
      promised: share?.record.size ?? 0n,
    };
  });
  const space = sumOf(volumes, answers);
  const silent = rows.filter((row) => !row.space).map(({ volume }) => volume);
  return {
    cluster: cluster.spec.name,
    ...defined({ space }),
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
  const read = (result: Result): Bricks => {
    if (!succeeded(result)) return { bricks: [], problem: result.stderr.trim() };
    try {
      return { bricks: bricksIn(result.stdout) };
    } catch (error) {
      // What one volume's bricks say that nobody can read is no reason to be silent about the others.
      return { bricks: [], problem: (error as Error).message };
    }
  };
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
