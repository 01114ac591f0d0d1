import { describe, expect, test } from "vitest";
import type { Quota } from "../../../src/backends/lustre/parse-quota";
import type { ShareRecord } from "../../../src/backends/lustre/records";
import type { Directory } from "../../../src/backends/lustre/share/kept";
import type { SeenShare } from "../../../src/backends/lustre/share/observe";
import { planShare } from "../../../src/backends/lustre/share/plan";
import { mayRemove, planLeaving, planRemoval } from "../../../src/backends/lustre/share/removal";
import type { ShareWish } from "../../../src/backends/lustre/share/steps";
import { ShareError } from "../../../src/core/errors";
import type { Step } from "../../../src/core/plan";
import { parseLayout } from "../../../src/spec/layout";
import { type ShareSpec, shareMessage } from "../../../src/spec/lustre";
import { planningSite } from "./site";

const site = planningSite();
const GiB = 1024n ** 3n;
const key = "shares/a";

const spec = (more: Partial<ShareSpec> = {}): ShareSpec => ({
  fileset: "/shares/a",
  size: 10n * GiB,
  owner: { uid: 1000, gid: 2000 },
  mode: 0o770,
  removalPolicy: "retain",
  adopt: false,
  ...more,
});
const wish = (more: Partial<ShareSpec> = {}, claim = "c1"): ShareWish => ({ key, claim, stack: "s1", spec: spec(more) });
const record = (more: Partial<ShareRecord> = {}, specMore: Partial<ShareSpec> = {}): ShareRecord => ({
  format: 1,
  kind: "lustre.share",
  key,
  claim: "c1",
  stack: "s1",
  owner: "team",
  state: "ready",
  projectId: 10003,
  spec: shareMessage.write(spec(specMore)),
  ...more,
});
const without = <T extends object, K extends keyof T>(value: T, name: K): Omit<T, K> => {
  const { [name]: _, ...rest } = value;
  return rest;
};
const directory = (more: Partial<Directory> = {}): Directory => ({
  type: "directory",
  mode: 0o770,
  uid: 1000,
  gid: 2000,
  project: { id: 10003, inherit: true },
  empty: false,
  ...more,
});
const fresh = (): Directory => directory({ mode: 0o700, uid: 0, gid: 0, project: { id: 0, inherit: false }, empty: true });
const quota = (more: Partial<Quota> = {}): Quota => ({
  usedBytes: 4n * GiB,
  blockSoft: 0n,
  blockHard: 10n * GiB,
  usedInodes: 100n,
  inodeSoft: 0n,
  inodeHard: 0n,
  reliable: true,
  ...more,
});
const unlimited = quota({ usedBytes: 0n, usedInodes: 0n, blockHard: 0n });
const seen = (more: Partial<SeenShare> = {}): SeenShare => ({ missing: [], path: "/shares/a", ...more });

/** Steps as lines; our own book-keeping in brackets, with the state that a record gets. */
const text = (steps: readonly Step[]): string[] =>
  steps.map((step) => {
    const stdin = step.commands.find((command) => command.stdin)?.stdin;
    const written = stdin === undefined ? undefined : (JSON.parse(stdin) as ShareRecord);
    const note = written
      ? ` [${written.state}${written.projectId === undefined ? "" : ` ${written.projectId}`}, claim ${written.claim ?? "none"}]`
      : "";
    return step.quiet ? `(${step.say}${note})` : `${step.say}${note}${step.risk ? " RISK" : ""}`;
  });
const apply = (asked: ShareWish, sight: SeenShare) => text(planShare(site, asked, sight));
const remove = (sight: SeenShare) => text(planRemoval(site, key, sight));
const refused = (work: () => unknown): string => {
  try {
    work();
  } catch (error) {
    if (ShareError.isShareError(error)) return `${(error as ShareError).code}: ${(error as ShareError).summary}`;
    throw error;
  }
  throw new Error("nothing was refused");
};

