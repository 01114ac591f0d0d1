// How much a volume holds, as its bricks report it. Pure.
import type { BrickStatus, Volume } from "../parse";

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
export function dataBricksOf(volume: Volume, bricks: readonly BrickStatus[]): BrickStatus[] {
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
export function sharersOf(bricks: readonly BrickStatus[]): (brick: BrickStatus) => bigint {
  const place = ({ host, path, device, total }: BrickStatus) =>
    device === "" ? `${host}:${path}` : `${host} ${device} ${total}`;
  const counts = new Map<string, bigint>();
  for (const brick of bricks) counts.set(place(brick), (counts.get(place(brick)) ?? 0n) + 1n);
  return (brick) => counts.get(place(brick)) ?? 1n;
}

export function spaceOf(
  volume: Volume,
  bricks: readonly BrickStatus[],
  sharers: (brick: BrickStatus) => bigint,
): Space | undefined {
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
