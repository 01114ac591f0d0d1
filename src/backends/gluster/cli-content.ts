// Argument lists that look into volumes, through a mount and on their bricks, and empty them; pure.
//
// No name proves anything: a tenant may choose any. What is passed over is a directory that GlusterFS keeps for itself, and nothing in it is.
import type { Command } from "../../core/command";

/** Through a mount they cannot be removed while the trash translator is on (seen with 10.3). */
const ownDirectories = [".trashcan", ".trashcan/internal_op"] as const;

const either = (words: readonly (readonly string[])[]) => [
  "(",
  ...words.flatMap((one, at) => (at === 0 ? one : ["-o", ...one])),
  ")",
];

/** A path as `find -path` takes it: its own characters, and no pattern. */
const literal = (path: string) => path.replace(/[\\*?[\]]/g, "\\$&");

const isOwn = (directory: string) => [
  "-type",
  "d",
  ...either(ownDirectories.map((name) => ["-path", `${literal(directory)}/${name}`])),
];

/** Deletes everything in a mounted volume; never what is mounted below it. Prints a line every so often, so that a long one shows progress. */
export function wipe(directory: string): Command {
  return {
    argv: ["find", directory, "-xdev", "-mindepth", "1", "!", "(", ...isOwn(directory), ")", "-delete", "-print"],
    idleTimeoutMs: 300_000,
    progressOnly: true,
  };
}

/** One entry of a mounted volume that should be empty; prints nothing when it is. */
export function firstEntry(directory: string): Command {
  return { argv: ["find", directory, "-mindepth", "1", "!", "(", ...isOwn(directory), ")", "-print", "-quit"] };
}

/** The directories that are left in a volume that is empty: its root, and GlusterFS's own. */
export function keptDirectories(directory: string): Command {
  return { argv: ["find", directory, "-maxdepth", "2", "-type", "d", "-print"] };
}

/** `UID:GID MODE` of each, a line each. */
export function ownersAndModes(directories: readonly string[]): Command {
  return { argv: ["stat", "-c", "%u:%g %a", "--", ...directories] };
}

/** Names of all extended attributes, ACLs among them: a mount shows these by their names alone, and hides what is GlusterFS's own (seen with 10.3). */
export function attributeNames(directory: string): Command {
  return { argv: ["getfattr", "-h", "-m", "-", "--absolute-names", "--", directory] };
}

export function removeAttribute(directory: string, name: string): Command {
  return { argv: ["setfattr", "-h", "-x", name, "--", directory] };
}

export function chownRoot(directory: string, owner: string): Command {
  return { argv: ["chown", "-h", owner, "--", directory] };
}

/** With five digits also the bits of set-id go, which chmod keeps on directories otherwise. */
export function chmodRoot(directory: string): Command {
  return { argv: ["chmod", "00755", directory] };
}

const proofPrefix = ".sharewright-proof-";

/** A directory that is made through a mount and looked for on a brick: then the mount shows this volume, and no namesake on another cluster. */
export function proofName(random: string): string {
  return `${proofPrefix}${random}`;
}

export function makeProof(directory: string, name: string): Command {
  return { argv: ["mkdir", "--", `${directory}/${name}`] };
}

/** The same where nothing can be made, because the volume is full: a time of its root, in seconds since 1970. */
export function setTime(directory: string, seconds: number): Command {
  return { argv: ["touch", "-m", "-d", `@${seconds}`, "--", directory] };
}

/** Prints the directory if it has just this time. */
export function havingTime(directory: string, seconds: number): Command {
  return { argv: ["find", directory, "-maxdepth", "0", "-newermt", `@${seconds - 1}`, "!", "-newermt", `@${seconds}`] };
}

/** Also what runs that were killed have left. */
export function removeProofs(directory: string): Command {
  return {
    argv: ["find", directory, "-mindepth", "1", "-maxdepth", "1", "-name", `${proofPrefix}*`, "-type", "d", "-empty", "-delete"],
  };
}

// ---- bricks ----------------------------------------------------------------------------------------------------------------

/** `.glusterfs/XX/YY/` holds a hard link of every file and a symbolic link of every directory, named for its id: a file there is content. */
const hex = "[0-9a-f][0-9a-f]";

/** What shards are in: hidden from mounts while features.shard is on (seen with 10.3). */
const shards = [".shard", ".shard/.remove_me"] as const;

/** As `find -path` would have it. */
const anyId = "[0-9a-f-]".repeat(36);

/**
 * One entry of a brick that is not GlusterFS's own; prints nothing when there is none. What was deleted while it was open, or by healing, waits in
 * `unlink` and `landfill`; what healing keeps without a name, in the anonymous directory. `id`: of the volume. @default any
 */
export function firstBrickEntry(path: string, id = anyId): Command {
  const at = literal(path);
  const gluster = `${at}/.glusterfs`;
  const content = ["unlink", "landfill", hex].map((name) => `${gluster}/${name}`);
  const own = [gluster, ...content, `${gluster}/${hex}/${hex}`, `${at}/.glusterfs-anonymous-inode-${id}`];
  const visible = [...ownDirectories, ...shards].map((name) => `${at}/${name}`);
  const parts = [
    ["-type", "d", ...either([...own, ...visible].map((name) => ["-path", name]))],
    ["-type", "l", "-path", `${gluster}/${hex}/${hex}/*`],
    ["-path", `${gluster}/*`, ...content.flatMap((name) => ["!", "-path", `${name}/*`]), "-prune"],
    ["-print", "-quit"],
  ];
  return { argv: ["find", path, "-ignore_readdir_race", "-mindepth", "1", ...either(parts)] };
}

/** Limits as bricks have them in their extended attributes: `NAME.VERSION=0x`, the hard limit first, in 16 digits. */
export function brickLimits(paths: readonly string[]): Command {
  return {
    argv: ["getfattr", "-h", "-d", "-m", "^trusted\\.glusterfs\\.quota\\.", "-e", "hex", "--absolute-names", "--", ...paths],
  };
}
