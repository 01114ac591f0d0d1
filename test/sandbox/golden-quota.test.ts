// Small limits, names of project ids, pools with their limits, default limits and grace times: transcripts q5, n6 and pq10.
import { replaySecondLook } from "./golden/second-look";

const names = [
  "d_63K",
  "d128",
  "plain",
  "d_1000",
  "d_1G",
  "d_1M",
  "d_0",
  "d_4M",
  "dom",
  "d_100K",
  "nosuch",
  "d_512K",
  "doff",
  "donly",
  "d_2M",
];
const shares = "/mnt/lustre/shares";

/** A share that the measured system had by then: its use in KiB and inodes, the top directory being 4 and 1. */
const share = (id: number, files: readonly number[], ...limits: string[]) => [
  `mkdir ${shares}/q${id}; lfs project -p ${id} -s ${shares}/q${id}`,
  ...files.map((kib, index) => `truncate -s ${kib}K ${shares}/q${id}/f${index}`),
  `lfs setquota -p ${id} ${limits.join(" ")} /mnt/lustre 2>/dev/null`,
];

replaySecondLook({
  groups: ["q5", "n6", "pq10"],
  paths: { "/etc/projid": "etc/projid" },
  between: [
    { before: "y229", lines: [`mkdir -p ${shares}`] },
    { before: "y266", lines: [`printf "\\n\\n\\n\\n\\n" > /etc/projid`] },
    { before: "y278", lines: [`cd ${shares} && mkdir ${names.join(" ")}`] },
    {
      before: "y633",
      lines: [
        ...share(31001, [4096, 4096], "-B 4096"),
        ...share(31002, [2048, 1024], "-B 100M -I 5000"),
        ...share(31003, [4, 4, 4, 4, 4, 4], "-I 4"),
        ...share(31009, [], "-B 10M"),
      ],
    },
  ],
  leftOut: [{ reason: "grants of single targets are not modelled", cases: /^y(255|256|260|648)$/ }],
  rules: [
    {
      cases: /^y(264|26[7-9]|270|284|681)$/,
      rule: (text) => text.replace(/^( +\/mnt\/lustre +0) +\d+( .* -) +\d+/gm, "$1 USED$2 INODES"),
      why: "what project 0 has on the measured system",
    },
    {
      cases: /^y261$/,
      rule: (text) => text.replace(/^( +\/mnt\/lustre) +\d+( .* -) +\d+/, "$1 USED$2 INODES"),
      why: "what project 0 has on the measured system",
    },
    { cases: /^y278$/, rule: (text) => text.split("\n").sort().join("\n"), why: "directories come in the order of hashes" },
    {
      cases: /^y263$/,
      rule: (text) => text.replace(/'\d+\/\d+' dev/, "'DEVICE' dev"),
      why: "the device of the working directory",
    },
    {
      cases: /^y688$/,
      rule: (text) => text.replace(/ \d+ +\d+ +\d+ +\d+%/, " SIZES"),
      why: "what the real file system uses for itself",
    },
  ],
});
