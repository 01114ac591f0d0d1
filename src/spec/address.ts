// Addresses of clients: IP, CIDR, NIDs and ranges of them become intervals on one LNet network, and intervals become range texts again.
import { hintOf } from "./address-hints";
import { formatIpv4, formatIpv6, parseIpv4, parseIpv6 } from "./ip";

/** Every address from `start` to `end`, both included, on the LNet network `net` ("tcp", "o2ib1"). */
export interface NidInterval {
  net: string;
  /** Of the IP addresses; 0 where nodes have numbers. */
  family: 0 | 4 | 6;
  start: bigint;
  end: bigint;
}

/** An address text that cannot be used; `message` says what is wrong, `fix` what to write instead. */
export class AddressError extends Error {
  constructor(
    message: string,
    readonly fix: string,
  ) {
    super(message);
  }
}

const netPattern = /^(tcp|o2ib|efa|kfi|gni|ptlf)(\d{0,5})$/;

/** Whether the nodes of a network have numbers of 32 bits in place of IP addresses (golden y468 to y510). */
export function isNumbered(net: string): boolean {
  return /^(kfi|gni|ptlf)\d*$/.test(net);
}

/** Normal form of a network name: "tcp0" is "tcp". Undefined when it is no LNet network. */
export function normalNet(net: string): string | undefined {
  if (net === "tcp" || net === "o2ib") return net;
  const match = netPattern.exec(net);
  if (!match) return undefined;
  const number = Number(match[2]);
  if (number > 65535 || (match[2]?.length ?? 0) !== (number === 0 && match[2] === "" ? 0 : String(number).length))
    return undefined;
  return number === 0 ? match[1] : `${match[1]}${number}`;
}

function formatAddress(family: NidInterval["family"], value: bigint): string {
  if (family === 0) return String(value);
  return family === 4 ? formatIpv4(value) : formatIpv6(value);
}

function parseNumber(text: string): bigint | undefined {
  const value = /^(0|[1-9]\d{0,9})$/.test(text) ? BigInt(text) : undefined;
  // Lustre takes 4294967296 for 0 (golden y483).
  return value === undefined || value > lastAddress(0) ? undefined : value;
}

export function formatNid(interval: NidInterval, value: bigint): string {
  return `${formatAddress(interval.family, value)}@${interval.net}`;
}

/** One NID such as "10.0.0.1@tcp" or "10761@kfi". */
export function parseNid(text: string): NidInterval | undefined {
  const [address = "", net = "", ...rest] = text.split("@");
  const normal = normalNet(net);
  if (rest.length > 0 || !normal) return undefined;
  if (isNumbered(normal)) {
    const value = parseNumber(address);
    return value === undefined ? undefined : { net: normal, family: 0, start: value, end: value };
  }
  const ipv4 = parseIpv4(address);
  if (ipv4 !== undefined) return { net: normal, family: 4, start: ipv4, end: ipv4 };
  const ipv6 = parseIpv6(address);
  return ipv6 === undefined ? undefined : { net: normal, family: 6, start: ipv6, end: ipv6 };
}

/**
 * Reads a client: `10.0.0.5`, `10.0.0.0/24`, `10.0.0.5@tcp1`, `10.0.0.0/24@o2ib`, `10.0.0.[1-20]@tcp`, `10.0.[0-3].*@tcp`,
 * `10.0.0.1@tcp:10.0.0.9@tcp`, IPv6 addresses and prefixes, `10761@kfi`, `[10761-10824]@kfi`. Without `@net`, `defaultNet` is meant.
 *
 * @throws AddressError for anything else: host bits in a prefix, a range that is not contiguous, the whole address space.
 */
export function parseClient(text: string, defaultNet: string): NidInterval {
  const interval = readClient(text, defaultNet);
  if (isWhole(interval)) throw wholeError(`"${text}" is`);
  return interval;
}

/** @throws AddressError where intervals are together what none of them may be: "::/1" and "8000::/1". */
export function refuseWhole(intervals: readonly NidInterval[]): void {
  const whole = union(intervals).find(isWhole);
  if (whole) throw wholeError(`the clients on ${whole.net} are together`);
}

function wholeError(subject: string): AddressError {
  return new AddressError(`${subject} every address there is, the servers' own included`, "list the networks of the clients");
}

function isWhole({ family, start, end }: NidInterval): boolean {
  // No node has the number 0.
  return start <= (family === 0 ? 1n : 0n) && end === lastAddress(family);
}

export function lastAddress(family: NidInterval["family"]): bigint {
  return (family === 6 ? 2n ** 128n : 2n ** 32n) - 1n;
}