describe("create", () => {
  test("L-04 L-22 L-24 L-25 L-27 L-29 W-L13 the first share of all: nothing is shown before its limit", () => {
    const missing = [
      { path: "/mnt/lustre/.sharewright", mode: "0700" },
      { path: "/mnt/lustre/shares", mode: "0711" },
    ];
    const steps = planShare(site, wish(), seen({ missing, freeId: 10000 }));
    expect(text(steps)).toMatchInlineSnapshot(`
      [
        "(make /mnt/lustre/.sharewright, /mnt/lustre/shares)",
        "(make /mnt/lustre/.sharewright, /mnt/lustre/shares)",
        "(record shares/a [creating 10000, claim c1])",
        "claim project id 10000",
        "make /mnt/lustre/.sharewright/staging/shares:a",
        "set project 10000 on /mnt/lustre/.sharewright/staging/shares:a",
        "give /mnt/lustre/.sharewright/staging/shares:a to 1000:2000",
        "set mode 0770 on /mnt/lustre/.sharewright/staging/shares:a",
        "limit project 10000 to 10 GiB",
      ]
    `);
    expect(
      steps.flatMap((step) => step.commands.map((command) => `${step.on}: ${command.argv.join(" ")}`)),
    ).toMatchInlineSnapshot(`
      [
        "client: mkdir -m 0700 -- /mnt/lustre/.sharewright",
        "client: mkdir -m 0711 -- /mnt/lustre/shares",
        "client: dd of=/mnt/lustre/.sharewright/shares/shares:a.json.tmp conv=fsync status=none",
        "client: mv -T -- /mnt/lustre/.sharewright/shares/shares:a.json.tmp /mnt/lustre/.sharewright/shares/shares:a.json",
        "client: ln -s -f -T -- 10000 /mnt/lustre/.sharewright/projects/last-10000-60000",
        "client: ln -s -T -- shares/a /mnt/lustre/.sharewright/projects/10000",
        "client: mkdir -m 0700 -- /mnt/lustre/.sharewright/staging/shares:a",
        "client: lfs project -p 10000 -s /mnt/lustre/.sharewright/staging/shares:a",
        "client: chown --no-dereference 1000:2000 /mnt/lustre/.sharewright/staging/shares:a",
        "client: chmod 00770 /mnt/lustre/.sharewright/staging/shares:a/.",
        "mds: lfs setquota -p 10000 -b 0k -B 10485760k -i 0 -I 0 /mnt/mds",
      ]
    `);
  });

  test("everything asked for", () => {
    const layout = parseLayout("-E 64M -c 1 -E -1 -c 4") ?? [];
    expect(
      apply(
        wish({ softSize: 9n * GiB, inodes: 1_000_000n, softInodes: 900_000n, layout, mode: 0o2770, owner: { uid: 0, gid: 0 } }),
        seen({ freeId: 10000 }),
      ),
    ).toMatchInlineSnapshot(`
      [
        "(record shares/a [creating 10000, claim c1])",
        "claim project id 10000",
        "make /mnt/lustre/.sharewright/staging/shares:a",
        "set project 10000 on /mnt/lustre/.sharewright/staging/shares:a",
        "set layout -E 64M -c 1 -E -1 -c 4 for new files in /mnt/lustre/.sharewright/staging/shares:a",
        "give /mnt/lustre/.sharewright/staging/shares:a to 0:0",
        "set mode 2770 on /mnt/lustre/.sharewright/staging/shares:a",
        "limit project 10000 to 10 GiB (soft 9 GiB), 1000000 inodes (soft 900000 inodes)",
      ]
    `);
  });

  const creating = record({ state: "creating" });
  const underWay = { record: creating, idClaimedFor: key };
  test.each<[string, Partial<SeenShare>, string[]]>([
    [
      "X-L13 only recorded",
      { record: creating },
      [
        "claim project id 10003",
        "make /mnt/lustre/.sharewright/staging/shares:a",
        "set project 10003 on /mnt/lustre/.sharewright/staging/shares:a",
        "give /mnt/lustre/.sharewright/staging/shares:a to 1000:2000",
        "set mode 0770 on /mnt/lustre/.sharewright/staging/shares:a",
        "limit project 10003 to 10 GiB",
      ],
    ],
    [
      "X-L13 the id claimed",
      { ...underWay, quota: unlimited },
      [
        "make /mnt/lustre/.sharewright/staging/shares:a",
        "set project 10003 on /mnt/lustre/.sharewright/staging/shares:a",
        "give /mnt/lustre/.sharewright/staging/shares:a to 1000:2000",
        "set mode 0770 on /mnt/lustre/.sharewright/staging/shares:a",
        "limit project 10003 to 10 GiB",
      ],
    ],
    [
      "X-L13 the directory made",
      { ...underWay, quota: unlimited, staging: fresh() },
      [
        "set project 10003 on /mnt/lustre/.sharewright/staging/shares:a",
        "give /mnt/lustre/.sharewright/staging/shares:a to 1000:2000",
        "set mode 0770 on /mnt/lustre/.sharewright/staging/shares:a",
        "limit project 10003 to 10 GiB",
      ],
    ],
    [
      "X-L13 tagged without inheritance",
      { ...underWay, quota: quota(), staging: directory({ project: { id: 10003, inherit: false } }) },
      ["set project 10003 on /mnt/lustre/.sharewright/staging/shares:a"],
    ],
    ["X-L13 not limited", { ...underWay, quota: unlimited, staging: directory() }, ["limit project 10003 to 10 GiB"]],
    [
      "X-L13 not owned",
      { ...underWay, quota: quota(), staging: directory({ uid: 0 }) },
      [
        "give /mnt/lustre/.sharewright/staging/shares:a to 1000:2000",
        "set mode 0770 on /mnt/lustre/.sharewright/staging/shares:a",
      ],
    ],
    [
      "X-L13 complete: it is shown, and only then ready",
      { ...underWay, quota: quota(), staging: directory() },
      ["show it as /mnt/lustre/shares/a", "(record shares/a [ready 10003, claim c1])"],
    ],
    [
      "X-L13 shown, not yet recorded as ready",
      { ...underWay, quota: quota(), directory: directory() },
      ["(record shares/a [ready 10003, claim c1])"],
    ],
  ])("resumes: %s", (_, sight, lines) => expect(apply(wish(), seen(sight))).toEqual(lines));

  test("X-L02 a lost id: another one is recorded before it is claimed, and the staging directory gets it", () => {
    expect(
      apply(
        wish(),
        seen({ record: creating, idClaimedFor: "shares/other", freeId: 10004, quota: quota(), staging: directory() }),
      ),
    ).toEqual([
      "(record shares/a [creating 10004, claim c1])",
      "claim project id 10004",
      "set project 10004 on /mnt/lustre/.sharewright/staging/shares:a",
      "limit project 10004 to 10 GiB",
    ]);
  });
  test("X-L02 losing the claim is no failure, anything else is", () => {
    const claim = planShare(site, wish(), seen({ freeId: 10000 })).find((step) => step.id === "claim-id");
    const ended = (stderr: string) => ({ exitCode: 1, timedOut: false, stdout: "", stderr, ms: 1 });
    expect([
      claim?.lost?.(ended("ln: failed to create symbolic link '…/10000': File exists")),
      claim?.lost?.(ended("ln: No space left on device")),
    ]).toEqual([true, false]);
  });
  test("L-32 no free id is an error that says so", () =>
    expect(refused(() => planShare(site, wish(), seen()))).toMatch(/^PROJECT_IDS_EXHAUSTED/));

  test("a wish that changed since the last try begins anew, so that nothing of the old one stays", () => {
    const layout = parseLayout("-c 4") ?? [];
    const begun = {
      ...underWay,
      record: record({ state: "creating" }, { layout, removalPolicy: "destroy" }),
      quota: quota(),
      staging: directory(),
    };
    expect(apply(wish(), seen(begun))).toEqual([
      "remove /mnt/lustre/.sharewright/staging/shares:a, begun for an earlier wish",
      "(record shares/a [creating 10003, claim c1])",
    ]);
    expect(apply(wish(), seen(without(begun, "staging")))).toEqual(["(record shares/a [creating 10003, claim c1])"]);
  });

  test.each<[string, ShareWish, Partial<SeenShare>, string]>([
    [
      "a directory of others in its place",
      wish(),
      { directory: directory() },
      "FOREIGN_DIRECTORY: /mnt/lustre/shares/a exists and sharewright did not make it",
    ],
    [
      "a directory that others put there meanwhile",
      wish(),
      { ...underWay, staging: directory(), directory: fresh() },
      "FOREIGN_DIRECTORY: /mnt/lustre/shares/a was made by somebody else while the share was being created",
    ],
    [
      "a directory beside the one in staging, with the share's own project id",
      wish(),
      { ...underWay, quota: quota(), staging: directory(), directory: directory() },
      "FOREIGN_DIRECTORY: /mnt/lustre/shares/a was made by somebody else while the share was being created",
    ],
    [
      "another project's directory meanwhile",
      wish(),
      { ...underWay, directory: directory({ project: { id: 5, inherit: true } }) },
      "FOREIGN_DIRECTORY: /mnt/lustre/shares/a was made by somebody else while the share was being created",
    ],
    [
      "a share of another stack",
      wish({}, "c2"),
      { record: record({ stack: "s2", owner: "others" }), directory: directory(), quota: quota() },
      'MANAGED_ELSEWHERE: the share is managed by claim c1 of "others"',
    ],
    [
      "S-09 a share of another stack with our label",
      wish({}, "c2"),
      { record: record({ stack: "s2" }), directory: directory(), quota: quota() },
      'MANAGED_ELSEWHERE: the share is managed by claim c1 of "team": another stack of this label, or this stack before its state was lost',
    ],
    [
      "S-09 a share of a record that knows no stack, for a stack that is not known",
      { ...wish({}, "c2"), stack: undefined },
      { record: without(record(), "stack"), directory: directory(), quota: quota() },
      'MANAGED_ELSEWHERE: the share is managed by claim c1 of "team": another stack of this label, or this stack before its state was lost',
    ],
    [
      "a share that another stack kept",
      wish({}, "c2"),
      {
        record: without(record({ stack: "s2", owner: "others", state: "unowned" }), "claim"),
        directory: directory(),
        quota: quota(),
      },
      'FOREIGN_DIRECTORY: the share was kept by "others" and belongs to nobody now',
    ],
    [
      "S-09 a share that another stack of our label kept",
      wish({}, "c2"),
      { record: without(record({ stack: "s2", state: "unowned" }), "claim"), directory: directory(), quota: quota() },
      'FOREIGN_DIRECTORY: the share was kept by "team" and belongs to nobody now',
    ],
    [
      "another place for a share that exists",
      wish({ fileset: "/shares/b" }),
      { record: record(), directory: directory(), quota: quota() },
      "ADOPT_REFUSED: the share is at /shares/a, not at /shares/b; its place cannot change",
    ],
    [
      "L-85 a ready share whose directory is gone",
      wish(),
      { record: record(), quota: unlimited },
      "SHARE_MISSING: /mnt/lustre/shares/a is gone, though the share was ready",
    ],
    [
      "a soft limit above the hard one",
      wish({ softSize: 11n * GiB }),
      { freeId: 10000 },
      "BAD_REQUEST: soft_size 11 GiB is above size 10 GiB",
    ],
    [
      "a soft limit of inodes above the hard one",
      wish({ inodes: 2000n, softInodes: 2001n }),
      { freeId: 10000 },
      "BAD_REQUEST: soft_inodes 2001 is above inodes 2000",
    ],
    [
      "a link in its place",
      wish(),
      { record: record(), directory: directory({ type: "symbolic link" }), quota: quota() },
      "FOREIGN_DIRECTORY: /shares/a is a symbolic link, not a directory",
    ],
    [
      "L-45 L-49 a record without project id",
      wish(),
      { record: without(record(), "projectId"), directory: directory() },
      "RECORD_BROKEN: the record of the share has no project id",
    ],
  ])("fails with %s", (_, asked, sight, message) => expect(refused(() => planShare(site, asked, seen(sight)))).toBe(message));

  test("a soft limit may be as high as the hard one, in bytes and in inodes", () =>
    expect(apply(wish({ softSize: 10n * GiB, inodes: 2000n, softInodes: 2000n }), seen({ freeId: 10000 }))).toContain(
      "limit project 10000 to 10 GiB (soft 10 GiB), 2000 inodes (soft 2000 inodes)",
    ));

  test("L-85 with consent a missing directory is made anew, through staging like any other", () => {
    expect(apply({ ...wish(), recreate: true }, seen({ record: record(), quota: quota() }))).toEqual([
      "(record shares/a [creating 10003, claim c1])",
    ]);
  });
});

