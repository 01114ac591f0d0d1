// NIDs as the kernel reads and prints them, for the world of access histories: shares no code with what it judges.
export interface Span {
  net: string;
  kind: "v4" | "v6" | "number";
  first: bigint;
  last: bigint;
}

function addressOf(text: string): bigint | undefined {
  if (text.includes(":")) {
    const [left = "", right] = text.split("::");
    const words = (part: string) => (part === "" ? [] : part.split(":").map((word) => Number.parseInt(word, 16)));
    const middle = right === undefined ? 0 : 8 - words(left).length - words(right).length;
    const all = [...words(left), ...Array<number>(middle).fill(0), ...words(right ?? "")];
    return all.length === 8 ? all.reduce((sum, word) => (sum << 16n) | BigInt(word), 0n) : undefined;
  }
  const parts = text.split(".").map(Number);
  if (parts.some((part) => !(part >= 0))) return undefined;
  return parts.length === 4 ? parts.reduce((sum, part) => (sum << 8n) | BigInt(part), 0n) : BigInt(text);
}

export function addressText({ kind }: Span, value: bigint): string {
  if (kind === "number") return String(value);
  if (kind === "v4") return [24n, 16n, 8n, 0n].map((shift) => (value >> shift) & 255n).join(".");
  const words = Array.from({ length: 8 }, (_, index) => ((value >> BigInt(112 - 16 * index)) & 65535n).toString(16));
  return words.join(":");
}

/** What the kernel makes of a range; undefined: "Invalid argument". */
export function spanOf(text: string): Span | undefined {
  const [, place = "", net = ""] = /^(\S+)@(tcp|o2ib|kfi|gni)$/.exec(text) ?? [];
  if (net === "") return undefined;
  const [base = "", bits] = place.split("/");
  if (net === "kfi" || net === "gni") {
    const [, from = place, to = from] = /^\[(\d+)-(\d+)\]$/.exec(place) ?? [];
    const [first, last] = [addressOf(from), addressOf(to)];
    return first === undefined || last === undefined || bits ? undefined : { net, kind: "number", first, last };
  }
  if (place.includes(":")) {
    const start = addressOf(base);
    if (start === undefined || bits === "0") return undefined;
    return { net, kind: "v6", first: start, last: start + (1n << BigInt(128 - Number(bits ?? 128))) - 1n };
  }
  const octets = place.split(".").map((octet) => (/^\[(\d+)-(\d+)\]$/.exec(octet)?.slice(1) ?? [octet, octet]).map(Number));
  if (octets.length !== 4 || bits) return undefined;
  const end = (index: 0 | 1) => addressOf(octets.map((octet) => octet[index]).join(".")) ?? 0n;
  return { net, kind: "v4", first: end(0), last: end(1) };
}

export const within = ({ net, kind, first, last }: Span, nid: Span): boolean =>
  net === nid.net && kind === nid.kind && first <= nid.first && nid.first <= last;
export const meets = (a: Span, b: Span): boolean =>
  a.net === b.net &&
  a.kind === b.kind &&
  (a.kind === "v6" ? a.first === b.first && a.last === b.last : a.first <= b.last && b.first <= a.last);
export const same = (a: Span, b: Span): boolean =>
  a.net === b.net && a.kind === b.kind && a.first === b.first && a.last === b.last;
