// NID ranges as lctl reads them and the kernel compares them. Written for the sandbox alone: it judges the executor's own parser.
import type { LustreVersion, NidRange } from "./state";

type Extent = Omit<NidRange, "id">;

type ReadRange =
  | { extent: Extent }
  /** `grammar`: refused by lctl, with what it says; `kernel`: EINVAL from the ioctl; `range`: 2.16's silent -ERANGE. */
  | { wrong: "grammar"; said: string }
  | { wrong: "noncontiguous" | "kernel" | "range" };

const network = /^(tcp|o2ib|kfi|gni|lo)(\d*)$/;

export function readNidRange(text: string, version: LustreVersion): ReadRange {
  if (text.includes("/")) return readCidr(text, version);
  const pair = /^([^@]+)@(\w+):([^@]+)@(\w+)$/.exec(text);
  if (pair) return readPair(pair, version);
  const at = text.lastIndexOf("@");
  if (text === "") return { wrong: "grammar", said: "" };
  if (at < 0) return { wrong: "grammar", said: `nidrange "${text}" doesn't contain '@'` };
  const net = readNetwork(text.slice(at + 1));
  if (net === undefined) return { wrong: "grammar", said: `failed to add nidrange for network "${text.slice(at + 1)}"` };
  const address = text.slice(0, at);
  if (net === "lo") return { wrong: "kernel" }; // golden d070
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

/** The trap: 2.17.0 takes an IPv4 CIDR with exit 0 and it matches nothing (golden d048, g001). 2.16.1 takes IPv6 /128 alone (m216lctl-007). */
function readCidr(text: string, version: LustreVersion): ReadRange {
  const match = /^([^/@]+)\/(\d+)@(\w+)$/.exec(text);
  const net = match && readNetwork(match[3] ?? "");
  if (!match || !net || net === "lo") return { wrong: "kernel" }; // golden g014
  const [, address = "", digits = ""] = match;
  const prefix = Number(digits);
  const isV6 = address.includes(":");
  const value = isV6 ? parseV6(address) : parseV4(address);
  if (value === undefined || prefix < 1 || prefix > (isV6 ? 128 : 32)) return { wrong: "kernel" }; // golden d052, d053
  if (version === "2.16.1" && !(isV6 && prefix === 128)) return { wrong: "range" };
  const start = isV6 ? formatV6(value) : address;
  return { extent: { net, start, end: start, prefix } };
}

/** `A@tcp:B@tcp` (golden d066); not on 2.16. */
function readPair([text, from = "", fromNet = "", to = "", toNet = ""]: RegExpExecArray, version: LustreVersion): ReadRange {
  const net = readNetwork(fromNet);
  const [start, end] = [numberOf(from), numberOf(to)];
  if (version === "2.16.1" || !net || net !== readNetwork(toNet) || start === undefined || end === undefined || start > end) {
    return { wrong: "grammar", said: `Failed to parse addrrange "${text}" rc = -22` };
  }
  return { extent: { net, start: from, end: to } };
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
  return net === "lo" || numberOf(address) !== undefined ? { net, address } : undefined;
}

export function covers(range: NidRange, nid: Nid): boolean {
  const value = numberOf(nid.address);
  if (range.net !== nid.net || value === undefined || isV6(range.start) !== isV6(nid.address)) return false;
  if (range.prefix !== undefined && !isV6(range.start)) return false; // golden g001, g002, g011
  const [start, end] = bounds(range);
  return value >= start && value <= end;
}

/** IPv4 CIDRs live in a list of their own and only meet each other, alike to the letter (golden d046, g004, g006 to g008). */
export function overlap(a: Extent, b: Extent): boolean {
  if (a.net !== b.net || isV6(a.start) !== isV6(b.start)) return false;
  if (!isV6(a.start) && (a.prefix !== undefined || b.prefix !== undefined)) return a.start === b.start && a.prefix === b.prefix;
  const [aStart, aEnd] = bounds(a);
  const [bStart, bEnd] = bounds(b);
  return aStart <= bEnd && bStart <= aEnd;
}

/** Deleting asks for the same extent, however written (golden d082, d083, g016, g018, g019). */
export function sameExtent(a: Extent, b: Extent): boolean {
  return (
    a.net === b.net && numberOf(a.start) === numberOf(b.start) && numberOf(a.end) === numberOf(b.end) && a.prefix === b.prefix
  );
}

export function contains(outer: Extent, inner: Extent): boolean {
  if (outer.net !== inner.net || isV6(outer.start) !== isV6(inner.start)) return false;
  const [outerStart, outerEnd] = bounds(outer);
  const [innerStart, innerEnd] = bounds(inner);
  return outerStart <= innerStart && innerEnd <= outerEnd;
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
  return isV6(address) ? parseV6(address) : parseV4(address);
}

function parseV4(text: string): bigint | undefined {
  const octets = text.split(".");
  if (octets.length !== 4 || !octets.every((octet) => /^\d{1,3}$/.test(octet) && Number(octet) <= 255)) return undefined;
  return octets.reduce((sum, octet) => sum * 256n + BigInt(octet), 0n);
}

function parseV6(text: string): bigint | undefined {
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

/** The longest run of zero words becomes `::`, as the kernel prints addresses (golden d075). */
function formatV6(value: bigint): string {
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
