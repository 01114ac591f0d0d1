// What is somebody else's, or was there before: passed over, put back, not deleted, not restarted.
import { existsSync, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import type { Result } from "../../../src/core/command";
import type { Around } from "../in-process";
import { recorded } from "./commands";
import { expectRefusal, infrastructure, optionsBesides, quotaTraces } from "./expect";
import { homesOf, markOf, rightBefore } from "./mishaps";
import { type GlusterSite, startGlusterSite } from "./site";
import { replicated } from "./stack";

let site: GlusterSite;
beforeAll(async () => {
  site = await startGlusterSite();
});
afterAll(() => site.remove());
beforeEach(() => site.reset());

const failed: Result = {
  exitCode: 1,
  timedOut: false,
  stdout: "",
  stderr: "Mount failed. Check the log file  for more details.",
  ms: 0,
};

describe("a volume of the pool", () => {
  test("that cannot be mounted is passed over, and stays as it is", async () => {
    const options = site.options("pool-1-1G");
    const around: Around = ({ text }, go) =>
      text.startsWith("mount -t") && text.includes(":/pool-1-1G ") ? Promise.resolve(failed) : go();
    const ended = await site.run(site.stack().share("a").apply, { around });
    expect(ended).toMatchObject({
      exitCode: 0,
      stderr: "",
      stdout: expect.stringContaining("volume pool-1-1G cannot be looked into"),
    });
    expect(homesOf(site, "a")).toEqual(["1:pool-2-1G ready"]);
    expect(site.options("pool-1-1G")).toEqual({ ...options, "user.sharewright.share": "NONE" });
    expect(site.state().mounts).toEqual([]);
  });

  test("that can be mounted once glusterd serves what it tells is taken", async () => {
    const texts: string[] = [];
    const around: Around = ({ text }, go) => {
      const isFirst = text.startsWith("mount -t") && !texts.some((one) => one.startsWith("mount -t"));
      texts.push(text);
      return isFirst ? Promise.resolve(failed) : go();
    };
    expect(await site.run(site.stack().share("a").apply, { around })).toMatchObject({ exitCode: 0, stderr: "" });
    expect(homesOf(site, "a")).toEqual(["1:pool-1-1G ready"]);
    const [first, second] = texts.flatMap((text, index) => (text.startsWith("mount -t") ? [index] : []));
    expect(texts.slice(first, second)).toContainEqual(
      expect.stringMatching(/ volume set pool-1-1G user\.sharewright\.share \S+$/),
    );
  });

  test("that lets in a client is in use, although nothing is in it: it is passed over and not touched", async () => {
    await site.gluster(`volume set pool-1-1G auth.ssl-allow ${infrastructure},alice`);
    const volume = site.volume("pool-1-1G");
    const { apply } = site.stack().share("a");
    await site.succeed(apply);
    expect(homesOf(site, "a")).toEqual(["1:pool-2-1G ready"]);
    expect(site.volume("pool-1-1G")).toEqual(volume);
    for (const name of ["b", "c"]) await site.run(site.stack().share(name).apply);
    const ended = await site.run(site.stack().share("d").apply);
    expectRefusal(ended, 4, "NO_FREE_VOLUME");
    expect(ended.stderr).toContain("east:pool-1-1G lets in alice: somebody uses it");
  });

  test.each([
    ["that was not set", undefined],
    ["that had a value", "off"],
  ])("gets back an option of features %s", async (_, value) => {
    if (value !== undefined) await site.gluster(`volume set pool-1-1G features.shard ${value}`);
    const volume = site.volume("pool-1-1G");
    const share = site.stack().share("a", { volume_options: "features.shard=on" });
    await site.succeed(share.apply);
    expect(site.options("pool-1-1G")["features.shard"]).toBe("on");
    await site.succeed(share.destroy);
    expect(site.options("pool-1-1G")["features.shard"]).toBe(value);
    expect(optionsBesides(site.volume("pool-1-1G"), quotaTraces)).toEqual(optionsBesides(volume, quotaTraces));
  });
});

test("of a made volume no brick is deleted when one is not ours", async () => {
  const share = site.stack().share("a", { provisioning: replicated });
  await site.succeed(share.apply);
  writeFileSync(join(site.data("a"), "data"), "");
  // As after `volume replace-brick`.
  site.change(({ volumes }) => {
    const last = volumes.find(({ name }) => name === "a")?.bricks.at(-1);
    if (last) last.path = "/bricks/replaced";
  });
  const bricks = site.volume("a").bricks.map(({ host, path }) => site.brick(`${host}:${path}`));
  mkdirSync(bricks[2] ?? "");
  writeFileSync(join(bricks[2] ?? "", "foreign"), "");
  const ended = await site.run(share.destroy);
  expectRefusal(ended, 3, "FOREIGN_BRICK");
  expect(ended.stderr).toContain("gluster1-3:/bricks/replaced");
  expect(bricks.map((brick) => existsSync(brick))).toEqual([true, true, true]);
  expect(site.entries("a")).toEqual(["data"]);
});

describe("one who adopts a volume and one who picks it at that moment", () => {
  const adopting = () => site.stack({ owner: "adopter" }).share("pool-1-1G", { adopt: "true", allow_restart: "true" }).apply;
  const picking = () => site.stack().share("b").apply;

  test.each([
    ["picker", picking, adopting, { "pool-1-1G": "b", "pool-2-1G": "pool-1-1G" }],
    ["adopter", adopting, picking, { "pool-1-1G": "pool-1-1G", "pool-2-1G": "b" }],
  ] as const)(
    "wait for each other: it is the %s's who came first, and the other one's is another",
    async (_, first, second, owners) => {
      let other: ReturnType<GlusterSite["run"]> | undefined;
      const around = rightBefore(
        (text) => text.includes("volume set pool-1-1G ") && text.includes("user.sharewright.share"),
        // Goes on when the other one waits, or has not waited.
        () =>
          new Promise<void>((goOn) => {
            other = site.run(second(), { onSay: (text) => text.includes("-pick.lock") && goOn() });
            void other.finally(goOn);
          }),
      );
      expect(await site.run(first(), { around })).toMatchObject({ exitCode: 0, stderr: "" });
      expect(await other).toMatchObject({ exitCode: 0, stderr: "" });
      expect(Object.fromEntries(["pool-1-1G", "pool-2-1G"].map((name) => [name, markOf(site, name)["key"]]))).toEqual(owners);
    },
  );
});

test("a retained share is taken over without a restart: whoever has it mounted keeps it", async () => {
  const share = site.stack().share("a", { removal_policy: "retain" });
  await site.succeed(share.apply);
  await site.succeed(share.destroy);
  await site.mountAs("manila-host-1", "gluster1-1:/pool-1-1G", "--keep", "backup");
  const { around, changing } = recorded();
  const adopted = site.stack({ owner: "other" }).share("a", { adopt: "true" });
  expect(await site.run(adopted.apply, { around })).toMatchObject({ exitCode: 0, stderr: "" });
  expect(markOf(site, "pool-1-1G")).toMatchObject({ state: "ready", claim: "other-a" });
  expect(changing().filter((text) => / volume (stop|start) /.test(text))).toEqual([]);
  expect(site.state().mounts.map(({ id }) => id)).toEqual(["backup"]);
});
