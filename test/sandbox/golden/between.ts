// What was done on the measured system between two transcripts, and what the sandbox has to be told to be the same system.
import type { State } from "../../../src/sandbox/state";

export interface Between {
  /** Before this case. */
  before: string;
  lines?: readonly string[];
  change?: (state: State) => void;
}

export const between: readonly Between[] = [
  { before: "a013", lines: ["mkdir -p /mnt/lustre/sub /mnt/lustre/shares"] },
  {
    before: "b000",
    lines: [
      "mkdir -p /mnt/lustre/shares/p1/sub /mnt/lustre/shares/p2 /mnt/lustre/shares/p3",
      "touch /mnt/lustre/shares/p1/f1 /mnt/lustre/shares/p1/sub/f2",
    ],
  },
  {
    before: "b010",
    lines: ["mkdir /mnt/lustre/shares/p1/newdir", "touch /mnt/lustre/shares/p1/newfile /mnt/lustre/shares/p1/newdir/deep"],
  },
  { before: "b013", lines: ["touch /mnt/lustre/shares/p3/x"] },
  // b052, b054, b056, b057 as far as they left something behind
  { before: "b051", lines: ["lfs project -C /mnt/lustre/shares/p3"] },
  { before: "b055", lines: ["touch /mnt/lustre/shares/p1/mvme2", "mv /mnt/lustre/shares/p1/mvme2 /mnt/lustre/shares/p2/mvme2"] },
  {
    before: "b058",
    lines: [
      "mkdir /mnt/lustre/shares/p1/dirmv2",
      "touch /mnt/lustre/shares/plain",
      "mv /mnt/lustre/shares/plain /mnt/lustre/shares/p2/plain",
      "mkdir '/mnt/lustre/shares/n\nl'",
    ],
  },
  { before: "b060", lines: ["touch /mnt/lustre/shares/p1/l1"] },
  { before: "c009", lines: ["sleep 12"] },
  { before: "d202", change: keepDefaultAlone },
  {
    before: "g000",
    lines: ["lctl nodemap_add g1", "lctl nodemap_add g2"],
    change: (state) => {
      state.nextRangeId = 121; // d209 made a hundred
    },
  },
  { before: "q000", lines: ["mkdir /mnt/lustre/shares/q1", "lfs project -p 2001 -s /mnt/lustre/shares/q1"] },
  // what the dd of the transcripts left in the quota: fill FILE KIB
  { before: "q003", lines: ["fill /mnt/lustre/shares/q1/u1 20480"] },
  { before: "q007", lines: ["fill /mnt/lustre/shares/q1/u2 25604"] },
  { before: "q012", lines: ["fill /mnt/lustre/shares/q1/u3 5120"] },
  { before: "q014", lines: ["fill /mnt/lustre/shares/q1/r1 30720"] },
  { before: "q019", lines: Array.from({ length: 18 }, (_, index) => `touch /mnt/lustre/shares/q1/f${index + 1}`) },
  { before: "q026", lines: ["fill /mnt/lustre/shares/q1/r2 17408"] },
  { before: "q028", lines: Array.from({ length: 17 }, (_, index) => `touch /mnt/lustre/shares/q1/g${index + 1}`) },
  { before: "q030", lines: ["sleep 12"] },
  { before: "q033", lines: ["fill /mnt/lustre/shares/q1/s1 30720"] },
  { before: "q035", change: (state) => letTimePass(state, 2001, 25) },
  { before: "q043", lines: ["rm -f /mnt/lustre/shares/q1/s*"] },
  {
    before: "f001",
    lines: ["p1", "p2", "p3"].map((share) => `fill /mnt/lustre/shares/${share}/file 1`),
  },
  { before: "m216-000", lines: shareOfM216(), change: entriesOfM216 },
  { before: "m216-023", lines: ["mkdir /mnt/lustre/shares/m1"] },
  {
    before: "m216-033",
    lines: [
      "fill /mnt/lustre/shares/m2/f 20480",
      ...[1, 2, 3, 4, 5, 6, 7].map((number) => `touch /mnt/lustre/shares/m2/t${number}`),
    ],
  },
];

function keepDefaultAlone(state: State): void {
  state.nodemaps = state.nodemaps.filter(({ name }) => name === "default");
}

function letTimePass(state: State, id: number, seconds: number): void {
  const quota = state.quotas[id];
  if (quota?.blockOverSince) quota.blockOverSince -= seconds * 1000;
}

/** 28 KiB in 21 inodes: five directories, two blocks of files, fourteen empty ones. */
function shareOfM216(): string[] {
  const p1 = "/mnt/lustre/shares/p1";
  return [
    `mkdir -p ${["a", "b", "c", "d"].map((name) => `${p1}/${name}`).join(" ")}`,
    `fill ${p1}/one 4`,
    `fill ${p1}/two 4`,
    `touch ${Array.from({ length: 14 }, (_, index) => `${p1}/f${index}`).join(" ")}`,
    `lfs project -p 1001 -s -r ${p1}`,
    "lfs setquota -p 1001 -B 100M /mnt/lustre",
  ];
}

/** The ids that had an entry by then. */
function entriesOfM216(state: State): void {
  const none = { blockSoft: 0, blockHard: 0, inodeSoft: 0, inodeHard: 0 };
  const limited = Array.from({ length: 20 }, (_, index) => 4001 + index);
  for (const id of [1003, 3001, ...limited]) state.quotas[id] = { ...none, blockHard: id === 3001 ? 30720 : 1048576 };
  for (const id of [2001, 2002, 5555, 7777, 65534]) state.quotas[id] = { ...none };
  state.quotas[1002] = { ...none, inodeDefault: true, deletedAt: 0 };
}
