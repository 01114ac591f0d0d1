// What may differ from the measured system, and nothing else: ids, ports, processes, devices, times, and which name glusterd finds nearest.
import type { Answer } from "../sandbox";

type Rule = (text: string) => string;

/** Ids become U1, U2 ... in the order in which they come. */
function numbered(pattern: RegExp, letter: string): Rule {
  return (text) => {
    const seen: string[] = [];
    return text.replace(pattern, (id) => {
      if (!seen.includes(id)) seen.push(id);
      return `${letter}${seen.indexOf(id) + 1}`;
    });
  };
}

const rules: readonly Rule[] = [
  numbered(/\b[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}\b/g, "U"),
  // The recorder shortened paths: where long lines break is told by the names without a break.
  (text) => text.replace(/^(Brick [^\n:]*:\S+)\n(?!Brick|Quota|Self|TCP)(\S+) +/gm, "$1$2 "),
  numbered(/\b[0-9a-f]{32}\b/g, "H"),
  (text) =>
    text.replace(/^((?:Brick|Self-heal|Quota)\b.*?\S) +(\d+|N\/A) +(0|N\/A) +(Y|N) +(\d+|N\/A) *$/gm, (...all) =>
      [all[1], all[2] === "N/A" ? "N/A" : "PORT", all[3], all[4], all[5] === "N/A" ? "N/A" : "PID"].join(" "),
    ),
  (text) => text.replace(/<(port|tcp)>\d+</g, "<$1>PORT<").replace(/<pid>\d+</g, "<pid>PID<"),
  (text) => text.replace(/^(TCP Port|Pid) +: \d+ *$/gm, "$1 : N"),
  (text) => text.replace(/^(File System|Device|Mount Options|Disk Space Free|Total Disk Space|Free Inodes) +:.*$/gm, "$1 : X"),
  (text) => text.replace(/<(sizeTotal|sizeFree|device|mntOptions|fsName|inodesFree)>[^<]*</g, "<$1>X<"),
  (text) => text.replace(/\d{4}-\d\d-\d\d \d\d:\d\d:\d\d \+0000/g, "TIME").replace(/GMT-[\d.]+-[\d.]+\d/g, "GMT"),
  (text) => text.replace(/Did you mean [^<\n]*/g, "Did you mean X?"),
];

export function normalise({ exit, stdout, stderr }: Answer): Answer {
  const apply = (text: string) => rules.reduce((result, rule) => rule(result), text);
  return { exit, stdout: apply(stdout), stderr: apply(stderr) };
}

/** Self-heal daemons of the other servers come in any order. */
export function sortNodes(text: string): string {
  return text.replace(/(?: {8}<node>\n(?: {10,}.*\n)+ {8}<\/node>\n)+/g, (nodes) =>
    nodes
      .split(/(?<=<\/node>\n)/)
      .sort()
      .join(""),
  );
}
