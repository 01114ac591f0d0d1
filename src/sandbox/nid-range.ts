// NID ranges as lctl reads them and the kernel compares them. Written for the sandbox alone: it judges the executor's own parser.
import type { LustreVersion, NidRange } from "./state";

type Extent = Omit<NidRange, "id">;

type ReadRange =
  | { extent: Extent }
  /** `grammar`: refused by lctl, with what it says; `kernel`: EINVAL from the ioctl; `range`: 2.16's silent -ERANGE. */
  | { wrong: "grammar"; said: string }
  | { wrong: "noncontiguous" | "unsupported" | "kernel" | "range" };

const network = /^(tcp|o2ib|kfi|gni|ptlf|lo)(\d*)$/;
/** Nodes of these networks have numbers (golden y468 to y510). */
const numbered = /^(kfi|gni|ptlf)\d*$/;

export function readNidRange(text: string, version: LustreVersion): ReadRange {
  if (text.includes("/")) return readCidr(text, version);
  // 2.17's lctl leaves everything with a colon to the kernel
  if (version === "2.17.0" && text.includes(":")) return readByKernel(text);
  const pair = /^([^@]+)@(\w+):([^@]+)@(\w+)$/.exec(text);
  if (pair) return { wrong: "grammar", said: `Failed to parse addrrange "${text}" rc = -22` };
  const at = text.lastIndexOf("@");
  if (text === "") return { wrong: "grammar", said: "" };
  if (at < 0) return { wrong: "grammar", said: `nidrange "${text}" doesn't contain '@'` };
  const net = readNetwork(text.slice(at + 1));
  if (net === undefined) return { wrong: "grammar", said: `failed to add nidrange for network "${text.slice(at + 1)}"` };
  const address = text.slice(0, at);
  if (net === "lo") return { wrong: "kernel" }; // golden d070
  if (numbered.test(net)) return readNumbers(net, address);
  if (address === "*") return { extent: { net, start: "0.0.0.0", end: "255.255.255.255" } }; // golden d057
  const extent = address.includes(":") ? readV6(address) : readV4(address);
  if (extent === undefined) return { wrong: "grammar", said: `Failed to parse addrrange "${address}" rc = -22` };
  return extent === "noncontiguous" ? { wrong: "noncontiguous" } : { extent: { net, ...extent } };
}

/** tcp0 is tcp (golden g020). */
function readNetwork(text: string): string | undefined {
  const match = network.exec(text);
  return match ? `${match[1]}${Number(match[2] || 0) || ""}` : undefined;
}

/** A number, also in hexadecimal, or `[a-b]`; `*` is taken for 0 (golden y468 to y487, y569). Numbers have 32 bits (y483). */
function readNumbers(net: string, address: string): ReadRange {
  if (address === "*") return { extent: { net, start: "0", end: "0" } };
  const list = /^\[([^\]]+)\]$/.exec(address)?.[1];
  if (list?.includes(",")) return { wrong: "unsupported" };
  const [start, end = start] = (list?.split("-") ?? [address]).map(numberOfNode);
  if (start === undefined || end === undefined || start > end)
    return { wrong: "grammar", said: `Failed to parse addrrange "${address}" rc = -22` };
  return { extent: { net, start: String(start), end: String(end) } };
}

function numberOfNode(text: string): bigint | undefined {
  return /^(\d+|0x[0-9a-f]+)$/i.test(text) ? BigInt.asUintN(32, BigInt(text)) : undefined;
}

/** The trap: 2.17.0 takes an IPv4 CIDR with exit 0 and it matches nothing (golden d048, g001). 2.16.1 takes IPv6 /128 alone (m216lctl-007). */
function readCidr(text: string, version: LustreVersion): ReadRange {
  const match = /^([^/@]+)\/(\d+)@(\w+)$/.exec(text);
  const net = match && readNetwork(match[3] ?? "");
  if (!match || !net || net === "lo" || numbered.test(net)) return { wrong: "kernel" }; // golden g014, y475, y514, y530
  const [, address = "", digits = ""] = match;
  const prefix = Number(digits);
  const isV6 = address.includes(":");
  const value = isV6 ? parseV6(address) : parseV4(address);
  if (value === undefined || prefix < 1 || prefix > (isV6 ? 128 : 32)) return { wrong: "kernel" }; // golden d052, d053, y515
  if (version === "2.16.1" && !(isV6 && prefix === 128)) return { wrong: "range" };
  const start = isV6 ? formatV6(value) : address;
  return { extent: { net, start, end: start, prefix } };
}