describe("keep and change", () => {
  const there = { record: record(), directory: directory(), quota: quota() };
  test("L-83 nothing to do", () => expect(apply(wish(), seen(there))).toEqual([]));

  test.each<[string, Partial<ShareSpec>, Partial<SeenShare>, string[]]>([
    ["L-44 grow", { size: 20n * GiB }, {}, ["limit project 10003 to 20 GiB", "(record shares/a [ready 10003, claim c1])"]],
    [
      "inode limits",
      { inodes: 5000n, softInodes: 4000n },
      {},
      ["(record shares/a [ready 10003, claim c1])", "limit project 10003 to 10 GiB, 5000 inodes (soft 4000 inodes)"],
    ],
    [
      "L-47 X-L17 shrink: the old limit is recorded first",
      { size: 5n * GiB },
      {},
      ["(record shares/a [ready 10003, claim c1])", "limit project 10003 to 5 GiB"],
    ],
    [
      "a soft limit alone",
      { softSize: 9n * GiB },
      {},
      ["limit project 10003 to 10 GiB (soft 9 GiB)", "(record shares/a [ready 10003, claim c1])"],
    ],
    [
      "owner, and mode after it",
      { owner: { uid: 7, gid: 2000 } },
      {},
      [
        "give /mnt/lustre/shares/a to 7:2000",
        "set mode 0770 on /mnt/lustre/shares/a",
        "(record shares/a [ready 10003, claim c1])",
      ],
    ],
    ["mode", { mode: 0o750 }, {}, ["set mode 0750 on /mnt/lustre/shares/a", "(record shares/a [ready 10003, claim c1])"]],
    [
      "layout",
      { layout: parseLayout("-c 4") ?? [] },
      { layout: [{ end: "EOF", count: 1, size: 4194304n, pattern: "raid0", index: -1 }] },
      ["set layout -c 4 for new files in /mnt/lustre/shares/a", "(record shares/a [ready 10003, claim c1])"],
    ],
    [
      "R-11: removal policy",
      { removalPolicy: "destroy" },
      {},
      ["when it is removed: destroy, no longer retain [ready 10003, claim c1]"],
    ],
    ["R-11: description", { description: "new" }, {}, ["note its description [ready 10003, claim c1]"]],
  ])("%s", (_, more, sight, lines) => expect(apply(wish(more), seen({ ...there, ...sight }))).toEqual(lines));

  test("no layout any more: back to the default", () =>
    expect(apply(wish(), seen({ ...there, record: record({}, { layout: parseLayout("-c 4") ?? [] }) }))).toEqual([
      "back to the default layout for new files in /mnt/lustre/shares/a",
      "(record shares/a [ready 10003, claim c1])",
    ]));

  test.each<[string, Partial<SeenShare>, string[]]>([
    [
      "the limit raised by hand",
      { quota: quota({ blockHard: 99n * GiB }) },
      ["(record shares/a [ready 10003, claim c1])", "limit project 10003 to 10 GiB"],
    ],
    [
      "the limit removed by hand",
      { quota: quota({ blockHard: 0n }) },
      ["(record shares/a [ready 10003, claim c1])", "limit project 10003 to 10 GiB"],
    ],
    ["the limit lowered by hand", { quota: quota({ blockHard: 5n * GiB }) }, ["limit project 10003 to 10 GiB"]],
    ["an inode limit set by hand", { quota: quota({ inodeHard: 5n }) }, ["limit project 10003 to 10 GiB"]],
    [
      "the owner",
      { directory: directory({ gid: 0 }) },
      ["give /mnt/lustre/shares/a to 1000:2000", "set mode 0770 on /mnt/lustre/shares/a"],
    ],
    ["the mode", { directory: directory({ mode: 0o777 }) }, ["set mode 0770 on /mnt/lustre/shares/a"]],
    [
      "the project id",
      { directory: directory({ project: { id: 0, inherit: false } }) },
      ["set project 10003 on /mnt/lustre/shares/a"],
    ],
    [
      "the inheritance of the project id",
      { directory: directory({ project: { id: 10003, inherit: false } }) },
      ["set project 10003 on /mnt/lustre/shares/a"],
    ],
  ])("X-L24 drift: %s", (_, sight, lines) => expect(apply(wish(), seen({ ...there, ...sight }))).toEqual(lines));
});

