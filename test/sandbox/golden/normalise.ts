// What may differ from the measured system, and nothing else: order of directories, FIDs, instance and connection ids, times, and in
// the named cases sizes that hang on what the real system had besides.
import type { Answer } from "../sandbox";
import type { Transcript } from "./transcript";

type Rule = (text: string) => string;

const everywhere: readonly Rule[] = [
  (text) => text.replace(/\b0x[0-9a-f]+:0x[0-9a-f]+:0x0\b/g, "FID"),
  (text) => text.replace(/ffff[0-9a-f]{12}/g, "INSTANCE"),
  (text) => text.replace(/\d+\.\d+ secs\.nsecs/g, "TIME secs.nsecs"),
];

const sortLines: Rule = (text) => text.split("\n").sort().join("\n");

/** Numbers become N, and the blanks that align them one. */
const numbers: Rule = (text) => text.replace(/ +\d+(?:\.\d+)?[kKMGT]?(?=\s)/g, " N").replace(/ +\d+%/g, " N%");

const targetNumbers: Rule = (text) => text.replace(/^(?:\S+_UUID|filesystem_summary:) .*$/gm, numbers);

const devices: Rule = (text) => sortLines(text.replace(/^ *\d+ UP (\S+) (\S+) .*$/gm, "UP $1 $2"));

const exportLines: Rule = (text) =>
  text.replace(/=\n\[\n(?: \{ nid: .*\n)+\]/g, "=EXPORTS").replace(/exports=\[\]/g, "exports=EXPORTS");

const withoutDevice: Rule = (text) => text.replace(/'\d+\/\d+' dev/g, "'DEVICE' dev");

const special: readonly { cases: RegExp; rule: Rule; why: string }[] = [
  {
    cases: /^b(006|010|016|027|028|051|053|055|060|072|073|075)$|^b00[14]$/,
    rule: sortLines,
    why: "directories come in the order of hashes",
  },
  { cases: /^b083$/, rule: (text) => text.replace(/^\t.*\n/gm, ""), why: "which objects a file got" },
  { cases: /^(a006|e016)$/, rule: devices, why: "order, UUIDs and counts of devices" },
  { cases: /^a047$/, rule: (text) => text.replace(/=\d+/g, "=N"), why: "space that the real file system uses for itself" },
  { cases: /^(a01[3-9]|a02[0-3]|g029|m216-00[12])$/, rule: numbers, why: "space that the real file system uses for itself" },
  { cases: /^q005$/, rule: targetNumbers, why: "space that the real file system uses for itself" },
  { cases: /^q03[34]$/, rule: (text) => text.replace(/\b1\d+s|20s/g, "SECONDS"), why: "how long the write took" },
  {
    cases: /^(c050|c06[678]|c07[5679]|m216-01[34])$/,
    rule: numbers,
    why: "project 0 and root hold what the real file system made for itself",
  },
  { cases: /^(d006|d123|f003|f006|f046)$/, rule: exportLines, why: "connections of the measured machines" },
  { cases: /^(c05[89]|c06[01]|m216-012|m216-02[01])$/, rule: withoutDevice, why: "the device of /run and / here" },
];

export function normalise({ id }: Transcript, { exit, stdout, stderr }: Answer): Answer {
  const rules = [...everywhere, ...special.filter(({ cases }) => cases.test(id)).map(({ rule }) => rule)];
  const apply = (text: string) => rules.reduce((result, rule) => rule(result), text);
  return { exit, stdout: apply(stdout), stderr: apply(stderr) };
}
