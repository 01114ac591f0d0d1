// What to write in place of clients that other tools take: by the form of the text alone. Imports nothing.

const octet = "\\d{1,3}";
const ipv4 = `(?:${octet}\\.){3}${octet}`;
const ending = "(?:@([a-z0-9]+))?";

/** Forms that are no clients, and what to write for each; the first that fits counts. */
const hints: readonly [form: RegExp, hint: (...parts: string[]) => string][] = [
  [/^\*(@|$)/, () => "that is every address there is, the servers' own included: list the networks of the clients"],
  [
    new RegExp(`^(${ipv4})/(${ipv4})${ending}$`),
    (address = "", mask = "", net) => {
      const bits = bitsOf(mask);
      const prefix = bits === undefined ? "ADDRESS/BITS" : `"${onNet(`${address}/${bits}`, net)}"`;
      return `a prefix is written by its number of bits: ${prefix}`;
    },
  ],
  [
    new RegExp(`^((?:${octet}\\.){3})(${octet})-(${octet})${ending}$`),
    (before, first, last, net) => `write "${onNet(`${before}[${first}-${last}]`, net)}"`,
  ],
  [
    new RegExp(`^(${ipv4})${ending} *[-:] *(${ipv4})${ending}$`),
    (first, net, last, otherNet) => {
      const of = otherNet ?? net ?? "tcp";
      return `write both with their network, "${first}@${net ?? of}:${last}@${of}"`;
    },
  ],
  [
    /^([^[\]@]*)\[([^\]]*,[^\]]*)\]([^[\]@]*)(@.*)?$/,
    (before, parts = "", after, net = "") => {
      const each = parts.split(",").map((part) => `"${before}${part.includes("-") ? `[${part}]` : part}${after}${net}"`);
      return `brackets hold one range: list the parts as several clients, ${each.join(", ")}`;
    },
  ],
  [/\[[^\]]*\/[^\]]*\]/, () => "a range has no step: list its addresses as several clients"],
  [/^\[([0-9a-fA-F:]+)\](@.*)?$/, (address, net = "") => `write "${address}${net}": IPv6 addresses have no brackets`],
  [
    new RegExp(`^(${octet}(?:\\.${octet}){0,2})\\.\\*${ending}$`),
    (before = "", net) => {
      const stars = Array<string>(4 - before.split(".").length).fill("*");
      return `write all four parts, "${onNet([before, ...stars].join("."), net)}"`;
    },
  ],
];

/** What to write instead of `text`; undefined where nobody can say what was meant. */
export function hintOf(text: string): string | undefined {
  for (const [form, hint] of hints) {
    const match = form.exec(text);
    if (match) return hint(...match.slice(1));
  }
  return undefined;
}

const onNet = (address: string, net: string | undefined): string => (net === undefined ? address : `${address}@${net}`);

/** The length of the prefix that a netmask means; undefined of one with holes. */
function bitsOf(mask: string): number | undefined {
  const bits = mask
    .split(".")
    .map((part) => Number(part).toString(2).padStart(8, "0"))
    .join("");
  return /^1+0*$/.test(bits) && bits.length === 32 ? bits.lastIndexOf("1") + 1 : undefined;
}
