// What a plan shows of a share is what an apply or a removal then does: the same steps in the same words, whatever is there.
import { chmodSync, existsSync, mkdirSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import fc from "fast-check";
import { afterEach, beforeEach, expect, test } from "vitest";
import { applyShare } from "../../../src/backends/lustre/share/apply";
import { destroyShare } from "../../../src/backends/lustre/share/destroy";
import { observeShare } from "../../../src/backends/lustre/share/observe";
import { previewRemoval, previewShare } from "../../../src/backends/lustre/share/preview";
import type { ShareWish } from "../../../src/backends/lustre/share/steps";
import type { Command, Result } from "../../../src/core/command";
import { ShareError } from "../../../src/core/errors";
import type { Step } from "../../../src/core/plan";
import type { ShareSpec } from "../../../src/spec/lustre";
import { type SandboxSite, sandboxSite } from "./sandbox-site";

let world: SandboxSite;
beforeEach(() => {
  world = sandboxSite();
});
afterEach(() => world.sandbox.remove());

/** More of them: `npm run test:sweep`. */
const numRuns = process.env.SHAREWRIGHT_SWEEP === "all" ? 500 : 20;
const key = "shares/a";
const place = () => join(world.sandbox.mount, key);
const gib = 1024n ** 3n;

const wishes: fc.Arbitrary<Partial<ShareSpec>> = fc.record(
  {
    size: fc.constantFrom(gib, 2n * gib, 512n * 1024n ** 2n),
    softSize: fc.constantFrom(256n * 1024n ** 2n, 400n * 1024n ** 2n),
    inodes: fc.constantFrom(2000n, 5000n),
    owner: fc.constantFrom({ uid: 0, gid: 0 }, { uid: 1000, gid: 1000 }),
    mode: fc.constantFrom(0o750, 0o770, 0o2770),
    layout: fc.constantFrom([{ stripeCount: 2 }], [{ end: 1024n ** 2n * 64n, stripeCount: 1 }, { stripeCount: 4 }]),
    removalPolicy: fc.constantFrom("retain", "trash", "destroy"),
    deletionProtection: fc.constant(true as const),
    adopt: fc.boolean(),
    description: fc.constantFrom("for genomics", "for physics"),
  },
  { requiredKeys: [] },
);

type Mishap = "mode" | "limit" | "project" | "layout" | "gone" | "data" | "file in its place";

const histories = fc.record({
  /** A directory with a project of its own that is there before anything. */
  isThere: fc.boolean(),
  first: wishes,
  /** How many commands that change something the first run gets done; 0: there was none; 99: all. */
  done: fc.oneof(fc.constantFrom(0, 99, 99), fc.nat({ max: 45 })),
  isOther: fc.boolean(),
  mishaps: fc.subarray<Mishap>(["mode", "limit", "project", "layout", "gone", "data", "file in its place"], { maxLength: 2 }),
  next: wishes,
  recreate: fc.boolean(),
});

const wishOf = (spec: Partial<ShareSpec>, claim = "a"): ShareWish => ({
  key,
  claim,
  spec: {
    fileset: `/${key}`,
    size: gib,
    owner: { uid: 0, gid: 0 },
    mode: 0o750,
    removalPolicy: "destroy",
    adopt: false,
    ...spec,
  },
});

const looks =
  /^(lfs (getname|path2fid|quota|getstripe|mdts|osts|df|find|--version|project -d)|lctl (?!nodemap_|set_|conf_)|stat|cat|find (?!.*-delete)|findmnt|df|getent|test)/;
const unheard: Result = { exitCode: null, timedOut: false, stdout: "", stderr: "", ms: 0 };

/** A run that is cut off after so many commands that change something. */
async function cutOff(done: number, run: () => Promise<unknown>): Promise<void> {
  let changed = 0;
  let isGone = false;
  world.intercept(({ argv }: Command) => {
    isGone ||= !looks.test(argv.join(" ")) && ++changed > done;
    return isGone ? unheard : undefined;
  });
  await run().catch((error: unknown) => {
    if (!ShareError.isShareError(error)) throw error;
  });
  world.intercept(() => undefined);
}

async function happen(mishap: Mishap): Promise<void> {
  if (!existsSync(place())) return;
  const commands: Partial<Record<Mishap, string[]>> = {
    limit: ["lfs", "setquota", "-p", "10000", "-b", "0", "-B", "3145728", "-i", "0", "-I", "0", world.sandbox.mount],
    project: ["lfs", "project", "-p", "77", "-s", place()],
    layout: ["lfs", "setstripe", "-c", "7", place()],
  };
  const command = commands[mishap];
  if (command) await world.sandbox.run(command);
  if (mishap === "mode") chmodSync(place(), 0o700);
  if (mishap === "data") writeFileSync(join(place(), "data"), "data");
  if (mishap === "gone" || mishap === "file in its place") rmSync(place(), { recursive: true });
  if (mishap === "file in its place") writeFileSync(place(), "");
}

async function outcome(steps: Promise<Step[]>): Promise<string[] | { code: string }> {
  try {
    return (await steps).filter(({ quiet }) => !quiet).map(({ say }) => say);
  } catch (error) {
    if (ShareError.isShareError(error)) return { code: error.code };
    throw error;
  }
}

async function reset(): Promise<void> {
  world.sandbox.remove();
  world = sandboxSite();
}

async function shownOf(wish: ShareWish): Promise<string[] | { code: string }> {
  return outcome((async () => previewShare(world.site, wish, await observeShare(world.site, key, wish.spec)))());
}

test("whatever a plan shows of a share, an apply does just that, or is refused just so", async () => {
  await fc.assert(
    fc.asyncProperty(histories, async ({ isThere, first, done, isOther, mishaps, next, recreate }) => {
      await reset();
      if (isThere) {
        mkdirSync(dirname(place()), { recursive: true, mode: 0o711 });
        mkdirSync(place());
        await world.sandbox.run(["lfs", "project", "-p", "10000", "-s", place()]);
      }
      if (done > 0) await cutOff(done, () => applyShare(world.site, wishOf(first, isOther ? "other" : "a")));
      for (const mishap of mishaps) await happen(mishap);
      const wish = { ...wishOf(next), ...(recreate ? { recreate } : {}) };
      const shown = await shownOf(wish);
      const ran = await outcome(applyShare(world.site, wish).then((applied) => applied.done));
      expect(shown).toEqual(ran);
      if (Array.isArray(ran)) expect(await shownOf(wishOf(next))).toEqual([]);
    }),
    { numRuns },
  );
});

test("whatever a plan shows of a share that leaves, a removal does just that", async () => {
  const removals = fc.record({
    first: wishes,
    made: fc.oneof(fc.constantFrom(99, 99), fc.nat({ max: 45 })),
    mishaps: fc.subarray<Mishap>(["limit", "project", "gone", "data"], { maxLength: 2 }),
    /** How many commands that change something an earlier removal got done. */
    done: fc.oneof(fc.constant(0), fc.nat({ max: 12 })),
  });
  await fc.assert(
    fc.asyncProperty(removals, async ({ first, made, mishaps, done }) => {
      await reset();
      await cutOff(made, () => applyShare(world.site, wishOf({ ...first, adopt: false })));
      for (const mishap of mishaps) await happen(mishap);
      if (done > 0) await cutOff(done, () => destroyShare(world.site, key, "a"));
      const seen = await observeShare(world.site, key, undefined).catch(() => undefined);
      if (seen?.record?.claim !== "a") return;
      const shown = await outcome(previewRemoval(world.site, key, seen));
      expect(shown).toEqual(await outcome(destroyShare(world.site, key, "a")));
    }),
    { numRuns },
  );
});