/** `A@NET:B@NET` for all but IPv6 (golden d066, y489, y520), or one IPv6 address, whose scope is dropped (y528). */
function readByKernel(text: string): ReadRange {
  const pair = /^([^@:]+)@(\w+):([^@:]+)@(\w+)$/.exec(text);
  const single = /^([^@%]+)(?:%\w+)?@(\w+)$/.exec(text);
  const [from = "", fromNet = "", to = from, toNet = fromNet] = (pair ?? single ?? []).slice(1);
  const net = readNetwork(fromNet);
  const [start, end] = [numberOf(from), numberOf(to)];
  const isValid =
    net !== undefined && net !== "lo" && net === readNetwork(toNet) && fitsNetwork(net, from) && fitsNetwork(net, to);
  if (!isValid || start === undefined || end === undefined || start > end) return { wrong: "kernel" };
  return { extent: single ? { net, start: formatV6(start), end: formatV6(start) } : { net, start: from, end: to } };
}

function fitsNetwork(net: string, address: string): boolean {
  return numbered.test(net) === /^\d+$/.test(address);
}

function readV6(address: string): { start: string; end: string } | undefined {
  const value = parseV6(address);
  if (value === undefined) return undefined;
  return { start: formatV6(value), end: formatV6(value) };
}

/** Four of: a number, `*`, `[a-b]`, `[a,b-c]`. Together they have to be one run of addresses (golden d055). */
function readV4(address: string): { start: string; end: string } | "noncontiguous" | undefined {
  const octets = address.split(".").map(readOctet);
  if (octets.length !== 4 || !octets.every((octet) => octet !== undefined)) return undefined;
  const first = octets.findIndex(([low, high]) => low !== high);
  const whole = octets.slice(first + 1).every(([low, high]) => low === 0 && high === 255);
  if (octets.some(([, , gaps]) => gaps) || (first >= 0 && !whole)) return "noncontiguous";
  return { start: octets.map(([low]) => low).join("."), end: octets.map(([, high]) => high).join(".") };
}

function readOctet(text: string): [low: number, high: number, gaps: boolean] | undefined {
  if (text === "*") return [0, 255, false];
  const list = /^\[(.+)\]$/.exec(text)?.[1] ?? (/^\d+$/.test(text) ? text : "");
  const values = new Set<number>();
  for (const item of list.split(",")) {
    const match = /^(\d{1,3})(?:-(\d{1,3}))?$/.exec(item);
    if (!match) return undefined;
    const [low, high] = [Number(match[1]), Number(match[2] ?? match[1])];
    if (low > high || high > 255) return undefined;
    for (let value = low; value <= high; value++) values.add(value);
  }
  const [low, high] = [Math.min(...values), Math.max(...values)];
  return [low, high, values.size !== high - low + 1];
}

export interface Nid {
  net: string;
  address: string;
}

export function readNid(text: string): Nid | undefined {
  const match = /^([^@]+)@(\w+)$/.exec(text);
  const net = match && readNetwork(match[2] ?? "");
  const address = match?.[1] ?? "";
  if (!net) return undefined;
  if (net === "lo") return { net, address };
  const number = numbered.test(net) ? numberOfNode(address) : undefined;
  if (number !== undefined) return { net, address: String(number) };
  return numberOf(address) !== undefined && fitsNetwork(net, address) ? { net, address } : undefined;
}

export function covers(range: NidRange, nid: Nid): boolean {
  const value = numberOf(nid.address);
  if (range.net !== nid.net || value === undefined || isV6(range.start) !== isV6(nid.address)) return false;
  if (range.prefix !== undefined && !isV6(range.start)) return false; // golden g001, g002, g011
  const [start, end] = bounds(range);
  return value >= start && value <= end;
}

/**
 * IPv4 CIDRs live in a list of their own and only meet each other, alike to the letter (golden d046, g004, g006 to g008). IPv6 prefixes and
 * addresses only meet the very same prefix, in whatever nodemap (y511 to y513, y553 to y566).
 */
