// The transcripts of the second look about an OST that is down (od8, od8x) and what another client meets then (odc).
import type { State } from "../../src/sandbox/state";
import { type Rule, replaySecondLook } from "./golden/second-look";

const turn = (up: boolean) => (state: State) => {
  for (const target of state.targets) if (target.name === "OST0001") target.up = up;
};

/** Numbers become N, and the blanks that align them one. */
const numbers = (text: string) => text.replace(/ +\d+(?:\.\d+)?[kKMGT]?(?=\s)/g, " N").replace(/ +\d+%/g, " N%");
const devices = (text: string) =>
  text
    .replace(/^ *\d+ UP (\S+) (\S+) .*$/gm, "UP $1 $2")
    .split("\n")
    .sort()
    .join("\n");

/** Ids that are not of these groups, and what root has. */
const own = (text: string) => text.replace(/^ +\S+ +(0|31000|31020) .*\n/gm, "");

const rules: Rule[] = [
  { cases: /^y(330|35[78]|36[0-3]|396|408|42[12])$/, rule: numbers, why: "what the real file system uses for itself" },
  { cases: /^y(338|415)$/, rule: own, why: "ids that other groups had used" },
  { cases: /^y3(42|52)$/, rule: devices, why: "order, UUIDs and counts of devices" },
  { cases: /^y355$/, rule: (text) => text.replace(/\[ \d+, /g, "[ TIME, "), why: "when the client tried to connect" },
  { cases: /^y365$/, rule: (text) => text.replace(/^\t.*\n/gm, ""), why: "which objects a file got" },
  {
    cases: /^y375$/,
    rule: (text) => text.replace(/1 \w+ +\w+ 9 \w{3} +\d+ [\d:]+/g, "1 SOMEBODY 9 DATE"),
    why: "when and by whom they were made",
  },
  { cases: /^y388$/, rule: (text) => text.replace(/.* xxd: .*\n/, ""), why: "whether there is an xxd" },
  {
    cases: /^y393$/,
    rule: (text) => text.replace(/^\/dev\/\S+ +\/\S+$/gm, "DEVICE MOUNT"),
    why: "where the targets are mounted",
  },
];

replaySecondLook({
  groups: ["od8", "od8x", "odc"],
  between: [
    {
      before: "y330",
      lines: [
        "mkdir -p /mnt/lustre/shares",
        "lctl set_param -n osd-ldiskfs.*.quota_slave.enabled=ugp osd-ldiskfs.*.quota_slave.root_prj_enable=1",
      ],
    },
    { before: "y342", change: turn(false) },
    // By the other client, at the same time: odc-write-plain.
    { before: "y374", lines: [": > /mnt/lustre/shares/sw8/plain/c1"] },
    { before: "y396", change: turn(true) },
    { before: "y400", change: turn(false) },
    {
      before: "y413",
      change: turn(true),
      lines: ["cd /mnt/lustre/shares/sw8/plain; for file in fs1 new1 new2; do : > $file; done"],
    },
    { before: "y417", change: turn(false) },
  ],
  leftOut: [
    {
      reason: "targets and clients are mounted and unmounted by the machine's own mount",
      cases: /^y(329|341|395|409|41[0126]|423)$/,
    },
    { reason: "drops the caches of the machine that it runs on", cases: /^y340$/ },
    { reason: "usage and grants of single targets are not modelled", cases: /^y3(39|49)$/ },
    { reason: "the details of a connection", cases: /^y354$/ },
    { reason: "a shell's own redirection cannot be made to hang", cases: /^y(38[469]|405)$/ },
    { reason: "where a file that nobody has placed comes to lie: the sandbox takes the worst", cases: /^y385$/ },
  ],
  rules,
});