function readClient(text: string, defaultNet: string): NidInterval {
  const pair = /^([^@\s]+@[^@:\s]+):([^@\s]+@[^@:\s]+)$/.exec(text);
  if (pair?.[1] && pair[2]) return parsePair(text, pair[1], pair[2]);
  const [address = "", netText, ...rest] = text.split("@");
  const net = normalNet(netText ?? defaultNet);
  if (rest.length > 0 || !net) {
    throw new AddressError(
      `"${text}" is not on an LNet network`,
      hintOf(text) ?? 'write NIDs as ADDRESS@NET with NET such as "tcp", "tcp1", "o2ib", "kfi"',
    );
  }
  if (isNumbered(net)) return parseNumbers(text, address, net);
  return address.includes("/") ? parsePrefix(text, address, net) : parseSpan(text, address, net);
}

function parsePair(text: string, first: string, last: string): NidInterval {
  const from = parseNid(first);
  const to = parseNid(last);
  if (!from || !to || from.net !== to.net || from.family !== to.family || from.start > to.start) {
    throw new AddressError(
      `"${text}" is not a range of NIDs`,
      'write FIRST@NET:LAST@NET with both on one network, the lower first, such as "10.0.0.1@tcp:10.0.0.9@tcp"',
    );
  }
  return { ...from, end: to.end };
}

/** Of a network whose nodes have numbers: `[a-b]` is what Lustre takes, and nothing with "*", "," or "/" (golden y469 to y475, y569). */
function parseNumbers(text: string, address: string, net: string): NidInterval {
  const [, first = address, last = first] = /^\[(\d+)-(\d+)\]$/.exec(address) ?? [];
  const [start, end] = [parseNumber(first), parseNumber(last)];
  if (start !== undefined && end !== undefined && start <= end) return { net, family: 0, start, end };
  const example = `write the numbers of the nodes, one or a range: "1000@${net}", "[1000-1999]@${net}"`;
  if (address === "*") throw new AddressError(`"${text}" is node 0 alone to Lustre, not all of them`, example);
  const isHex = /^0x[0-9a-f]{1,8}$/i.test(address);
  const hint = isHex ? `write "${BigInt(address)}@${net}"` : hintOf(text);
  throw new AddressError(`"${text}" is no node of ${net}, whose nodes have numbers of 32 bits`, hint ?? example);
}

function parsePrefix(text: string, address: string, net: string): NidInterval {
  const [base = "", bitsText = "", ...rest] = address.split("/");
  const ipv4 = parseIpv4(base);
  const value = ipv4 ?? parseIpv6(base);
  const width = ipv4 === undefined ? 128 : 32;
  const bits = /^\d{1,3}$/.test(bitsText) ? Number(bitsText) : Number.NaN;
  if (value === undefined || rest.length > 0 || !(bits <= width)) {
    throw new AddressError(`"${text}" is not an address prefix`, hintOf(text) ?? 'write ADDRESS/BITS such as "10.0.0.0/24"');
  }
  const size = 1n << BigInt(width - bits);
  const start = (value / size) * size;
  const family = ipv4 === undefined ? 6 : 4;
  if (start !== value) {
    const network = `${formatAddress(family, start)}/${bits}`;
    const host = formatAddress(family, value);
    throw new AddressError(
      `"${text}" has host bits set`,
      `write "${network}" for the whole network or "${host}" for the one address`,
    );
  }
  return { net, family, start, end: start + size - 1n };
}

// A single address, or IPv4 with octets written as "*" or "[first-last]" (Lustre's own bracket form).
function parseSpan(text: string, address: string, net: string): NidInterval {
  const single = parseIpv4(address);
  if (single !== undefined) return { net, family: 4, start: single, end: single };
  const ipv6 = parseIpv6(address);
  if (ipv6 !== undefined) return { net, family: 6, start: ipv6, end: ipv6 };
  const bounds = address.split(".").map(parseOctet);
  if (bounds.length !== 4 || bounds.includes(undefined)) {
    throw new AddressError(
      `"${text}" is not a client`,
      hintOf(text) ?? 'write an address, a prefix "10.0.0.0/24", a NID "10.0.0.5@tcp" or a NID range "10.0.0.[1-20]@tcp"',
    );
  }
  const octets = bounds as [number, number][];
  const open = octets.findIndex(([low, high]) => low !== high);
  if (open >= 0 && octets.slice(open + 1).some(([low, high]) => low !== 0 || high !== 255)) {
    throw new AddressError(
      `"${text}" is not one contiguous range of addresses`,
      "after the first octet that is a range every octet must be * (or [0-255]); list the parts as several clients",
    );
  }
  const join = (index: 0 | 1) => octets.reduce((value, octet) => value * 256n + BigInt(octet[index]), 0n);
  return { net, family: 4, start: join(0), end: join(1) };
}