describe("the shrink guard", () => {
  const there = (more: Partial<Quota>) => seen({ record: record(), directory: directory(), quota: quota(more) });
  test.each<[string, Partial<Quota>, Partial<ShareSpec>]>([
    ["of what is over it", { usedBytes: 60n * GiB, blockHard: 10n * GiB }, { size: 20n * GiB }],
    ["of what cannot be known to fit", { usedBytes: 60n * GiB, blockHard: 10n * GiB, reliable: false }, { size: 20n * GiB }],
    [
      "of bytes over it, while that of inodes is lowered",
      { usedBytes: 60n * GiB, blockHard: 10n * GiB, usedInodes: 10n, inodeHard: 9000n },
      { size: 20n * GiB, inodes: 8000n },
    ],
  ])("S-14 a limit may be raised: %s", (_, use, more) =>
    expect(planShare(site, wish(more), there(use)).map(({ id }) => id)).toContain("set-limits"),
  );
  test("S-14 nor does a raised limit, which is still below the use, undo a shrink of the other", () => {
    const shrunk = record({ before: "0 10737418240 0 9000" }, { size: 20n * GiB, inodes: 8000n });
    const now = { usedBytes: 60n * GiB, blockHard: 20n * GiB, usedInodes: 10n, inodeHard: 8000n };
    const plan = planShare(
      site,
      wish({ size: 20n * GiB, inodes: 8000n }),
      seen({ record: shrunk, directory: directory(), quota: quota(now) }),
    );
    expect(plan.map(({ id }) => id)).toEqual(["write-record"]);
  });
  test.each<[string, Partial<Quota>, Partial<ShareSpec>, string]>([
    [
      "L-48 below the use",
      { usedBytes: 6n * GiB },
      { size: 5n * GiB },
      "SHRINK_BELOW_USE: limit 5 GiB is below, or within 5 % of, the use: 6 GiB in 100 inodes",
    ],
    [
      "L-48 exactly the use",
      { usedBytes: 5n * GiB },
      { size: 5n * GiB },
      "SHRINK_BELOW_USE: limit 5 GiB is below, or within 5 % of, the use: 5 GiB in 100 inodes",
    ],
    [
      "too near the use",
      { usedBytes: 20n * GiB, blockHard: 99n * GiB },
      { size: 21n * GiB },
      "SHRINK_BELOW_USE: limit 21 GiB is below, or within 5 % of, the use: 20 GiB in 100 inodes",
    ],
    [
      "below the use of inodes",
      { usedInodes: 5000n },
      { inodes: 2000n },
      "SHRINK_BELOW_USE: limit 10 GiB, 2000 inodes is below, or within 5 % of, the use: 4 GiB in 5000 inodes",
    ],
    [
      "a use that is not known",
      { reliable: false },
      { size: 5n * GiB },
      "USE_UNKNOWN: the use of the project id cannot be read reliably now, so the limit is not lowered",
    ],
  ])("fails with %s", (_, more, asked, message) =>
    expect(refused(() => planShare(site, wish(asked), there(more)))).toBe(message),
  );

  test("just beyond the margin is fine, and so is an empty share", () => {
    expect(apply(wish({ size: 22n * GiB }), there({ usedBytes: 20n * GiB, blockHard: 99n * GiB }))).toContain(
      "limit project 10003 to 22 GiB",
    );
    expect(apply(wish({ size: 16n * 1024n ** 2n }), there({ usedBytes: 0n, usedInodes: 1n }))).toContain(
      "limit project 10003 to 16 MiB",
    );
  });
  test("growing needs no look at the use", () =>
    expect(apply(wish({ size: 20n * GiB }), there({ usedBytes: 60n * GiB, reliable: false }))).toContain(
      "limit project 10003 to 20 GiB",
    ));

  const before = `0 ${10n * GiB} 0 0`;
  const confirm = (more: Partial<Quota>, asked = wish({ size: 5n * GiB })) =>
    apply(asked, seen({ record: record({ before }), directory: directory(), quota: quota({ blockHard: 5n * GiB, ...more }) }));
  test("a shrink that holds is confirmed", () => expect(confirm({})).toEqual(["(record shares/a [ready 10003, claim c1])"]));
  test.each<[string, Partial<Quota>, string]>([
    ["use that has grown meanwhile", { usedBytes: 5n * GiB }, "use has grown meanwhile"],
    ["use that cannot be read", { reliable: false }, "use cannot be known now"],
  ])("X-L17 %s brings the old limit back before the record forgets it", (_, more, why) =>
    expect(confirm(more)).toEqual([`${why}: back to 10 GiB`, "(record shares/a [ready 10003, claim c1])"]),
  );
  test("cut off before the limit was lowered: nothing to bring back", () =>
    expect(confirm({ blockHard: 10n * GiB, usedBytes: 9n * GiB })).toEqual(["(record shares/a [ready 10003, claim c1])"]));
});