export function overlap(a: Extent, b: Extent): boolean {
  if (a.net !== b.net || isV6(a.start) !== isV6(b.start)) return false;
  if (isV6(a.start)) return sameExtent(a, b);
  if (a.prefix !== undefined || b.prefix !== undefined) return a.start === b.start && a.prefix === b.prefix;
  const [aStart, aEnd] = bounds(a);
  const [bStart, bEnd] = bounds(b);
  return aStart <= bEnd && bStart <= aEnd;
}

/** Deleting asks for the same extent, however written, host bits and all (golden d082, d083, g016, g018, g019, y545, y546). */
export function sameExtent(a: Extent, b: Extent): boolean {
  if (a.net !== b.net || isV6(a.start) !== isV6(b.start)) return false;
  const [aStart, aEnd] = bounds(a);
  const [bStart, bEnd] = bounds(b);
  return aStart === bStart && aEnd === bEnd && (isV6(a.start) || a.prefix === b.prefix);
}

export function contains(outer: Extent, inner: Extent): boolean {
  if (outer.net !== inner.net || isV6(outer.start) !== isV6(inner.start)) return false;
  const [outerStart, outerEnd] = bounds(outer);
  const [innerStart, innerEnd] = bounds(inner);
  return outerStart <= innerStart && innerEnd <= outerEnd;
}

export function isIpv6({ start }: Extent): boolean {
  return isV6(start);
}

function bounds({ start, end, prefix }: Extent): [bigint, bigint] {
  const low = numberOf(start) ?? 0n;
  if (prefix === undefined || !isV6(start)) return [low, numberOf(end) ?? low];
  const size = 1n << BigInt(128 - prefix);
  const base = low - (low % size);
  return [base, base + size - 1n];
}

function isV6(address: string): boolean {
  return address.includes(":");
}

function numberOf(address: string): bigint | undefined {
  if (/^\d+$/.test(address)) return BigInt(address);
  return isV6(address) ? parseV6(address) : parseV4(address);
}

function parseV4(text: string): bigint | undefined {
  const octets = text.split(".");
  if (octets.length !== 4 || !octets.every((octet) => /^\d{1,3}$/.test(octet) && Number(octet) <= 255)) return undefined;
  return octets.reduce((sum, octet) => sum * 256n + BigInt(octet), 0n);
}

function parseV6(asked: string): bigint | undefined {
  // the last two words may be an IPv4 address (golden y527)
  const dotted = /^(.*:)(\d[\d.]*\.\d+)$/.exec(asked);
  const low = dotted && parseV4(dotted[2] ?? "");
  if (dotted && low === undefined) return undefined;
  const text = dotted ? `${dotted[1]}${((low ?? 0n) >> 16n).toString(16)}:${((low ?? 0n) & 0xffffn).toString(16)}` : asked;
  const [head = "", tail, ...more] = text.split("::");
  if (more.length > 0) return undefined;
  const words = (part: string) => (part === "" ? [] : part.split(":"));
  const left = words(head);
  const right = tail === undefined ? [] : words(tail);
  const missing = 8 - left.length - right.length;
  if (tail === undefined ? missing !== 0 : missing < 1) return undefined;
  const all = [...left, ...Array<string>(missing).fill("0"), ...right];
  if (!all.every((word) => /^[0-9a-f]{1,4}$/i.test(word))) return undefined;
  return all.reduce((sum, word) => sum * 65536n + BigInt(`0x${word}`), 0n);
}

/** The longest run of zero words becomes `::`, as the kernel prints addresses (golden d075); a mapped IPv4 address has dots (y527). */
function formatV6(value: bigint): string {
  if (value >> 32n === 0xffffn) return `::ffff:${[24n, 16n, 8n, 0n].map((shift) => (value >> shift) & 255n).join(".")}`;
  const words = Array.from({ length: 8 }, (_, index) => ((value >> BigInt(112 - 16 * index)) & 0xffffn).toString(16));
  let longest = { at: 0, length: 1 };
  for (let at = 0; at < words.length; at++) {
    const next = words.findIndex((word, index) => index >= at && word !== "0");
    const length = (next < 0 ? words.length : next) - at;
    if (length > longest.length) longest = { at, length };
  }
  if (longest.length < 2) return words.join(":");
  return `${words.slice(0, longest.at).join(":")}::${words.slice(longest.at + longest.length).join(":")}`;
}
