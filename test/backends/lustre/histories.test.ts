// Every history of grants, changes, removals, crashes, moves of the MGS, lost records and nodemaps of others, on IPv4, IPv6 and numbered nodes: after
// every single command nobody sees what no rule gave, and after a removal that reported success nobody reaches it.
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { applyRule } from "../../../src/backends/lustre/access/apply";
import { closeShare } from "../../../src/backends/lustre/access/converge";
import { destroyRule } from "../../../src/backends/lustre/access/destroy";
import type { ShareRecord } from "../../../src/backends/lustre/records";
import type { Site } from "../../../src/backends/lustre/site";
import { ShareError } from "../../../src/core/errors";
import type { AccessRuleSpec, Revocation } from "../../../src/spec/lustre";
import { AccessWorld, type Level } from "./access-world";
import { type Span, spanOf, within } from "./access-world-nids";

const shares = ["/shares/a", "/shares/b", "/shares/c"];
/** Rules by their number, each of one share. */
const ruleKeys = ["shares/a#p", "shares/a#q", "shares/b#p", "shares/b#q", "shares/c#p"];
const clientTexts = [
  ...["10.1.0.[0-7]@tcp", "10.1.0.[4-11]@tcp", "10.1.0.5@tcp", "10.1.0.[8-15]@tcp", "10.1.0.[0-15]@tcp"],
  ...["fd00::/124@tcp", "fd00::/126@tcp", "fd00::8/125@tcp", "fd00::@tcp", "fd00::f@tcp", "fd00::/125@tcp", "fd00::4/126@tcp"],
  ...["[1-4]@kfi", "[3-8]@kfi", "2@kfi"],
  // Which this MGS refuses.
  "10.5.0.1@efa",
];
const universe: Span[] = [
  ...Array.from({ length: 17 }, (_, index) => `10.1.0.${index}@tcp`),
  ...Array.from({ length: 17 }, (_, index) => `fd00::${index.toString(16)}@tcp`),
  ...Array.from({ length: 9 }, (_, index) => `${index}@kfi`),
].map((text) => spanOf(text) as Span);

const runs = process.env["SHAREWRIGHT_SWEEP"] === "all" ? 2000 : 40;

type Disturbed = { kind: string; crashAt?: number | undefined; movesAt?: number | undefined };
type Event = { crashAt?: number | undefined; movesAt?: number | undefined } & (
  | { kind: "apply"; rule: number; clients: string[]; level: Level; advisory: boolean; stack: number }
  | { kind: "destroy"; rule: number }
  | { kind: "close"; share: number; dataGoes: boolean }
  | { kind: "theirs"; range: string; fileset: string }
  | { kind: "theirs go" }
  | { kind: "lost"; folder: string; nth: number }
);
const sometimes = (calm: number) =>
  fc.oneof({ weight: calm, arbitrary: fc.constant(undefined) }, { weight: 1, arbitrary: fc.nat(60) });
const disturbed = { crashAt: sometimes(3), movesAt: sometimes(12) };
const event: fc.Arbitrary<Event> = fc.oneof(
  {
    weight: 8,
    arbitrary: fc.record({
      ...disturbed,
      kind: fc.constant("apply" as const),
      rule: fc.nat(ruleKeys.length - 1),
      clients: fc.uniqueArray(fc.constantFrom(...clientTexts), { minLength: 1, maxLength: 3 }),
      level: fc.constantFrom<Level>("rw", "rw", "ro"),
      advisory: fc.boolean(),
      stack: fc.nat(1),
    }),
  },
  { weight: 4, arbitrary: fc.record({ ...disturbed, kind: fc.constant("destroy" as const), rule: fc.nat(ruleKeys.length - 1) }) },
  {
    weight: 1,
    arbitrary: fc.record({ ...disturbed, kind: fc.constant("close" as const), share: fc.nat(2), dataGoes: fc.boolean() }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      kind: fc.constant("theirs" as const),
      range: fc.constantFrom("10.1.0.[6-9]@tcp", "fd00::6@tcp", "fd00::/125@tcp", "fd00::/121@tcp", "[4-5]@kfi"),
      fileset: fc.constantFrom("/else", "/else", "/shares/a"),
    }),
  },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant("theirs go" as const) }) },
  {
    weight: 1,
    arbitrary: fc.record({
      kind: fc.constant("lost" as const),
      folder: fc.constantFrom("nodemaps", "rules"),
      nth: fc.nat(5),
    }),
  },
);

interface Given {
  path: string;
  level: Level;
  clients: Span[];
}

const theirName = "theirs";