describe("adopt", () => {
  const found = { directory: directory({ project: { id: 777, inherit: true } }), quota: quota() };
  test("L-92 L-95 the id is claimed, then the record says ready; the next round does the rest", () =>
    expect(apply(wish({ adopt: true }), seen(found))).toEqual([
      "take over /mnt/lustre/shares/a with project 777",
      "(record shares/a [ready 777, claim c1])",
    ]));
  test("resumes after the claim", () =>
    expect(apply(wish({ adopt: true }), seen({ ...found, idClaimedFor: key }))).toEqual([
      "(record shares/a [ready 777, claim c1])",
    ]));
  test("L-93 X-L22 the size of the construct wins over the limit found, within the shrink guard", () => {
    const adopted = { ...found, record: record({ projectId: 777, adopted: true }, { adopt: true }) };
    expect(apply(wish({ adopt: true }), seen({ ...adopted, quota: quota({ blockHard: 0n }) }))).toEqual([
      "(record shares/a [ready 777, claim c1])",
      "limit project 777 to 10 GiB",
    ]);
    expect(
      refused(() =>
        planShare(site, wish({ adopt: true }), seen({ ...adopted, quota: quota({ usedBytes: 60n * GiB, blockHard: 0n }) })),
      ),
    ).toMatch(/^SHRINK_BELOW_USE/);
  });
  test("R-11: takes over a share of another stack, or one that was kept, and says so, with the policy that it has now", () => {
    const others = { directory: directory(), quota: quota() };
    const theirs = { stack: "s2", owner: "others" };
    expect(apply(wish({ adopt: true }, "c2"), seen({ ...others, record: record(theirs) }))).toEqual([
      'take it over from claim c1 of "others" [ready 10003, claim c2]',
    ]);
    expect(
      apply(
        wish({ adopt: true, removalPolicy: "destroy" }, "c2"),
        seen({ ...others, record: without(record({ ...theirs, state: "unowned" }), "claim") }),
      ),
    ).toEqual([
      'take it over from "others", who kept it: it comes back and holds 4 GiB in 100 inodes; when it is removed: destroy, no longer retain [ready 10003, claim c2]',
    ]);
  });

  test.each<[string, Partial<SeenShare>, string]>([
    ["L-94 no directory", {}, "ADOPT_REFUSED: there is no directory /shares/a to adopt"],
    ["a file", { directory: directory({ type: "regular file" }) }, "ADOPT_REFUSED: /shares/a is a regular file"],
    ["a link", { directory: directory({ type: "symbolic link" }) }, "ADOPT_REFUSED: /shares/a is a symbolic link"],
    [
      "L-37 L-95 no project id",
      { directory: directory({ project: { id: 0, inherit: false } }) },
      "ADOPT_REFUSED: /mnt/lustre/shares/a has no project id",
    ],
    [
      "L-95 a project id that new files do not get",
      { directory: directory({ project: { id: 7, inherit: false } }) },
      "ADOPT_REFUSED: new files in /mnt/lustre/shares/a would not inherit project 7",
    ],
    [
      "L-95 an id that is used elsewhere",
      { directory: directory(), adoptionProblem: "its project 10003 is also on /mnt/lustre/shares/b" },
      "ADOPT_REFUSED: /mnt/lustre/shares/a cannot be a share: its project 10003 is also on /mnt/lustre/shares/b",
    ],
  ])("fails with %s", (_, sight, message) =>
    expect(refused(() => planShare(site, wish({ adopt: true }), seen(sight)))).toBe(message),
  );
});

