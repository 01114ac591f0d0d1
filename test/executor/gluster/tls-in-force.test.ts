// TLS that the options tell of and the bricks do not speak: names are nothing to bricks that were started without it.
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import type { Ended } from "../support";
import { expectRefusal, infrastructure } from "./expect";
import { cutOffAt, markOf } from "./mishaps";
import { type GlusterSite, startGlusterSite } from "./site";

let site: GlusterSite;
beforeAll(async () => {
  site = await startGlusterSite();
});
afterAll(() => site.remove());
beforeEach(() => site.reset());

const volume = "pool-1-1G";
const exported = `gluster1-1:/${volume}`;
const allowed = () => site.options(volume)["auth.ssl-allow"];

async function turnTlsOff(): Promise<void> {
  for (const line of [`set ${volume} client.ssl off server.ssl off`, `stop ${volume}`, `start ${volume}`])
    await site.gluster(`volume ${line}`);
}

const isStop = (text: string) => text.includes("volume stop");

describe("a share that is retained after a run that was to bring TLS was cut off", () => {
  const retained = { removal_policy: "retain", allow_restart: "true" } as const;

  test.each<[string, () => Promise<ReturnType<ReturnType<GlusterSite["stack"]>["share"]>>]>([
    [
      "which somebody had turned off",
      async () => {
        const share = site.stack().share("a", retained);
        await site.succeed(share.apply);
        await turnTlsOff();
        return share;
      },
    ],
    [
      "which an adopted volume had never had",
      async () => site.stack({ spec: { volumePattern: "none" } }).share(volume, { ...retained, adopt: "true" }),
    ],
  ])("%s, is served with TLS, and a stranger's mount is gone", async (_, prepare) => {
    const share = await prepare();
    expect(await site.mountAs("stranger", exported, "--keep", "stranger")).toMatchObject({ exit: 0 });
    expectRefusal(await site.run(share.apply, { around: cutOffAt(isStop) }), 5, "COMMAND_LOST");
    expect(site.volume(volume).servesTls).toBe(false);
    await site.succeed(share.destroy);
    expect(markOf(site, volume)).toMatchObject({ state: "retained" });
    expect(site.volume(volume)).toMatchObject({ status: "Started", servesTls: true });
    expect(site.state().mounts).toEqual([]);
    expect((await site.mountAs("stranger", exported)).exit).not.toBe(0);
  });
});

describe.each([
  ["at the stop", () => isStop],
  [
    "after it was noted",
    () => {
      let isNoted = false;
      return (text: string) => {
        const isAfter = isNoted;
        isNoted ||= text.includes("state=leaving");
        return isAfter;
      };
    },
  ],
])("a share without TLS whose removal was cut off %s", (_, cut) => {
  async function prepare() {
    const share = site.stack().share("a");
    await site.succeed(share.apply);
    await turnTlsOff();
    expectRefusal(await site.run(share.destroy, { around: cutOffAt(cut()) }), 5, "COMMAND_LOST");
  }

  /** Either TLS is served, or it is said that only a restart brings it. */
  const isHonest = ({ exitCode, stderr }: Ended) =>
    exitCode === 0 ? site.volume(volume).servesTls : exitCode === 3 && stderr.startsWith("error RESTART_NEEDED ");

  test("is not said to be ready while its bricks serve without it", async () => {
    await prepare();
    const { apply } = site.stack().share("a");
    for (const _ of ["first", "again"]) expect(await site.run(apply)).toSatisfy(isHonest);
  });

  test("is ready and served with it where a restart is allowed", async () => {
    await prepare();
    const { apply } = site.stack().share("a", { allow_restart: "true" });
    await site.succeed(apply);
    expect(markOf(site, volume)).toMatchObject({ state: "ready" });
    expect(site.volume(volume)).toMatchObject({ status: "Started", servesTls: true });
    expect(await site.succeed(apply)).toContain("nothing to do");
  });
});

test("a rule of a share without TLS is neither made nor taken back before a restart has put it in force again", async () => {
  const stack = site.stack();
  await site.succeed(stack.share("a").apply);
  const rule = stack.rule("a", "cpu", { common_name: "tenant" });
  await site.succeed(rule.apply);
  await turnTlsOff();
  for (const hook of [rule.destroy, rule.destroy, rule.apply, stack.rule("a", "gpu", { common_name: "other" }).apply]) {
    expectRefusal(await site.run(hook), 3, "RESTART_NEEDED");
    expect(allowed()).toBe(`${infrastructure},tenant`);
  }
  await site.succeed(stack.share("a", { allow_restart: "true" }).apply);
  await site.succeed(rule.apply);
  expect(await site.mountAs("tenant", exported)).toMatchObject({ exit: 0 });
  expect((await site.mountAs("stranger", exported)).exit).not.toBe(0);
  await site.succeed(rule.destroy);
  expect((await site.mountAs("tenant", exported)).exit).not.toBe(0);
});
