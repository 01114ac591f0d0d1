// Reads what `gluster --xml` prints; the one place that knows its elements. Pure.
import { parseXml, type XmlElement } from "@rgrove/parse-xml";

/** How an operation ended: exit 0 only says that XML was printed. */
export interface Op {
  ret: number;
  errno: number;
  error: string;
}

export interface Volume {
  name: string;
  id: string;
  status: "created" | "started" | "stopped";
  snapshots: number;
  /** How many bricks hold the same, or pieces of the same, data. */
  replica: number;
  arbiter: number;
  disperse: number;
  redundancy: number;
  /** `HOST:PATH` */
  bricks: string[];
  /** Ids of the pool members that hold the bricks. */
  members: string[];
  /** What was set explicitly, with the mark of a default cut off. */
  options: Readonly<Record<string, string>>;
}

export interface Peer {
  id: string;
  /** The one that was asked calls itself localhost. */
  host: string;
  connected: boolean;
}

export interface BrickStatus {
  host: string;
  path: string;
  /** Of the file system that the brick is on; "" where it is not told. Several bricks may share one. */
  device: string;
  online: boolean;
  total: bigint;
  free: bigint;
}

export interface Quota {
  /** undefined: there is none on the bricks. */
  limit: bigint | undefined;
  /** undefined: what gluster counts cannot be. */
  used: bigint | undefined;
}

export interface Snapshot {
  name: string;
  volume: string;
  /** Can be cloned. */
  active: boolean;
}

/** undefined: not the XML of the gluster CLI. */
export function opIn(xml: string): Op | undefined {
  const root = rootOf(xml);
  if (!root) return undefined;
  const ret = textAt(root, "opRet") ?? "";
  if (!/^-?\d+$/.test(ret)) return undefined;
  return { ret: Number(ret), errno: Number(textAt(root, "opErrno") ?? 0), error: textAt(root, "opErrstr") ?? "" };
}

/** @throws Error for anything but the XML of `gluster volume info` */
export function volumesIn(xml: string): Volume[] {
  const root = needed(rootOf(xml), "cliOutput");
  const volumes = needed(child(needed(child(root, "volInfo"), "volInfo"), "volumes"), "volumes");
  return children(volumes, "volume").map(volumeOf);
}

const statuses = ["created", "started", "stopped"] as const;

function volumeOf(element: XmlElement): Volume {
  const count = (name: string) => Number(textAt(element, name) ?? 0);
  const status = statuses[Number(neededText(element, "status"))];
  if (!status) throw new Error(`volume ${neededText(element, "name")}: unknown status ${textAt(element, "statusStr")}`);
  return {
    name: neededText(element, "name"),
    id: neededText(element, "id"),
    status,
    snapshots: count("snapshotCount"),
    replica: count("replicaCount"),
    arbiter: count("arbiterCount"),
    disperse: count("disperseCount"),
    redundancy: count("redundancyCount"),
    bricks: children(needed(child(element, "bricks"), "bricks"), "brick").map((brick) => neededText(brick, "name")),
    members: [...new Set(children(child(element, "bricks"), "brick").map((brick) => textAt(brick, "hostUuid") ?? ""))],
    options: Object.fromEntries(
      children(child(element, "options"), "option").map((option) => [
        neededText(option, "name"),
        withoutDefault(textAt(option, "value") ?? ""),
      ]),
    ),
  };
}

/** Newer releases append this to values that were not set. */
function withoutDefault(value: string): string {
  return value.replace(/ \(DEFAULT\)$/, "");
}

export function peersIn(xml: string): Peer[] {
  const root = needed(rootOf(xml), "cliOutput");
  return children(needed(child(root, "peerStatus"), "peerStatus"), "peer").map((peer) => ({
    id: neededText(peer, "uuid"),
    host: neededText(peer, "hostname"),
    connected: neededText(peer, "connected") === "1",
  }));
}

export function bricksIn(xml: string): BrickStatus[] {
  const root = needed(rootOf(xml), "cliOutput");
  const volumes = child(needed(child(root, "volStatus"), "volStatus"), "volumes");
  return children(volumes, "volume").flatMap((volume) =>
    children(volume, "node")
      .filter((node) => textAt(node, "sizeTotal") !== undefined)
      .map((node) => ({
        host: neededText(node, "hostname"),
        path: neededText(node, "path"),
        device: textAt(node, "device") ?? "",
        online: neededText(node, "status") === "1",
        total: bytes(neededText(node, "sizeTotal")),
        free: bytes(neededText(node, "sizeFree")),
      })),
  );
}

/** Of `volume status V quotad`: whether use is counted everywhere. */
export function countsUse(xml: string): boolean {
  const root = needed(rootOf(xml), "cliOutput");
  const volumes = child(needed(child(root, "volStatus"), "volStatus"), "volumes");
  const daemons = children(volumes, "volume").flatMap((volume) => children(volume, "node"));
  return daemons.length > 0 && daemons.every((daemon) => textAt(daemon, "status") === "1");
}

