// Two file systems of one name: what a hook, or a command, of one site does where its mount point holds the other one, by an operator's mistake.
import {
  existsSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { applyRule } from "../../../src/backends/lustre/access/apply";
import { readBans } from "../../../src/backends/lustre/access/bans";
import { destroyRule } from "../../../src/backends/lustre/access/destroy";
import { observeSite } from "../../../src/backends/lustre/bootstrap";
import { readCapacity } from "../../../src/backends/lustre/capacity";
import { readInventory } from "../../../src/backends/lustre/inspect";
import { proveAndCheckLimits } from "../../../src/backends/lustre/preflight";
import { openRecords } from "../../../src/backends/lustre/record-folders";
import { applyShare } from "../../../src/backends/lustre/share/apply";
import { destroyShare } from "../../../src/backends/lustre/share/destroy";
import { observeShare } from "../../../src/backends/lustre/share/observe";
import { releaseShare } from "../../../src/backends/lustre/share/release";
import { purge, readTrashEntries, restore } from "../../../src/backends/lustre/share/trash";
import type { Site } from "../../../src/backends/lustre/site";
import type { ShareSpec } from "../../../src/spec/lustre";
import { refusal } from "../../core/refusal";
import { type SandboxSite, type Setting, sandboxSite, shareSpec } from "./sandbox-site";

const GiB = 1024n ** 3n;
const spec = (name: string, more: Partial<ShareSpec> = {}) => shareSpec(name, { removalPolicy: "destroy", ...more });
const share = (claim: string, stack: string, name = "genomics", more: Partial<ShareSpec> = {}) => ({
  key: `shares/${name}`,
  claim,
  stack,
  spec: spec(name, more),
});
const rule = (claim: string, stack: string, client: string, name = "cpu", more: { adopt?: boolean } = {}) => ({
  key: `shares/genomics#${name}`,
  claim,
  stack,
  spec: {
    share: "shares/genomics",
    fileset: "/shares/genomics",
    clients: [client],
    level: "rw" as const,
    squash: { kind: "root" as const },
    advisoryReadOnly: false,
    adopt: false,
    ...more,
  },
});

let production: SandboxSite;
let staging: SandboxSite;
const made: SandboxSite[] = [];
afterAll(() => {
  for (const { sandbox } of made) sandbox.remove();
});
const newSite = (setting: Setting, site: string | undefined) => {
  const world = sandboxSite({ ...setting, fileSystem: site === undefined ? {} : { site } });
  made.push(world);
  return world;
};

const markOf = ({ sandbox }: SandboxSite) => join(sandbox.mount, ".sharewright/shares/site");

/** Two sites, each with a share of one name and its rule, and one in the trash; `words`: what the stacks call them. */
async function begin(words: { production?: string; staging?: string }, stacks: [string, string], setting: Setting = {}) {
  production = newSite(setting, words.production);
  staging = newSite(setting, words.staging);
  for (const [index, [world, client]] of (
    [
      [production, "10.1.0.0/24"],
      [staging, "10.8.0.0/24"],
    ] as const
  ).entries()) {
    const [claim, stack] = [`claim ${index}`, stacks[index] ?? ""];
    await applyShare(world.site, share(claim, stack));
    await applyShare(world.site, share(`${claim} old`, stack, "old", { removalPolicy: "trash" }));
    await destroyShare(world.site, "shares/old", `${claim} old`);
    await applyRule(world.site, rule(claim, stack, client));
    writeFileSync(join(world.sandbox.mount, "shares/genomics/data"), `of ${claim}`);
  }
}

/** The site whose client, and with it whose MDS, has the other one mounted. */
const mistaken = (own: Site, other: Site): Site => ({ ...own, client: other.client, mds: other.mds });

/** All that is there, but for locks: a run has to take one before it may look. */
function held({ sandbox }: SandboxSite): unknown {
  const { quotas, nodemaps, inodes } = sandbox.state();
  const entries = readdirSync(sandbox.mount, { recursive: true, encoding: "utf8" }).filter((path) => !path.includes("/locks/"));
  const files = entries.sort().map((path) => {
    const stat = lstatSync(join(sandbox.mount, path));
    const read = stat.isSymbolicLink() ? readlinkSync : stat.isFile() ? (file: string) => readFileSync(file, "utf8") : () => "";
    return [path, stat.mode, read(join(sandbox.mount, path))];
  });
  // Who asks for limits leaves that on the MDS.
  const limits = Object.entries(quotas).filter(([, { onlyAsked }]) => !onlyAsked);
  return { limits, nodemaps, files, projects: Object.values(inodes).filter(({ projectId }) => projectId !== undefined) };
}

const trashed = "shares:old.10001";
const works: [string, (site: Site, claim: string, stack: string) => Promise<unknown>][] = [
  ["to grow", (site, claim, stack) => applyShare(site, share(claim, stack, "genomics", { size: 20n * GiB }))],
  ["to shrink", (site, claim, stack) => applyShare(site, share(claim, stack, "genomics", { size: GiB }))],
  ["to take over", (site, claim, stack) => applyShare(site, share(claim, stack, "genomics", { adopt: true }))],
  ["to change nothing", (site, claim, stack) => applyShare(site, share(claim, stack))],
  ["to create", (site, claim, stack) => applyShare(site, share(claim, stack, "new"))],
  ["to remove", (site, claim) => destroyShare(site, "shares/genomics", claim)],
  ["to grant", (site, claim, stack) => applyRule(site, rule(claim, stack, "10.8.1.0/24", "more"))],
  ["to change a grant", (site, claim, stack) => applyRule(site, rule(claim, stack, "10.8.1.0/24"))],
  ["to take a grant over", (site, claim, stack) => applyRule(site, rule(claim, stack, "10.8.1.0/24", "cpu", { adopt: true }))],
  ["to revoke", (site, claim) => destroyRule(site, "shares/genomics#cpu", claim)],
  ["to release", (site) => releaseShare(site, "shares/genomics", new Set(["claim 0", "claim 1"]))],
  ["to purge", (site) => purge(site, trashed)],
  ["to restore", (site) => restore(site, trashed, undefined)],
  ["to plan", (site) => observeShare(site, "shares/genomics", spec("genomics"))],
  ["to plan a removal", (site) => observeShare(site, "shares/genomics", undefined)],
  ["to list", (site) => readInventory(site)],
  ["to list the trash", (site) => readTrashEntries(site)],
  ["to list bans", (site) => readBans(site)],
  ["to tell capacity", (site) => readCapacity(site)],
  ["to check", (site) => proveAndCheckLimits(site)],
  ["to prepare", (site) => observeSite(site)],
];

describe.each([
  ["in one stack", "a site that is added", { staging: "staging" }, ["s", "s"]],
  ["in two stacks", "a site that is added", { staging: "staging" }, ["s", "t"]],
  ["in one stack", "sites that both have a word", { production: "prod", staging: "staging" }, ["s", "s"]],
] as [string, string, { production?: string; staging?: string }, [string, string]][])("%s, %s", (_, __, words, stacks) => {
  beforeAll(() => begin(words, stacks));

  test("nothing is done where its mount point holds the other one, in either direction", async () => {
    for (const [own, other, claim, stack] of [
      [staging, production, "claim 1", stacks[1]],
      [production, staging, "claim 0", stacks[0]],
    ] as const) {
      const before = [held(production), held(staging)];
      for (const [name, work] of works) {
        const { code, exit, summary } = await refusal(work(mistaken(own.stack({}), other.site), claim, stack));
        expect({ name, code, exit }).toEqual({ name, code: "OTHER_SITE", exit: 3 });
        expect(summary).toContain(other.sandbox.mount);
        expect([held(production), held(staging)], name).toEqual(before);
      }
    }
  });

  test("each goes on with its own", async () => {
    for (const [index, world] of [production, staging].entries()) {
      const [site, claim, stack] = [world.stack({}), `claim ${index}`, stacks[index] ?? ""];
      expect((await applyShare(site, share(claim, stack))).done).toEqual([]);
      await applyShare(site, share(claim, stack, "genomics", { size: 20n * GiB }));
      await applyRule(site, rule(claim, stack, "10.8.1.0/24", "more"));
      await destroyRule(site, "shares/genomics#more", claim);
      await destroyRule(site, "shares/genomics#cpu", claim);
      await destroyShare(site, "shares/genomics", claim);
      expect(existsSync(join(world.sandbox.mount, "shares/genomics"))).toBe(false);
    }
  });
});

describe("an MDS of its own", () => {
  const hosts = { hosts: { client: "client", mds: "mds", mgs: "mgs" } } as const;
  test("with the other site's file system gets no limit", async () => {
    await begin({ staging: "staging" }, ["s", "s"], hosts);
    for (const [own, other, claim] of [
      [staging, production, "claim 1"],
      [production, staging, "claim 0"],
    ] as const) {
      const half = { ...own.stack({}), mds: other.site.mds };
      const before = held(other);
      for (const work of [
        () => applyShare(half, share(claim, "s", "genomics", { size: 20n * GiB })),
        () => applyShare(half, share(claim, "s", "new")),
        () => destroyShare(half, "shares/genomics", claim),
      ])
        expect(await refusal(work())).toMatchObject({ code: "OTHER_SITE", host: "mds (mds)" });
      expect(held(other)).toEqual(before);
    }
  });
});

describe("the mark", () => {
  beforeEach(() => begin({ staging: "staging" }, ["s", "s"]));
  const named = () => production.stack({ site: "prod" });

  test("is made where a site is written, with the records, and nowhere else", () => {
    expect(readlinkSync(markOf(staging))).toBe("staging");
    expect(existsSync(markOf(production))).toBe(false);
    expect(staging.commands.filter((line) => line.includes("ln -s")).length).toBe(
      production.commands.filter((line) => line.includes("ln -s")).length + 1,
    );
  });

  test("a file system that has records already gets a word by hand, as the error says, and loses it so", async () => {
    const { code, fix } = await refusal(applyShare(named(), share("claim 0", "s")));
    expect(code).toBe("OTHER_SITE");
    const command = /on the client: (ln .*?);/.exec(fix)?.[1] ?? "";
    expect(command).toBe(`ln -s -f -T -- prod ${markOf(production)}`);
    await production.sandbox.run(command.split(" "));
    expect((await applyShare(named(), share("claim 0", "s"))).done).toEqual([]);
    const back = await refusal(applyShare(production.site, share("claim 0", "s")));
    expect(back.summary).toContain('that of the site "prod", and no site is written here');
    expect(back.fix).toContain(`rm -f -- ${markOf(production)}`);
    rmSync(markOf(production));
    expect((await applyShare(production.stack({}), share("claim 0", "s"))).done).toEqual([]);
  });

  test("that is no link is nobody's", async () => {
    writeFileSync(markOf(production), "prod");
    for (const site of [production.stack({}), named()]) {
      expect((await refusal(applyShare(site, share("claim 0", "s")))).code).toBe("OTHER_SITE");
      expect((await refusal(readInventory(site))).code).toBe("OTHER_SITE");
    }
  });
});

describe("a file system without records", () => {
  const nothing = async () => {};
  beforeEach(() => {
    production = newSite({}, undefined);
    staging = newSite({}, "staging");
  });
  const folder = (...parts: string[]) => join(staging.sandbox.mount, ".sharewright", ...parts);

  test("is looked at, and nothing is marked by that", async () => {
    expect((await readInventory(staging.site)).hasRecords).toBe(false);
    expect((await observeShare(staging.site, "shares/genomics", spec("genomics"))).record).toBeUndefined();
    expect(await destroyShare(staging.site, "shares/genomics", "c")).toEqual([]);
    expect(existsSync(folder())).toBe(false);
  });

  test.each([0, 3, 7, 8])("a run that was killed after %i of its folders and its mark is gone on with", async (count) => {
    const made = ["", "projects", "shares", "rules", "nodemaps", "staging", "trash"].slice(0, count);
    for (const name of made) mkdirSync(folder(name), { mode: 0o700 });
    if (count > made.length) symlinkSync("staging", markOf(staging));
    await applyShare(staging.stack({}), share("c", "s"));
    expect(readlinkSync(markOf(staging))).toBe("staging");
    expect((await applyShare(staging.stack({}), share("c", "s"))).done).toEqual([]);
  });

  test("and one whose making another site has begun is that site's", async () => {
    await openRecords(staging.site, nothing);
    rmSync(folder("locks"), { recursive: true });
    const other = mistaken(production.site, staging.site);
    expect((await refusal(applyShare(other, share("c", "s")))).code).toBe("OTHER_SITE");
    expect(existsSync(folder("locks"))).toBe(false);
  });

  test("of two sites that begin in one moment one is refused", async () => {
    const both = [staging.site, mistaken(staging.stack({ site: "test" }), staging.site)];
    const ended = await Promise.allSettled(both.map((site, index) => applyShare(site, share(`c${index}`, "s", `of-${index}`))));
    const word = readlinkSync(markOf(staging));
    expect(["staging", "test"]).toContain(word);
    expect(ended.map(({ status }) => status).sort()).toEqual(["fulfilled", "rejected"]);
    expect(ended[word === "staging" ? 0 : 1]?.status).toBe("fulfilled");
  });
});