describe("kept shares", () => {
  const kept = { record: without(record({ state: "unowned" }), "claim"), directory: directory(), quota: quota() };
  test("U-05 are taken up again by their own stack, with their data, limit and id", () =>
    expect(apply(wish({}, "c9"), seen(kept))).toEqual([
      'take it over from "team", who kept it: it comes back and holds 4 GiB in 100 inodes [ready 10003, claim c9]',
    ]));
  test("U-05 with a target away nobody knows what they hold", () =>
    expect(apply(wish({}, "c9"), seen({ ...kept, quota: { ...quota(), reliable: false } })).join()).toContain(
      "it comes back and holds what cannot be known while a target is away",
    ));
  test("S-10 a share whose claim was replaced without a hook, as by terraform taint, stays its stack's", () =>
    expect(apply(wish({}, "c9"), seen({ ...kept, record: record() }))).toEqual([
      'take it over from claim c1 of "team" [ready 10003, claim c9]',
    ]));
  test("a removal that was cut off before anything moved is taken back", () =>
    expect(apply(wish(), seen({ ...kept, record: record({ state: "leaving" }) }))).toEqual([
      "(record shares/a [ready 10003, claim c1])",
    ]));
  test("a removal whose data has moved is finished first", () => {
    const inTrash = seen({ record: record({ state: "leaving" }, { removalPolicy: "trash" }), trash: directory() });
    expect(apply(wish(), inTrash)).toEqual(remove(inTrash));
  });
});