/** undefined: it does not tell. */
export function quotaIn(xml: string): Quota | undefined {
  const root = needed(rootOf(xml), "cliOutput");
  const limit = children(child(root, "volQuota"), "limit").find((one) => textAt(one, "path") === "/");
  if (!limit) return undefined;
  const hard = textAt(limit, "hard_limit") ?? "";
  const used = textAt(limit, "used_space") ?? "";
  if (!/^(\d+|N\/A)$/.test(hard) || !/^-?\d+$/.test(used)) return undefined;
  return { limit: hard === "N/A" ? undefined : BigInt(hard), used: used.startsWith("-") ? undefined : BigInt(used) };
}

/** Of `gluster volume quota VOLUME list /`: in place of numbers a line of text comes before XML that tells nothing. */
export function isUncounted(printed: string): boolean {
  return /^\/ +N\/A +N\/A /.test(printed);
}

const attributeLine = /^trusted\.glusterfs\.quota\.(.+?)(?:\.(\d+))?=0x([0-9a-f]*)$/;

/**
 * Of `brickLimits`, by the paths of bricks: the limit of the whole volume, undefined where the brick has none. Each time that quota is switched on its
 * attributes get another number; older ones say nothing (seen with 10.3). @throws Error for a line that is none of getfattr's
 */
export function brickLimitsIn(text: string, paths: readonly string[]): Map<string, bigint | undefined> {
  const seen = new Map(paths.map((path) => [path, { version: -1, limit: undefined as bigint | undefined }]));
  let here: { version: number; limit: bigint | undefined } | undefined;
  for (const line of text.split("\n").filter(Boolean)) {
    const file = /^# file: (.*)$/.exec(line)?.[1];
    if (file !== undefined) here = seen.get(file);
    const [, name, version = "0", hex = ""] = attributeLine.exec(line) ?? [];
    if (!here || (file === undefined && name === undefined)) throw new Error(`not a line of getfattr: ${line}`);
    if (Number(version) > here.version && (name === "size" || name === "limit-set"))
      Object.assign(here, { version: Number(version), limit: undefined });
    if (name === "limit-set" && Number(version) === here.version) here.limit = BigInt(`0x${hex.slice(0, 16) || "0"}`);
  }
  return new Map([...seen].map(([path, { limit }]) => [path, limit]));
}

export function snapshotNamesIn(xml: string): string[] {
  const root = needed(rootOf(xml), "cliOutput");
  return children(child(root, "snapList"), "snapshot").map((snapshot) => snapshot.text);
}

/** Of `gluster snapshot info NAME`. */
export function snapshotIn(xml: string): Snapshot {
  const root = needed(rootOf(xml), "cliOutput");
  const snapshots = needed(child(needed(child(root, "snapInfo"), "snapInfo"), "snapshots"), "snapshots");
  const snapshot = needed(child(snapshots, "snapshot"), "snapshot");
  const volume = needed(child(snapshot, "snapVolume"), "snapVolume");
  return {
    name: neededText(snapshot, "name"),
    volume: neededText(needed(child(volume, "originVolume"), "originVolume"), "name"),
    active: neededText(volume, "status") === "Started",
  };
}

/** "glusterfs 10.3" as [10, 3]. */
export function versionIn(text: string): [major: number, minor: number] | undefined {
  const match = /^glusterfs (\d+)\.(\d+)(?![A-Za-z0-9])/.exec(text);
  return match ? [Number(match[1]), Number(match[2])] : undefined;
}

const truths = new Map([
  ...["on", "yes", "true", "enable", "1"].map((word) => [word, true] as const),
  ...["off", "no", "false", "disable", "0"].map((word) => [word, false] as const),
]);

/** Of an option that is on or off; undefined when it is not set, or says neither. */
export function booleanOf(value: string | undefined): boolean | undefined {
  return value === undefined ? undefined : truths.get(value.toLowerCase());
}

// ---- elements --------------------------------------------------------------------------------------------------------------

function rootOf(xml: string): XmlElement | undefined {
  try {
    const { root } = parseXml(xml);
    return root?.name === "cliOutput" ? root : undefined;
  } catch {
    return undefined;
  }
}

function children(element: XmlElement | undefined, name: string): XmlElement[] {
  return (element?.children ?? []).filter(
    (node): node is XmlElement => node.type === "element" && (node as XmlElement).name === name,
  );
}

function child(element: XmlElement | undefined, name: string): XmlElement | undefined {
  return children(element, name)[0];
}

function textAt(element: XmlElement, name: string): string | undefined {
  return child(element, name)?.text.trim();
}

function needed<T>(element: T | undefined, name: string): T {
  if (element === undefined) throw new Error(`no <${name}> in the answer of gluster`);
  return element;
}

function neededText(element: XmlElement, name: string): string {
  return needed(textAt(element, name), name);
}

function bytes(text: string): bigint {
  if (!/^\d+$/.test(text)) throw new Error(`"${text}" is no number of bytes`);
  return BigInt(text);
}
