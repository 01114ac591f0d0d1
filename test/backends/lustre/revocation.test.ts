// What becomes of clients that have mounted what is taken from them: through the whole backend, the sandbox says what they can still do.

import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { applyRule } from "../../../src/backends/lustre/access/apply";
import { liftBans, readBans } from "../../../src/backends/lustre/access/bans";
import { destroyRule } from "../../../src/backends/lustre/access/destroy";
import { applyShare } from "../../../src/backends/lustre/share/apply";
import type { Site } from "../../../src/backends/lustre/site";
import { formatInterval, parseClient } from "../../../src/spec/address";
import type { AccessLevel, Revocation } from "../../../src/spec/lustre";
import { refusal } from "../../core/refusal";
import { type SandboxSite, type Setting, sandboxSite } from "./sandbox-site";

let world: SandboxSite;
const fresh = async (setting: Setting = {}): Promise<void> => {
  world?.sandbox.remove();
  world = sandboxSite(setting);
  for (const name of ["a", "b"]) {
    const spec = {
      size: 1024n ** 3n,
      owner: { uid: 1000, gid: 1000 },
      mode: 0o770,
      removalPolicy: "retain" as const,
      adopt: false,
    };
    await applyShare(world.site, {
      key: `shares/${name}`,
      claim: `share-${name}`,
      spec: { ...spec, fileset: `/shares/${name}` },
    });
  }
};
beforeEach(() => fresh());
afterEach(() => world.sandbox.remove());

const policy = (revocation: Revocation, owner = "team") => world.stack({ revocation, owner });
const grant = (site: Site, share: string, clients: string, level: AccessLevel = "rw", name = "r") =>
  applyRule(site, {
    key: `shares/${share}#${name}`,
    claim: `${share}-${name}`,
    spec: {
      share: `shares/${share}`,
      fileset: `/shares/${share}`,
      clients: clients.split(", "),
      level,
      squash: { kind: "root" },
      advisoryReadOnly: false,
      adopt: false,
    },
  });
const revoke = (site: Site, share: string, name = "r") => destroyRule(site, `shares/${share}#${name}`, `${share}-${name}`);
const exported = (share: string) => `10.0.0.1@tcp:/scratch/shares/${share}`;
const mount = async (id: string, share: string, address = "10.1.0.5") =>
  JSON.parse((await world.sandbox.operate("mount-as", `${address}@tcp`, exported(share), "--keep", id, "--json")).stdout);
const mountable = async (share: string, address = "10.1.0.5") =>
  (await world.sandbox.operate("mount-as", `${address}@tcp`, exported(share), "--json")).exit;
const mounts = async (): Promise<Record<string, string>> => {
  const listed = JSON.parse((await world.sandbox.operate("mounts", "--json")).stdout) as { id: string; now: string }[];
  return Object.fromEntries(listed.map(({ id, now }) => [id, now]));
};
const clients = (text: string) => [parseClient(text, "tcp")];
/** A client with both shares mounted loses one of them. */
async function loseOne(site: Site): Promise<void> {
  await grant(site, "a", "10.1.0.5");
  await grant(site, "b", "10.1.0.5, 10.1.0.9");
  await mount("on-a", "a");
  await mount("on-b", "b");
  world.notes.splice(0);
  await revoke(site, "a");
}

