// What lfs, lctl and stat print, read strictly: a line of unknown form is an error, never skipped. Pure.

import { type NidInterval, normalNet, parseNid } from "../../spec/address";
import { fault } from "./faults";

export function unreadable(what: string, text: string): never {
  throw fault("COMMAND_FAILED", { summary: `${what} printed something unknown`, said: text });
}

// ---- lfs -------------------------------------------------------------------------------------------------------------------

export interface ProjectOf {
  id: number;
  /** New entries inherit the id (flag P). */
  inherit: boolean;
  path: string;
}

/** A list of which some lines are of a form that is not known: they are about something else, and stop nobody, but are told. */
export interface Listed<T> {
  items: T[];
  unread: string[];
}

/** `lfs project DIRECTORY`: " 1001 P /mnt/lustre/shares/p1" (golden b003, b009). A name with a line break is half unread (b052). */
export function parseLfsProjectChildren(text: string): Listed<ProjectOf> {
  const listed: Listed<ProjectOf> = { items: [], unread: [] };
  for (const line of lines(text)) {
    const match = /^ *(\d+) ([P-]) (\/.*)$/.exec(line);
    if (match?.[1] && match[3]) listed.items.push({ id: Number(match[1]), inherit: match[2] === "P", path: match[3] });
    else listed.unread.push(line);
  }
  return listed;
}

/** `lfs project -d PATH...`: the paths that were asked for, each with a line that can be read. */
export function parseLfsProject(text: string): ProjectOf[] {
  const { items, unread } = parseLfsProjectChildren(text);
  return unread[0] === undefined ? items : unreadable("lfs project", unread[0]);
}

export interface Target {
  name: string;
  kind: "MDT" | "OST";
  totalBytes: bigint;
  usedBytes: bigint;
  availableBytes: bigint;
  /** Letters of its state, such as "N": takes no new objects (golden y305). */
  state?: string;
}

export interface TargetsSeen {
  targets: Target[];
  /** Targets that did not answer, with what lfs said about them. */
  degraded: { name: string; why: string }[];
}

/**
 * `lfs df -l MOUNT`: a line a target, with letters behind it for its state (golden a013, y293, y327); one that is away prints
 * "NAME_UUID  : inactive device" or an error (y357). A unit of 1n reads `lfs df -i`.
 */
export function parseLfsDf(text: string, unit = 1024n): TargetsSeen {
  const seen: TargetsSeen = { targets: [], degraded: [] };
  for (const line of lines(text)) {
    const up = /^(\S+)_UUID +(\d+) +(\d+) +(\d+) +\d+% +.*\[(MDT|OST):\d+\] *(\S*) *$/.exec(line);
    if (up?.[1]) {
      const bytes = (index: number) => BigInt(up[index] ?? "0") * unit;
      seen.targets.push({
        name: up[1],
        kind: up[5] as "MDT" | "OST",
        totalBytes: bytes(2),
        usedBytes: bytes(3),
        availableBytes: bytes(4),
        ...(up[6] ? { state: up[6] } : {}),
      });
      continue;
    }
    if (/^(UUID|filesystem_summary:) /.test(line)) continue;
    const down = /^(\S+?)(?:_UUID)? *: +(.+)$/.exec(line);
    if (!down?.[1] || !down[2]) return unreadable("lfs df", line);
    seen.degraded.push({ name: down[1], why: down[2] });
  }
  return seen;
}

/** `target_obd`: every target of a kind that the file system has, also those that are away (golden a049; INACTIVE from sources). */
export function parseTargets(text: string): string[] {
  return lines(text).map((line) => {
    const name = /^\d+: (\S+)_UUID (?:IN)?ACTIVE\s*$/.exec(line)?.[1];
    // One that was passed over would count as checked.
    return name ?? unreadable("lctl get_param", line);
  });
}

/** `df -P PATH`: a header, and total, used and available of the one file system that was asked for (golden a012). */
export function parseDf(text: string): { totalBytes: bigint; usedBytes: bigint; availableBytes: bigint } {
  const [header = "", ...data] = lines(text);
  const isOne = header.startsWith("Filesystem ") && data.length === 1;
  const numbers = isOne ? /^\S.* +(\d+) +(\d+) +(\d+) +(?:\d+%|-) /.exec(data[0] ?? "") : undefined;
  if (!numbers?.[1] || !numbers[2] || !numbers[3]) return unreadable("df -P", text);
  return {
    totalBytes: BigInt(numbers[1]) * 1024n,
    usedBytes: BigInt(numbers[2]) * 1024n,
    availableBytes: BigInt(numbers[3]) * 1024n,
  };
}

export interface StripeComponent {
  end: bigint | "EOF";
  /** 0 where nothing is set: the default of the file system holds. */
  count: number;
  size: bigint;
  /** "raid0", "mdt". */
  pattern: string;
  /** Index of the OST that every file begins on; -1 is any. */
  index: number;
  pool?: string;
}

const stripeLine =
  /^ *stripe_count: +(-?\d+) +stripe_size: +(\d+) +pattern: +(\S+) +(?:stripe_offset|mdt_index): +(-?\d+)(?: +pool: +(\S+))?$/;
const compositeLine = /^ *lcm(?:_layout_gen|_mirror_count|_entry_count|e_id|e_mirror_id|e_flags|e_extent\.e_start): +\S+$/;

/**
 * `lfs getstripe -d --raw DIR`: a line a component, between lines about it where there are several (golden b079, b090, y126). A directory
 * without a layout of its own has none: it prints zeros and pattern 0 (b081).
 */