/** What is true of a history, kept beside the world. */
class History {
  readonly world = new AccessWorld(shares);
  /** What each rule may have given: of one that was cut off, also what it had asked for. */
  readonly given = new Map<string, Given[]>();
  readonly log: string[] = [];
  readonly succeeded = new Set<string>();

  constructor(private readonly revocation: Revocation) {
    for (const share of shares) this.putShare(share, "ready");
    this.world.watch = (argv) => this.judge(argv.slice(1).join(" "));
  }

  private file(folder: string, key: string): string {
    return `/mnt/lustre/.sharewright/${folder}/${key.replaceAll("/", ":")}.json`;
  }

  putShare(path: string, state: ShareRecord["state"]): void {
    const key = path.slice(1);
    const spec = { fileset: path, size: "1 TiB", owner: "0:0", mode: "0770", removal_policy: "retain" };
    const record = { format: 1, kind: "lustre.share", key, claim: "c", owner: "one", state, projectId: 7, spec };
    this.world.files.set(this.file("shares", key), `${JSON.stringify(record)}\n`);
  }

  /** What it holds: a wish that is taken back may leave the same in another order. */
  recordOf(key: string): string | undefined {
    const text = this.world.files.get(this.file("rules", key));
    return text && JSON.stringify(Object.entries(JSON.parse(text)).sort());
  }

  loseRecord(folder: string, nth: number): void {
    const files = [...this.world.files.keys()].filter((file) => file.includes(`/${folder}/`) && !file.endsWith("banlist.json"));
    const file = files[nth % Math.max(1, files.length)];
    if (file) this.world.files.delete(file);
  }

  site(stack = 0): Site {
    return this.world.site({ owner: ["one", "two"][stack] ?? "one", revocation: this.revocation });
  }

  gives(path: string, nid: Span, level: Level): boolean {
    return [...this.given.values()]
      .flat()
      .some(
        (one) => one.path === path && (one.level === "rw" || level === "ro") && one.clients.some((span) => within(span, nid)),
      );
  }

  /** Nobody sees what no rule gave; what others made is theirs. */
  judge(after: string): void {
    for (const nid of universe) {
      const name = this.world.nodemapOf(nid);
      if (name === theirName) continue;
      for (const [path, level] of this.world.reach(nid)) {
        if (this.gives(path, nid, level)) continue;
        throw new Error(
          `after ${after}: ${nid.first.toString(16)}@${nid.net} in ${name} has ${path} ${level}\n${this.log.join("\n")}`,
        );
      }
    }
  }

  /** Who still reaches a path that no rule gives him. */
  stillReaching(path: string, alsoByOthers: boolean, clients: readonly Span[] = universe): Span[] {
    return universe
      .filter((nid) => clients.some((span) => within(span, nid)))
      .filter((nid) => alsoByOthers || this.world.nodemapOf(nid) !== theirName)
      .filter((nid) => {
        const level = this.world.reach(nid).get(path);
        return level !== undefined && !this.gives(path, nid, level);
      });
  }
}

async function play(history: History, step: Event): Promise<void> {
  const { world } = history;
  history.log.push(JSON.stringify(step));
  world.alive = step.crashAt ?? Number.POSITIVE_INFINITY;
  world.mgsFor = step.movesAt ?? Number.POSITIVE_INFINITY;
  const trusted = JSON.stringify([...world.of("sw_trusted").ranges.map(String), ...world.of("sw_trusted").properties]);
  const theirs = world.nodemaps.get(theirName);
  const before = JSON.stringify(
    theirs && [theirs.ranges.map((span) => `${span.first}-${span.last}`), theirs.filesets, [...theirs.properties]],
  );
  await playOne(history, step);
  if (history.log.length > 0 && !step.kind.startsWith("theirs")) {
    const after = world.nodemaps.get(theirName);
    expect(
      JSON.stringify(after && [after.ranges.map((span) => `${span.first}-${span.last}`), after.filesets, [...after.properties]]),
    ).toBe(before);
  }
  expect(JSON.stringify([...world.of("sw_trusted").ranges.map(String), ...world.of("sw_trusted").properties])).toBe(trusted);
  world.alive = Number.POSITIVE_INFINITY;
  world.mgsFor = Number.POSITIVE_INFINITY;
  history.judge(`the end of ${JSON.stringify(step)}`);
}

/** Undefined for success. A wrong judgement of the world is no fault of the backend's, and is thrown. */
async function faultOf(
  history: History,
  work: Promise<unknown>,
  { kind, crashAt, movesAt }: Disturbed,
): Promise<ShareError | undefined> {
  const isDisturbed = crashAt !== undefined || movesAt !== undefined;
  try {
    await work;
    history.succeeded.add(kind);
    return undefined;
  } catch (error) {
    if (!ShareError.isShareError(error)) throw error;
    if (!isDisturbed && !refusals.includes(error.code) && error.code !== "STILL_OPEN") throw error;
    return error;
  }
}