describe("R-04: a client that keeps another share", () => {
  const moved =
    'for rule shares/b#r of "team": 10.1.0.5@tcp moved to another nodemap, in one go: what else they may mount has changed';

  test("R-04: lazy: it keeps what was taken until it unmounts, and that is said with its address and share", async () => {
    await loseOne(policy("lazy"));
    expect(world.notes).toEqual([
      moved,
      "clients that have /shares/a mounted keep it until they unmount, and still have /shares/b (revocation: lazy): 10.1.0.5@tcp",
    ]);
    expect([await mounts(), await mountable("a")]).toEqual([{ "on-a": "rw", "on-b": "rw" }, 13]);
  });

  test("R-04: cut: the same, as the real one showed, and why", async () => {
    await loseOne(policy("cut"));
    expect(world.notes).toEqual([
      moved,
      "clients that have /shares/a mounted keep it until they unmount, since they still have /shares/b, which a ban would cut off as well (revocation: cut): 10.1.0.5@tcp",
    ]);
    expect([await mounts(), await mountable("a"), await mountable("b")]).toEqual([{ "on-a": "rw", "on-b": "rw" }, 13, 0]);
    expect(await readBans(world.site)).toEqual([]);
  });

  test("R-04: ban: it is cut off from both until it has unmounted and is let in again; others are not", async () => {
    const site = policy("ban");
    await loseOne(site);
    await mount("other", "b", "10.1.0.9");
    const banned = "cut off (banned)";
    expect([world.notes, await mounts()]).toEqual([[moved], { "on-a": banned, "on-b": banned, other: "rw" }]);
    expect(await mountable("b")).toBe(1);
    const bans = (await readBans(site)).map((ban) => ({ ...ban, clients: formatInterval(ban.clients) }));
    expect(bans).toEqual([
      { clients: "10.1.0.5@tcp", nodemap: expect.stringMatching(/^sw_/), held: ["/shares/a"], connected: true },
    ]);
    const still = await refusal(liftBans(site, clients("10.1.0.5"), false));
    expect([still.code, still.summary]).toEqual([
      "STILL_MOUNTED",
      "10.1.0.5@tcp: still connected, so what it had mounted would work again",
    ]);
    expect(await mounts()).toMatchObject({ "on-a": banned });
    for (const id of ["on-a", "on-b"]) await world.sandbox.operate("unmount", id);
    expect((await liftBans(site, clients("10.1.0.0/24"), false)).map(({ id }) => id)).toEqual(["lift-ban"]);
    expect([await mountable("b"), await mountable("a"), await readBans(site)]).toEqual([0, 13, []]);
    expect(await grant(site, "b", "10.1.0.5, 10.1.0.9")).toEqual([]);
  });

  test("R-04: ban: a client that is named although it is connected is let in with all that it had", async () => {
    const site = policy("ban");
    await loseOne(site);
    await liftBans(site, clients("10.1.0.5"), true);
    expect(await mounts()).toEqual({ "on-a": "rw", "on-b": "rw" });
  });

  test("R-04: ban: whoever has just that again is let in by the grant", async () => {
    const site = policy("ban");
    await loseOne(site);
    await grant(site, "a", "10.1.0.5");
    expect([await mounts(), await readBans(site)]).toEqual([{ "on-a": "rw", "on-b": "rw" }, []]);
  });

  test("R-04: ban: it holds when the client moves to another nodemap, and when it loses the rest", async () => {
    const site = policy("ban");
    await loseOne(site);
    await grant(site, "b", "10.1.0.5", "rw", "alone");
    await revoke(site, "b");
    const bans = async () =>
      (await readBans(site)).map(({ clients: who, nodemap, held }) => [formatInterval(who), nodemap, ...held].join(" ")).sort();
    expect(await mounts()).toEqual({ "on-a": "cut off (banned)", "on-b": "cut off (banned)" });
    expect(await bans()).toEqual([
      expect.stringMatching(/^10\.1\.0\.5@tcp sw_\w+ \/shares\/a$/),
      "10.1.0.9@tcp default /shares/b",
    ]);
    await revoke(site, "b", "alone");
    expect(await mounts()).toMatchObject({ "on-a": "cut off (banned)" });
    expect(await bans()).toEqual(["10.1.0.5@tcp default /shares/a /shares/b", "10.1.0.9@tcp default /shares/b"]);
  });

  test("R-04: writing that is taken is kept, and said, or banned", async () => {
    await grant(policy("cut"), "a", "10.1.0.5");
    await mount("on-a", "a");
    await grant(policy("cut"), "a", "10.1.0.5", "ro");
    expect(await mounts()).toEqual({ "on-a": "rw" });
    expect(world.notes).toContain(
      "clients that have /shares/a mounted for writing keep that until they mount it again (revocation: cut): 10.1.0.5@tcp",
    );
    await grant(policy("ban"), "a", "10.1.0.5");
    await grant(policy("ban"), "a", "10.1.0.5", "ro");
    expect(await mounts()).toEqual({ "on-a": "cut off (banned)" });
  });
});

describe("R-04: whoever's hook takes it away", () => {
  const recordFile = (share: string) => join(world.sandbox.mount, `.sharewright/rules/shares:${share}#r.json`);

  test.each<Revocation>(["cut", "ban"])("R-04: %s: the policy of the rule's own stack holds", async (revocation) => {
    await grant(policy(revocation), "a", "10.1.0.5");
    await mount("on-a", "a");
    // As a removal leaves it that was cut off before its first step.
    const record = JSON.parse(readFileSync(recordFile("a"), "utf8"));
    expect(record.revocation).toBe(revocation);
    writeFileSync(recordFile("a"), `${JSON.stringify({ ...record, leaving: true })}\n`);
    await grant(policy("lazy", "others"), "b", "10.3.0.5");
    expect(await mounts()).toEqual({ "on-a": "cut off (banned)" });
    // U-12: whose rule that was.
    expect(world.notes).toEqual(['for rule shares/a#r of "team": 10.1.0.5@tcp shut out']);
  });

  test("R-04: a stack that has become stricter is so with the rules that it made before", async () => {
    await grant(policy("lazy"), "a", "10.1.0.5");
    await mount("on-a", "a");
    await revoke(policy("cut"), "a");
    expect(await mounts()).toEqual({ "on-a": "cut off (banned)" });
  });
});

test("R-04: an MGS that serves no MDT cannot tell who is connected", async () => {
  await fresh({ hosts: { client: "client", mgs: "mgs", mds: "mds" } });
  await loseOne(policy("ban"));
  expect((await readBans(policy("ban")))[0]).not.toHaveProperty("connected");
  expect(await liftBans(policy("ban"), clients("10.1.0.5"), false)).toHaveLength(1);
});

test("R-04: fails to lift what sharewright has not banned", async () => {
  await grant(policy("ban"), "a", "10.1.0.5");
  const error = await refusal(liftBans(policy("ban"), clients("10.1.0.5"), false));
  expect([error.code, error.summary]).toEqual(["BAD_REQUEST", "sharewright has banned nobody in 10.1.0.5@tcp"]);
});
