// How much a file system holds, and how much of it our limits have promised. Changes nothing.
import { type Command, type Result, succeeded } from "../../core/command";
import { ShareError } from "../../core/errors";
import type { Host } from "../../core/host";
import { defined } from "../../spec/defined";
import { parseSize } from "../../spec/size";
import * as cli from "./cli";
import { type Inventory, readInventory } from "./inspect";
import { proveLustre } from "./look";
import { parseDf, parseLfsDf, type Target } from "./parse";
import type { Site } from "./site";

/** An amount of bytes or of inodes. */
interface Amount {
  total: bigint;
  used: bigint;
}

interface TargetCapacity {
  name: string;
  kind: "MDT" | "OST";
  bytes: Amount;
  inodes?: Amount;
  /** Letters of its state in `lfs df`, such as "N". */
  state?: string;
}

export interface Capacity {
  fsName: string;
  /** Sum of the OSTs that answer (an MDT holds no file data), or what statfs says; absent when neither answers. */
  bytes?: Amount;
  inodes?: Amount;
  source: "lfs df" | "df" | "unknown";
  targets: TargetCapacity[];
  /** Targets that did not answer, as far as their names are known. */
  degraded: { name: string; why: string }[];
  /** Sum of the hard limits of all shares of the file system, whoever owns them; what is in the trash keeps its limit. Absent when unknown. */
  promised?: bigint;
  shares?: number;
  notes: string[];
}

/** Never fails because a target is away: what cannot be told is left out. */
export async function readCapacity(site: Site): Promise<Capacity> {
  await proveLustre(site);
  const space = await look(site.client, cli.lfsDf(site.client.mount));
  // The second command would hang where the first did.
  const files = space.timedOut ? undefined : await look(site.client, cli.lfsDfInodes(site.client.mount));
  const seen = parseLfsDf(wholeLines(space));
  const inodesOf = new Map(
    parseLfsDf(files ? wholeLines(files) : "", 1n).targets.map((target) => [target.name, amountOf(target)]),
  );
  const targets = seen.targets.map(({ name, kind, state, ...target }): TargetCapacity => {
    const inodes = inodesOf.get(name);
    return { name, kind, bytes: amountOf(target), ...defined({ inodes }), ...(state ? { state } : {}) };
  });
  const degraded = [
    ...seen.degraded,
    ...(space.timedOut ? [{ name: "at least one target", why: `no answer to lfs df -l within ${space.ms / 1000} s` }] : []),
  ];
  // What df says of a target that is away is what was seen of it last (golden y358, y410).
  const isAnswered = targets.some(({ kind }) => kind === "OST") && !space.timedOut;
  const whole = isAnswered ? sumOf(targets) : await statfs(site.client);
  const promised = await readPromised(site, degraded.length > 0);
  return {
    fsName: site.fileSystem.fsName,
    ...whole,
    targets,
    degraded,
    ...promised,
    notes: [...notesOf(whole.source, degraded), ...(promised ? [] : [promisedUnknown]), ...targets.flatMap(stateNote)],
  };
}

/** Where the records lie on OSTs, and one is away, reading them would hang until its deadline. */
async function readPromised(site: Site, isDegraded: boolean): Promise<Pick<Capacity, "promised" | "shares"> | undefined> {
  try {
    return promisedBy(await readInventory(site));
  } catch (error) {
    if (isDegraded && ShareError.isShareError(error) && error.code === "DEADLINE") return undefined;
    throw error;
  }
}

const promisedUnknown = "what limits promise is not known: the records cannot be read while a target is away";

/** Letters as lfs prints them (golden y293, y305, y317; S and I from sources: obd_statfs_state). */
const stateMeanings: Readonly<Record<string, string>> = {
  D: "degraded",
  R: "read-only",
  N: "takes no new objects",
  S: "out of space",
  I: "out of inodes",
};

function stateNote({ name, state = "" }: TargetCapacity): string[] {
  const known = [...state].map((letter) => stateMeanings[letter] ?? `state ${letter}`);
  return state === "" ? [] : [`${name}: ${known.join(", ")}`];
}

/** Of a command that was ended the last line may be half. */
function wholeLines({ stdout }: Result): string {
  return stdout.slice(0, stdout.lastIndexOf("\n") + 1);
}

// What `lfs df` printed before its deadline still counts, so its ending is not an error.
function look(host: Host, command: Command): Promise<Result> {
  return host.transport.run(command);
}

function amountOf({ totalBytes, usedBytes }: Pick<Target, "totalBytes" | "usedBytes">): Amount {
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

function promisedBy({ shares, trash }: Inventory): Required<Pick<Capacity, "promised" | "shares">> {
  const records = [...shares, ...trash];
  return { shares: records.length, promised: records.reduce((sum, { spec }) => sum + (parseSize(spec.size) ?? 0n), 0n) };
}

function notesOf(source: Capacity["source"], degraded: Capacity["degraded"]): string[] {
  if (source === "unknown") return ["neither lfs df nor df answered: the capacity is unknown"];
  if (degraded.length === 0) return [];
  return source === "df"
    ? ["lfs df is not complete; the total is what df tells, which may count the missing targets or not"]
    : ["the total is that of the targets that answer: what lies on the missing ones, and their room, is not in it"];
}