function parseOctet(text: string): [number, number] | undefined {
  if (text === "*") return [0, 255];
  // No leading zeros: other tools read them as octal.
  const match = /^\[(0|[1-9]\d{0,2})-(0|[1-9]\d{0,2})\]$/.exec(text) ?? /^(0|[1-9]\d{0,2})$/.exec(text);
  if (!match) return undefined;
  const low = Number(match[1]);
  const high = Number(match[2] ?? match[1]);
  return low <= high && high <= 255 ? [low, high] : undefined;
}

/** Several clients in Lustre's words, for messages: "10.0.0.[0-255]@tcp". */
export function formatInterval(interval: NidInterval): string {
  return rangeTexts(interval).join(", ");
}

/**
 * Range texts that cover the interval exactly, each accepted and matched by every Lustre since 2.16.
 * IPv4: bracket form, since a CIDR is accepted by 2.17 with exit 0 and matches nothing (measured: g000 to g005).
 * IPv6: single addresses and prefixes (2.17 only). Numbers: in brackets.
 */
export function rangeTexts(interval: NidInterval): string[] {
  return splitRange(interval).map(rangeText);
}

/** Parts of an interval of which each is one range text. */
export function splitRange(interval: NidInterval): NidInterval[] {
  if (interval.family === 0) return [interval];
  return interval.family === 4 ? splitIpv4(interval) : splitIpv6(interval);
}

// A bracket form is a run of whole blocks of 256^k inside one block of 256^(k+1).
function splitIpv4({ net, start, end }: NidInterval): NidInterval[] {
  const parts: NidInterval[] = [];
  let from = start;
  while (from <= end) {
    let block = 1n;
    while (block < 2n ** 24n && from % (block * 256n) === 0n && from + block * 256n - 1n <= end) block *= 256n;
    const limit = from - (from % (block * 256n)) + block * 256n - 1n;
    const to = limit <= end ? limit : from + ((end - from + 1n) / block) * block - 1n;
    parts.push({ net, family: 4, start: from, end: to });
    from = to + 1n;
  }
  return parts;
}

function splitIpv6({ net, start, end }: NidInterval): NidInterval[] {
  const parts: NidInterval[] = [];
  let from = start;
  while (from <= end) {
    let block = 1n;
    // "::/0" is refused (golden y515).
    while (block < 2n ** 127n && from % (block * 2n) === 0n && from + block * 2n - 1n <= end) block *= 2n;
    parts.push({ net, family: 6, start: from, end: from + block - 1n });
    from += block;
  }
  return parts;
}

/** The range text of an interval that `splitRange` returned. */
export function rangeText({ net, family, start, end }: NidInterval): string {
  if (family === 0) return start === end ? `${start}@${net}` : `[${start}-${end}]@${net}`;
  if (family === 6) {
    let bits = 128;
    for (let size = end - start + 1n; size > 1n; size /= 2n) bits -= 1;
    return bits === 128 ? `${formatIpv6(start)}@${net}` : `${formatIpv6(start)}/${bits}@${net}`;
  }
  const octets = [24n, 16n, 8n, 0n].map((shift) => {
    const low = (start >> shift) & 255n;
    const high = (end >> shift) & 255n;
    return low === high ? String(low) : `[${low}-${high}]`;
  });
  return `${octets.join(".")}@${net}`;
}

export function sameNetwork(a: NidInterval, b: NidInterval): boolean {
  return a.net === b.net && a.family === b.family;
}

export function intersect(a: NidInterval, b: NidInterval): NidInterval | undefined {
  if (!sameNetwork(a, b) || a.start > b.end || b.start > a.end) return undefined;
  return { ...a, start: a.start > b.start ? a.start : b.start, end: a.end < b.end ? a.end : b.end };
}

export function compareIntervals(a: NidInterval, b: NidInterval): number {
  if (a.net !== b.net) return a.net < b.net ? -1 : 1;
  if (a.family !== b.family) return a.family - b.family;
  if (a.start !== b.start) return a.start < b.start ? -1 : 1;
  return a.end < b.end ? -1 : a.end > b.end ? 1 : 0;
}

/** Sorted, with overlaps and neighbours joined. */
export function union(intervals: readonly NidInterval[]): NidInterval[] {
  const joined: NidInterval[] = [];
  for (const interval of [...intervals].sort(compareIntervals)) {
    const last = joined.at(-1);
    if (!last || !sameNetwork(last, interval) || interval.start > last.end + 1n) joined.push({ ...interval });
    else if (interval.end > last.end) last.end = interval.end;
  }
  return joined;
}

/** How many addresses an interval holds. */
export function intervalSize(interval: NidInterval): bigint {
  return interval.end - interval.start + 1n;
}
