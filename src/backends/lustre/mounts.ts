// What `findmnt -t lustre` says is mounted where. Pure.
import { lines } from "./parse";

export interface LustreMount {
  /** "10.0.0.1@tcp:/scratch", with a directory behind it where only that is mounted. */
  source: string;
  target: string;
}

export function parseMounts(stdout: string): LustreMount[] {
  return lines(stdout).map((line) => {
    const [source = "", target = ""] = line.trim().split(/\s+/);
    return { source, target };
  });
}

export function isWhole({ source }: LustreMount, fsName: string): boolean {
  return source.endsWith(`:/${fsName}`);
}

/**
 * Where the whole of a file system of that name is mounted. Another MGS may have one of the name as well: where some are mounted from one of these NIDs,
 * only they count.
 */
export function wholeOf(mounts: readonly LustreMount[], fsName: string, nids: readonly string[]): string[] {
  const called = mounts.filter((mount) => isWhole(mount, fsName));
  const ours = called.filter((mount) => nidsOf(mount).some((nid) => nids.includes(nid)));
  return (ours.length > 0 ? ours : called).map(({ target }) => target);
}

/** Of the MGS; hosts are joined by ":", the NIDs of one by ",", and an IPv6 address holds colons as well. */
export function nidsOf({ source }: LustreMount): string[] {
  return source.slice(0, source.lastIndexOf(":/")).split(/(?<=@[a-z0-9]+)[:,]/);
}

/** In which way a mount point shows a part of the file system. */
export function wayOfPart(mounts: readonly LustreMount[], mountPoint: string, fsName: string): string {
  // The last one mounted there is what is seen.
  const here = mounts.findLast(({ target }) => target === mountPoint);
  if (here && isWhole(here, fsName)) return "the nodemap that this host is in shows it a fileset in place of the root";
  if (here) return `what is mounted there is ${here.source}`;
  const [above] = mounts
    .filter(({ target }) => mountPoint.startsWith(`${target}/`))
    .sort((one, other) => other.target.length - one.target.length);
  return above ? `it is a directory in ${above.target}, where ${above.source} is mounted` : "nothing is mounted just there";
}
