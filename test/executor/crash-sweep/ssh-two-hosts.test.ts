import { afterAll, beforeAll, expect, test } from "vitest";
import { describeWithSshd } from "../../sshd/describe";
import { startSite, type TestSite } from "../support";
import type { Disturbance } from "./disturb";
import { sshSaboteur } from "./over-ssh";
import { type SpiedHosts, startSpiedHosts } from "./spied-hosts";
import { type Scenario, sweep, wantsAll } from "./sweep";
import { sweepBytes } from "./sweep-bytes";

describeWithSshd("crash sweep over SSH: client and MDS on one host, the MGS on another", "sshd", () => {
  let site: TestSite;
  let spied: SpiedHosts;
  beforeAll(async () => {
    site = await startSite({ resident: true });
    spied = await startSpiedHosts(site, { two: true });
  });
  afterAll(async () => {
    await spied?.stop();
    site?.remove();
  });

  /** Made on the machine itself, which is quicker. */
  async function shares(...names: string[]) {
    const here = site.stack();
    for (const name of names) await site.succeed(here.share(name, { removal_policy: "trash" }).apply);
    return { here, stack: site.stack(spied.fileSystem) };
  }

  const cases: Record<string, { prepare: () => Promise<Scenario>; by: Disturbance[] }> = {
    "the first share of a file system": {
      by: ["close", "kill", "reset", "shell"],
      prepare: async () => ({ hook: site.stack(spied.fileSystem).share("a", { inodes: "100000", layout: "-c 4" }).apply }),
    },
    "shrink, owner and mode": {
      by: ["kill", "reset", "sessions", "close"],
      prepare: async () => {
        const { stack } = await shares("a");
        return { hook: stack.share("a", { size: "512 MiB", owner: "2000:2000", mode: "0750", removal_policy: "trash" }).apply };
      },
    },
    "destroy to the trash, with a client let in": {
      by: ["reset", "kill", "close", "one"],
      prepare: async () => {
        const { here, stack } = await shares("a");
        await site.succeed(here.rule("a", "cpu", { clients: "10.1.0.1" }).apply);
        return { hook: stack.share("a").destroy };
      },
    },
    "the first grant": {
      by: ["kill", "close", "one", "reset"],
      prepare: async () => {
        const { stack } = await shares("a");
        return { hook: stack.rule("a", "cpu", { clients: "10.1.0.0/24" }).apply };
      },
    },
    "a grant that splits another's clients": {
      by: ["close", "kill", "shell", "reset"],
      prepare: async () => {
        const { here, stack } = await shares("a", "b");
        await site.succeed(here.rule("a", "cpu", { clients: "10.1.0.0/24" }).apply);
        return { hook: stack.rule("b", "one", { clients: "10.1.0.5, 10.1.1.0/28" }).apply };
      },
    },
    revoke: {
      by: ["reset", "kill", "sessions", "close"],
      prepare: async () => {
        const { here, stack } = await shares("a");
        const clients = { clients: "10.1.0.0/28" };
        await site.succeed(here.rule("a", "cpu", clients).apply);
        return { hook: stack.rule("a", "cpu", clients).destroy };
      },
    },
  };

  const rounds = Object.entries(cases).map(([name, scenario], round) => [name, { ...scenario, round }] as const);
  test.each(rounds)("%s", { timeout: 7_200_000 }, async (name, { prepare, by, round }) => {
    const swept = await sweep(site, sshSaboteur(site, spied, { sample: { count: 2, round }, by }), prepare);
    console.log(`crash sweep over SSH, ${name}: ${JSON.stringify(swept)}`);
    expect(swept.later).toBeGreaterThanOrEqual(2);
  });

  test("a create, cut off at any byte", { timeout: 1_200_000 }, async () => {
    const prepare = async () => ({ hook: (await shares("neighbour")).stack.share("a", { layout: "-c 2" }).apply });
    const points = wantsAll ? { toServer: 60, toClient: 60 } : { toServer: 6, toClient: 5 };
    const swept = await sweepBytes(site, spied, prepare, points);
    console.log(`crash sweep over SSH, bytes of a create: ${JSON.stringify(swept)}`);
    expect(swept.failed).toBeGreaterThan(swept.cut / 2);
  });
});