const refusals = ["BAD_REQUEST", "ACCESS_CONFLICT", "NID_TAKEN", "ALREADY_OPEN"];

async function playApply(history: History, step: Event & { kind: "apply" }): Promise<void> {
  const { world, given } = history;
  const key = ruleKeys[step.rule] ?? "";
  const path = `/${key.split("#")[0]}`;
  const spec: AccessRuleSpec = {
    ...{ share: path.slice(1), fileset: path, clients: step.clients, level: step.level, squash: { kind: "root" } },
    ...{ advisoryReadOnly: step.advisory, adopt: true },
  };
  const wish = { path, level: step.level, clients: step.clients.flatMap((text) => spanOf(text) ?? []) };
  const known = given.get(key) ?? [];
  const record = history.recordOf(key);
  given.set(key, [...known, wish]);
  const error = await faultOf(history, applyRule(history.site(step.stack), { key, claim: `claim-${key}`, spec }), step);
  const isDisturbed = step.crashAt !== undefined || step.movesAt !== undefined;
  if (!error) {
    given.set(key, [wish]);
    for (const nid of universe.filter((one) => wish.clients.some((span) => within(span, one))))
      expect([history.log, nid.first.toString(16), world.reach(nid).has(path) || world.isBanned(nid)]).toEqual([
        history.log,
        nid.first.toString(16),
        true,
      ]);
    return;
  }
  if (!isDisturbed && refusals.includes(error.code)) given.set(key, known);
  if (step.crashAt === undefined || history.recordOf(key) !== record) return;
  // It died before its wish was noted; or while it took back what was refused, of which some may be open.
  given.set(key, known);
  if (history.stillReaching(path, false, wish.clients).length > 0) given.set(key, [...known, wish]);
}

async function playDestroy(history: History, step: Event & { kind: "destroy" }): Promise<void> {
  const { given } = history;
  const key = ruleKeys[step.rule] ?? "";
  const path = `/${key.split("#")[0]}`;
  const wasKnown = history.recordOf(key) !== undefined;
  const gave = (given.get(key) ?? []).flatMap(({ clients }) => clients);
  if (await faultOf(history, destroyRule(history.site(), key, `claim-${key}`), step)) return;
  given.delete(key);
  // Of a rule whose record was lost nobody knows the clients; that no nodemap of ours opens its share to them is known all the same.
  expect([history.log, history.stillReaching(path, wasKnown, gave)]).toEqual([history.log, []]);
}

async function playOne(history: History, step: Event): Promise<void> {
  const { world } = history;
  switch (step.kind) {
    case "apply":
      return playApply(history, step);
    case "destroy":
      return playDestroy(history, step);
    case "close": {
      const path = shares[step.share] ?? "";
      history.putShare(path, "leaving");
      const error = await faultOf(history, closeShare(history.site(), path.slice(1), path, step.dataGoes), step);
      if (!error) {
        const reaching = universe.filter((nid) => world.reach(nid).has(path));
        const counted = reaching.filter((nid) => step.dataGoes || world.nodemapOf(nid) !== theirName);
        expect([history.log, counted]).toEqual([history.log, []]);
      }
      history.putShare(path, "ready");
      return;
    }
    case "theirs": {
      const nodemap = world.nodemaps.get(theirName) ?? world.addNodemap(theirName);
      nodemap.properties.set("deny_mount", "0");
      nodemap.filesets = [{ path: step.fileset, readOnly: false }];
      world.addRange(theirName, spanOf(step.range) as Span);
      return;
    }
    case "theirs go":
      world.nodemaps.delete(theirName);
      return;
    case "lost":
      history.loseRecord(step.folder, step.nth);
  }
}

describe.each<Revocation>(["lazy", "cut", "ban"])("S-02 S-03 S-04 S-05 S-06 every history, revocation %s", (revocation) => {
  test(
    "after every command nobody sees what no rule gave, and after a removal that succeeded nobody reaches it",
    async () => {
      const succeeded = new Set<string>();
      await fc.assert(
        fc.asyncProperty(fc.array(event, { minLength: 1, maxLength: 12 }), async (steps) => {
          const history = new History(revocation);
          for (const step of steps) await play(history, step);
          for (const kind of history.succeeded) succeeded.add(kind);
        }),
        { numRuns: runs },
      );
      // A world in which nothing can succeed would prove nothing.
      expect([...succeeded].sort()).toEqual(["apply", "close", "destroy"]);
    },
    60_000 + runs * 500,
  );
});
