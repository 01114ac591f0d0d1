// The transcripts of the second look about layouts (dom) and about the state of targets in lfs df (dg7).
import { type Rule, replaySecondLook } from "./golden/second-look";

/** Numbers become N, and the blanks that align them one. */
const numbers = (text: string) => text.replace(/ +\d+(?:\.\d+)?[kKMGT]?(?=\s)/g, " N").replace(/ +\d+%/g, " N%");

const rules: Rule[] = [
  {
    cases: /^y162$/,
    rule: (text) => text.replace(/\w+ \w+ 0 \w{3} +\d+ [\d:]+/, "SOMEBODY DATE"),
    why: "when it was measured, by whom",
  },
  { cases: /^y152$/, rule: (text) => text.split("\n").sort().join("\n"), why: "directories come in the order of hashes" },
  { cases: /^y1(48|5[0158])$/, rule: (text) => text.replace(/l_fid: \[.*\]/g, "l_fid: FID"), why: "which objects a file got" },
];

replaySecondLook({
  groups: ["dom"],
  between: [{ before: "y120", lines: ["mkdir /mnt/lustre/shares"] }],
  leftOut: [{ reason: "the list of all parameters of the MDT, of which the sandbox has a few", cases: /^y118$/ }],
  rules,
});

const capacity: Rule = { cases: /^y(28[5-9]|29\d|3[012]\d)$/, rule: numbers, why: "what the real file system uses for itself" };

replaySecondLook({ groups: ["dg7"], between: [{ before: "y285", lines: ["mkdir /mnt/lustre/shares"] }], rules: [capacity] });
