// getfattr and setfattr of attr 2.5 on volumes and bricks of GlusterFS (seen with 10.3). Through a mount nobody sees what GlusterFS keeps for
// itself, and ACLs show by their names alone; a brick shows all. Elsewhere the real tools answer.
import type { Context } from "../context";
import { ENODATA, ENOENT, EPERM, strerror } from "../errno";
import { changeInode, inodeOf, statOf } from "../inodes";
import { has, lastValue, parseOptions } from "../options";
import { runReal } from "../posix/real-tool";
import { glusterOf } from "./call";
import { brickPath, hostRoot } from "./files";
import { glusterPath } from "./mount-tools";
import type { Brick, Volume } from "./state";

/** What clients can neither see nor set. */
const isGlustersOwn = (name: string) => /^trusted\.(gfid$|afr\.|glusterfs\.(volume-id$|mdata$|dht$|quota\.))/.test(name);

export function getfattr(context: Context, args: string[]): number | Promise<number> {
  const parsed = parseOptions(args, [
    { name: "dump", short: "d", long: "dump" },
    { name: "link", short: "h", long: "no-dereference" },
    { name: "match", short: "m", long: "match", argument: true },
    { name: "encoding", short: "e", long: "encoding", argument: true },
    { name: "absolute", long: "absolute-names" },
  ]);
  if (parsed.unknown !== undefined || !parsed.operands.some((path) => glusterPath(context, path)))
    return runReal(context, "getfattr", args);
  const match = lastValue(parsed, "match") ?? "^user\\.";
  const pattern = new RegExp(match === "-" ? "" : match);
  let exit = 0;
  for (const path of parsed.operands) {
    const all = attributesOf(context, path);
    if (!all) {
      context.err(`getfattr: ${path}: ${strerror(ENOENT)}\n`);
      exit = 1;
      continue;
    }
    const shown = Object.entries(all).filter(([name]) => pattern.test(name));
    const isHex = lastValue(parsed, "encoding") === "hex";
    const lines = shown
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([name, value]) => `${escaped(name)}${has(parsed, "dump") ? `=${encoded(value, isHex)}` : ""}\n`);
    if (lines.length > 0) context.out(`# file: ${asAsked(context, path)}\n${lines.join("")}\n`);
  }
  return exit;
}

/** Bricks lie in the root directory of their server, which its tools do not see. */
function asAsked({ dir, host }: Context, path: string): string {
  const root = hostRoot(dir, host);
  return path.startsWith(`${root}/`) ? path.slice(root.length) : path;
}

/** What is not text is kept as hex. */
function encoded(value: string, isHex: boolean): string {
  if (value.startsWith("0x")) return value;
  return isHex ? `0x${Buffer.from(value).toString("hex")}` : `"${value}"`;
}

function escaped(name: string): string {
  return name.replace(/[\\\n\r=]/g, (letter) => `\\${letter.charCodeAt(0).toString(8).padStart(3, "0")}`);
}

export function setfattr(context: Context, args: string[]): number | Promise<number> {
  const parsed = parseOptions(args, [
    { name: "name", short: "n", long: "name", argument: true },
    { name: "value", short: "v", long: "value", argument: true },
    { name: "remove", short: "x", long: "remove", argument: true },
    { name: "link", short: "h", long: "no-dereference" },
  ]);
  const [path = ""] = parsed.operands;
  const real = glusterPath(context, path);
  if (parsed.unknown !== undefined || real === undefined) return runReal(context, "setfattr", args);
  const [removed, name = removed ?? ""] = [lastValue(parsed, "remove"), lastValue(parsed, "name")];
  const errno = !statOf(real)
    ? ENOENT
    : isGlustersOwn(name)
      ? EPERM
      : removed !== undefined && attributesOf(context, path)?.[name] === undefined
        ? ENODATA
        : 0;
  if (errno !== 0) {
    // What xattr(7) calls ENODATA is "No such attribute" here.
    context.err(`setfattr: ${path}: ${errno === ENODATA ? "No such attribute" : strerror(errno)}\n`);
    return 1;
  }
  context.change((state) => {
    const { [name]: _, ...others } = inodeOf(state, real)?.attributes ?? {};
    changeInode(state, real, {
      attributes: removed === undefined ? { ...others, [name]: lastValue(parsed, "value") ?? "" } : others,
    });
  });
  return 0;
}

/** By name; undefined where nothing is. */
function attributesOf(context: Context, path: string): Record<string, string> | undefined {
  const real = glusterPath(context, path);
  if (real === undefined || !statOf(real)) return undefined;
  const set = inodeOf(context.state(), real)?.attributes ?? {};
  const brick = path === real ? brickAt(context, real) : undefined;
  return { ...set, ...(brick ? brickAttributes(brick) : {}) };
}

function brickAt(context: Context, real: string): { volume: Volume; brick: Brick } | undefined {
  for (const cluster of glusterOf(context.state()).clusters)
    for (const volume of cluster.volumes)
      for (const brick of volume.bricks) if (brickPath(context.dir, cluster, brick) === real) return { volume, brick };
  return undefined;
}

function brickAttributes({ volume, brick }: { volume: Volume; brick: Brick }): Record<string, string> {
  const limit = brick.hasLost === "limit" ? undefined : volume.limit;
  return {
    "trusted.gfid": "0x00000000000000000000000000000001",
    "trusted.glusterfs.volume-id": `0x${volume.id.replaceAll("-", "")}`,
    ...(limit === undefined
      ? {}
      : { "trusted.glusterfs.quota.limit-set.1": `0x${BigInt(limit).toString(16).padStart(16, "0")}ffffffffffffffff` }),
  };
}