export function parseLfsGetstripe(text: string): StripeComponent[] {
  const components: StripeComponent[] = [];
  let end: bigint | "EOF" = "EOF";
  for (const line of lines(text)) {
    const extent = /^ *lcme_extent\.e_end: +(EOF|\d+)$/.exec(line)?.[1];
    if (extent !== undefined) end = extent === "EOF" ? "EOF" : BigInt(extent);
    else if (!compositeLine.test(line)) components.push(componentIn(line, end));
  }
  if (components.length === 0) unreadable("lfs getstripe", text);
  return components.filter(({ pattern }) => pattern !== "0");
}

function componentIn(line: string, end: bigint | "EOF"): StripeComponent {
  const [, count, size, pattern, index, pool] = stripeLine.exec(line) ?? [];
  if (count === undefined || size === undefined || pattern === undefined) return unreadable("lfs getstripe", line);
  return { end, count: Number(count), size: BigInt(size), pattern, index: Number(index), ...(pool ? { pool } : {}) };
}

// ---- lctl ------------------------------------------------------------------------------------------------------------------

/** A list of ranges: " { id: 1, start_nid: 10.1.0.1@tcp, end_nid: 10.1.0.10@tcp }" (golden d040, d177, y551). */
export function parseRanges(text: string): NidInterval[] {
  return lines(text).flatMap((line) => {
    if (!line.trim().startsWith("{")) return [];
    const [, from = "", to = ""] = /^ *\{ id: \d+, start_nid: (\S+), end_nid: (\S+) \},?$/.exec(line) ?? [];
    const start = parseNid(from);
    const end = from === to ? start : parseNid(to);
    if (start && end) return [{ ...start, end: end.start }];
    // A network that is none of ours belongs to others and cannot meet us.
    const net = from.split("@")[1];
    return net !== undefined && net !== "" && normalNet(net) === undefined ? [] : unreadable("lctl get_param", line);
  });
}

export interface Export {
  nid: string;
  /** The target it is connected to: "lfs01-MDT0000". */
  device: string;
}

/** Who is connected to the targets of a host, of one nodemap (golden f003, f006). */
export function parseExports(text: string): Export[] {
  return lines(text).flatMap((line) => {
    if (["[", "]", "[]"].includes(line.trim())) return [];
    const [, nid, device] = /^ ?\{ nid: (\S+), uuid: \S+, dev: (\S+) \},?$/.exec(line) ?? [];
    return nid === undefined || device === undefined ? unreadable("lctl get_param", line) : [{ nid, device }];
  });
}

export interface Fileset {
  path: string;
  primary: boolean;
  readOnly: boolean;
}

/** The fileset of a nodemap: 2.17 prints a list (golden d151), 2.16 the bare path (nodemap_lproc.c of 2.16.1). */
export function parseFilesets(text: string): Fileset[] {
  const bare = text.trim();
  if (bare.startsWith("/") && !bare.includes("\n")) return [{ path: bare, primary: true, readOnly: false }];
  return lines(text).flatMap((line) => {
    if (["[", "]", "[]", ""].includes(line.trim())) return [];
    const [, kind, path, readOnly] = /^ *\{ (primary|alternate): +(.+?)(, mode: r[ow])? \},?$/.exec(line) ?? [];
    // One that was passed over would open a place that nobody knows of.
    if (path === undefined) return unreadable("lctl get_param", line);
    return [{ path, primary: kind === "primary", readOnly: readOnly === ", mode: ro" }];
  });
}

/** `lctl get_param -n version` or any text with the version in it: [2, 17]. */
export function parseVersion(text: string): [number, number] | undefined {
  const match = /(\d+)\.(\d+)/.exec(text);
  return match ? [Number(match[1]), Number(match[2])] : undefined;
}

// ---- POSIX -----------------------------------------------------------------------------------------------------------------

export interface Entry {
  type: string;
  mode: number;
  uid: number;
  gid: number;
  /** Text of a symbolic link. */
  link?: string;
}

export interface Found {
  entries: Map<string, Entry>;
  /** Texts of the records among what was asked for. */
  records: string[];
  /** How many were not there. */
  absent: number;
}

const entryTypes: Readonly<Record<string, string>> = {
  d: "directory",
  l: "symbolic link",
  f: "regular file",
  p: "fifo",
  s: "socket",
  c: "character device",
  b: "block device",
};

/** `find PATH... -printf %y|%m|%U|%G|%D|%i|%l|%p`: entries of the paths, records, and whatever is proven absent. Anything else is an error. */
export function parseFind(stdout: string, stderr: string, paths: readonly string[]): Found {
  const entries = new Map<string, Entry>();
  const [records, found] = split(lines(stdout), (line) => line.startsWith("{"));
  for (const line of found) {
    const [, letter = "", mode = "", uid, gid, rest = ""] = /^(.)\|([0-7]{1,5})\|(\d+)\|(\d+)\|\d+\|\d+\|(.*)$/.exec(line) ?? [];
    // The text of a link may be anything, its own path cannot.
    const path = rest.startsWith("|") ? rest.slice(1) : paths.find((one) => rest.endsWith(`|${one}`));
    const type = entryTypes[letter];
    if (type === undefined || path === undefined || !paths.includes(path)) return unreadable("find", line);
    const link = letter === "l" ? { link: rest.slice(0, -path.length - 1) } : {};
    entries.set(path, { type, mode: Number.parseInt(mode, 8), uid: Number(uid), gid: Number(gid), ...link });
  }
  const absent = lines(stderr);
  for (const line of absent)
    if (!/^(?:[^:]*\/)?(?:find|cat): .*: (?:No such file or directory|Not a directory)$/.test(line)) unreadable("find", line);
  return { entries, records, absent: absent.length };
}

function split<T>(all: readonly T[], holds: (one: T) => boolean): [T[], T[]] {
  return [all.filter(holds), all.filter((one) => !holds(one))];
}

export function lines(text: string): string[] {
  return text.split("\n").filter((line) => line !== "");
}
