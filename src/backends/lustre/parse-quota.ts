// What lfs quota prints, read as strictly as all else. Pure.
import { type Listed, lines, unreadable } from "./parse";

export interface Quota {
  usedBytes: bigint;
  blockSoft: bigint;
  blockHard: bigint;
  usedInodes: bigint;
  inodeSoft: bigint;
  inodeHard: bigint;
  /** False when a target could not be asked: numbers stand in brackets (golden l015), and are the MDT's part alone (y343). */
  reliable: boolean;
  /** The MDTs alone count inodes, so with an OST away that number still holds (from sources: quotactl_ioctl). */
  inodesReliable?: true;
}

// In brackets what could not be asked of all targets, with a star where that alone is over the limit (golden y417).
const quotaNumber = /^(?:\[(\d+)\]|(\d+))\*?$/;

/** Lines that say more about the numbers; that of targets that did not answer is told by its exit code, too (from sources: lfs.c of 2.16.1, golden l014). */
const quotaNotes = [
  /^(?:Disk quotas for |Disk default | *Filesystem +(?:kbytes|bquota))/,
  /^\d* *Some errors happened when getting quota info\./,
  /^[ugp]id \d+ is using default (?:block|file) quota setting$/,
];

const dataLines = (text: string) =>
  lines(text).filter((line) => line.trim() !== "" && !quotaNotes.some((note) => note.test(line)));

/**
 * `lfs quota -q -p ID MOUNT`: mount, then used, soft, hard, grace for KiB and for inodes (golden c015, q008). A long mount point may stand
 * on a line of its own. Stars are ignored: 2.17.0 prints the one of the files column from the block state.
 */
export function parseLfsQuota(text: string): Quota {
  const data = dataLines(text);
  const [first = "", second] = data.length === 2 && /^\s*\//.test(data[0] ?? "") ? [data.join(" "), undefined] : data;
  const words = first.trim().split(/\s+/);
  // Behind a mount point that stands for itself there is nothing but numbers.
  const isOneAnswer =
    second === undefined && words[0]?.startsWith("/") && words.slice(1, -8).every((word) => !quotaNumber.test(word));
  return isOneAnswer ? quotaOf(words.slice(-8), text) : unreadable("lfs quota", text);
}

function quotaOf(fields: string[], text: string): Quota {
  if (fields.length < 8) unreadable("lfs quota", text);
  const numbers = [0, 1, 2, 4, 5, 6].map((index) => {
    const match = quotaNumber.exec(fields[index] ?? "");
    const digits = match?.[1] ?? match?.[2];
    return digits === undefined ? unreadable("lfs quota", text) : { value: BigInt(digits), sure: match?.[1] === undefined };
  });
  const at = (index: number) => numbers[index]?.value ?? 0n;
  return {
    usedBytes: at(0) * 1024n,
    blockSoft: at(1) * 1024n,
    blockHard: at(2) * 1024n,
    usedInodes: at(3),
    inodeSoft: at(4),
    inodeHard: at(5),
    reliable: numbers.every((number) => number.sure),
    ...(numbers[3]?.sure ? { inodesReliable: true } : {}),
  };
}

interface QuotaOfId extends Quota {
  id: number;
}

export interface ListedQuotas extends Listed<QuotaOfId> {
  /** Ids of lines whose numbers cannot be read. */
  unclear: number[];
}

/** `lfs quota -a -n -q -p MOUNT`: the same with the id after the mount (golden y269, m216-014). Brackets there mean "from the default quota". */
export function parseLfsQuotaAll(text: string): ListedQuotas {
  const listed: ListedQuotas = { items: [], unclear: [], unread: [] };
  let mount = "";
  for (const line of dataLines(text)) {
    if (/^\s*\/\S*$/.test(line)) {
      mount = line;
      continue;
    }
    const words = `${mount} ${line}`.trim().split(/\s+/);
    mount = "";
    const [id = "", ...numbers] = words.slice(-9);
    const isOfId = words.length > 9 && /^\d+$/.test(id) && words[0]?.startsWith("/");
    const isReadable = [0, 1, 2, 4, 5, 6].every((index) => quotaNumber.test(numbers[index] ?? ""));
    if (isOfId && isReadable) listed.items.push({ id: Number(id), ...quotaOf(numbers, line) });
    else if (words[0]?.startsWith("/") && /^\d+$/.test(words[1] ?? "")) listed.unclear.push(Number(words[1]));
    else listed.unread.push(line);
  }
  if (mount !== "") listed.unread.push(mount);
  return listed;
}