describe("removal", () => {
  const leaving = (removalPolicy: ShareSpec["removalPolicy"], more: Partial<ShareRecord> = {}) =>
    record({ state: "leaving", ...more }, { removalPolicy });

  test("L-38 the first thing is that no rule opens it any more", () => {
    expect(text(planLeaving(site, seen({ record: record() })))).toEqual(["(record shares/a [leaving 10003, claim c1])"]);
    for (const state of ["creating", "leaving", "deleting", "unowned"] as const)
      expect(planLeaving(site, seen({ record: record({ state }) }))).toEqual([]);
  });

  test.each<[string, Partial<SeenShare>, string[]]>([
    ["no record", {}, []],
    ["still ready: nothing before it is closed", { record: record(), directory: directory() }, []],
    ["kept by nobody", { record: record({ state: "unowned" }), directory: directory() }, []],
    [
      "L-96 retain",
      { record: leaving("retain"), directory: directory() },
      ["keep /mnt/lustre/shares/a with its data, limits and project id; nobody manages it now [unowned 10003, claim none]"],
    ],
    [
      "X-L23 trash: moved, its id and limits stay reserved",
      { record: leaving("trash"), directory: directory() },
      ["move /mnt/lustre/shares/a to the trash RISK", "(record shares/a [trashed 10003, claim none])", "(forget shares/a)"],
    ],
    [
      "X-L14 trash, cut off after the move",
      { record: leaving("trash"), trash: directory() },
      ["(record shares/a [trashed 10003, claim none])", "(forget shares/a)"],
    ],
    [
      "destroy: first out of sight",
      { record: leaving("destroy"), directory: directory() },
      ["move /mnt/lustre/shares/a to the trash RISK", "(record shares/a [deleting 10003, claim c1])"],
    ],
    [
      "X-L14 destroy, cut off after the move",
      { record: leaving("destroy"), trash: directory() },
      ["(record shares/a [deleting 10003, claim c1])"],
    ],
    [
      "L-38 W-L10 destroy: then data, limits, id, record, in this order",
      { record: leaving("destroy", { state: "deleting" }), trash: directory() },
      [
        "delete /mnt/lustre/.sharewright/trash/shares:a.10003 RISK",
        "clear the limits of project 10003",
        "free project id 10003",
        "(forget shares/a)",
      ],
    ],
    [
      "X-L14 destroy, cut off after the data",
      { record: leaving("destroy", { state: "deleting" }) },
      ["clear the limits of project 10003", "free project id 10003", "(forget shares/a)"],
    ],
    [
      "L-39 the directory is gone already: the rest still goes",
      { record: leaving("retain") },
      ["clear the limits of project 10003", "free project id 10003", "(forget shares/a)"],
    ],
    [
      "what others put in its place meanwhile stays",
      { record: leaving("destroy", { state: "deleting" }), directory: directory({ project: { id: 5, inherit: true } }) },
      ["clear the limits of project 10003", "free project id 10003", "(forget shares/a)"],
    ],
  ])("%s", (_, sight, lines) => expect(remove(seen(sight))).toEqual(lines));

  test.each<[string, Directory, string]>([
    [
      "another project's directory",
      directory({ project: { id: 5, inherit: true } }),
      "FOREIGN_DIRECTORY: /mnt/lustre/shares/a has project 5, not 10003: it may not be the share, so nothing was removed",
    ],
    [
      "a directory without project",
      directory({ project: { id: 0, inherit: false } }),
      "FOREIGN_DIRECTORY: /mnt/lustre/shares/a has project 0, not 10003: it may not be the share, so nothing was removed",
    ],
    [
      "a link",
      directory({ type: "symbolic link", project: { id: 0, inherit: false } }),
      "FOREIGN_DIRECTORY: /mnt/lustre/shares/a is a symbolic link: it may not be the share, so nothing was removed",
    ],
  ])("W-L12 in its place %s: its data is not ours to remove", (_, found, message) => {
    for (const policy of ["trash", "destroy"] as const)
      expect(refused(() => remove(seen({ record: leaving(policy), directory: found })))).toBe(message);
    expect(remove(seen({ record: leaving("retain"), directory: found }))).toHaveLength(1);
  });

  test("X-L22 an adopted directory outside the prefix goes from where it is", () => {
    const steps = planRemoval(
      site,
      key,
      seen({
        path: "/data/old",
        record: record({ state: "leaving", adopted: true }, { removalPolicy: "trash", fileset: "/data/old" }),
        directory: directory(),
      }),
    );
    expect(steps[0]?.commands[0]?.argv).toEqual([
      "mv",
      "-T",
      "--",
      "/mnt/lustre/data/old",
      "/mnt/lustre/.sharewright/trash/shares:a.10003",
    ]);
  });

  describe("of what never became ready", () => {
    const creating = record({ state: "creating" });
    test.each<[string, Partial<SeenShare>, string[]]>([
      ["only recorded: the id was never its own", { record: creating }, ["(forget shares/a)"]],
      ["the id lost to another", { record: creating, idClaimedFor: "shares/b" }, ["(forget shares/a)"]],
      [
        "the id lost to another, whose directory lies there: it stays, and so do its limits",
        { record: creating, idClaimedFor: "shares/b", directory: directory({ empty: true }) },
        ["(forget shares/a)"],
      ],
      [
        "the id lost to another, whose directory is in use: it is not taken for ours to remove",
        { record: creating, idClaimedFor: "shares/b", directory: directory() },
        ["(forget shares/a)"],
      ],
      [
        "the id never claimed, and a directory that has it",
        { record: creating, directory: directory({ empty: true }) },
        ["(forget shares/a)"],
      ],
      [
        "in staging, and somebody put an empty directory with its id in its place: that one stays",
        { record: creating, idClaimedFor: key, staging: directory(), directory: directory({ empty: true }) },
        [
          "remove /mnt/lustre/.sharewright/staging/shares:a, which was never in use",
          "clear the limits of project 10003",
          "free project id 10003",
          "(forget shares/a)",
        ],
      ],
      [
        "the id claimed",
        { record: creating, idClaimedFor: key },
        ["clear the limits of project 10003", "free project id 10003", "(forget shares/a)"],
      ],
      [
        "in staging",
        { record: creating, idClaimedFor: key, staging: directory() },
        [
          "remove /mnt/lustre/.sharewright/staging/shares:a, which was never in use",
          "clear the limits of project 10003",
          "free project id 10003",
          "(forget shares/a)",
        ],
      ],
      [
        "shown and empty",
        { record: creating, idClaimedFor: key, directory: directory({ empty: true }) },
        [
          "remove /mnt/lustre/shares/a, which was never in use",
          "clear the limits of project 10003",
          "free project id 10003",
          "(forget shares/a)",
        ],
      ],
      [
        "shown and in use: it goes by its policy",
        { record: creating, idClaimedFor: key, directory: directory() },
        ["(record shares/a [leaving 10003, claim c1])"],
      ],
      [
        "somebody else's directory in its place stays",
        { record: creating, idClaimedFor: key, directory: directory({ project: { id: 5, inherit: true }, empty: true }) },
        ["clear the limits of project 10003", "free project id 10003", "(forget shares/a)"],
      ],
    ])("%s", (_, sight, lines) => expect(remove(seen(sight))).toEqual(lines));
  });

  test("only by the claim that owns it", () =>
    expect([mayRemove(record(), "c1"), mayRemove(record(), "c2"), mayRemove(without(record(), "claim"), "c1")]).toEqual([
      true,
      false,
      false,
    ]));

  test("W-L30 limits go back to the default: explicit zeros would override it; no deletion follows links or leaves the file system", () => {
    const steps = planRemoval(site, key, seen({ record: leaving("destroy", { state: "deleting" }), trash: directory() }));
    expect(steps.flatMap((step) => step.commands.map((command) => `${step.on}: ${command.argv.join(" ")}`)).slice(0, 3)).toEqual([
      "client: find /mnt/lustre/.sharewright/trash/shares:a.10003 -xdev -depth -printf . -delete",
      "mds: lfs setquota -p 10003 --delete /mnt/mds",
      "client: rm -f -- /mnt/lustre/.sharewright/projects/10003",
    ]);
    expect(steps[0]?.commands[0]?.idleTimeoutMs).toBeGreaterThan(0);
  });
});
