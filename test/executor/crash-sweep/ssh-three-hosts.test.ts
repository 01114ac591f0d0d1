import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { describeWithSshd } from "../../sshd/describe";
import { userOf } from "../../sshd/rig";
import { startSite, type TestSite } from "../support";
import type { Disturbance } from "./disturb";
import { sshSaboteur } from "./over-ssh";
import { type SpiedHosts, startSpiedHosts } from "./spied-hosts";
import { type Scenario, sweep } from "./sweep";

describeWithSshd("crash sweep over SSH: client, MDS and MGS behind a bastion, by a user with sudo", "sshd and users", () => {
  let site: TestSite;
  let spied: SpiedHosts;
  beforeAll(async () => {
    site = await startSite({ resident: true });
    spied = await startSpiedHosts(site, { user: userOf("sh").name, sudo: ["sudo", "-n"], jump: true });
  });
  afterAll(async () => {
    await spied?.stop();
    site?.remove();
  });

  const cases: Record<string, () => Promise<Scenario>> = {
    "a share that is then removed from the code leaves nothing": async () => {
      const stack = site.stack(spied.fileSystem);
      await site.succeed(site.stack().share("neighbour").apply);
      const share = stack.share("a", { removal_policy: "destroy" });
      return { hook: share.apply, next: share.destroy };
    },
    "destroy, with data in it and a client let in": async () => {
      const here = site.stack();
      await site.succeed(here.share("a", { removal_policy: "destroy" }).apply);
      await site.succeed(here.rule("a", "cpu", { clients: "10.1.0.1" }).apply);
      mkdirSync(join(site.mount, "shares/a/deep"));
      for (const name of ["one", "deep/two"]) writeFileSync(join(site.mount, "shares/a", name), name);
      return { hook: site.stack(spied.fileSystem).share("a").destroy };
    },
  };

  const by: Disturbance[] = ["reset", "kill", "close", "sessions"];
  // The rounds behind those of two hosts.
  const rounds = Object.entries(cases).map(([name, prepare], index) => [name, { prepare, round: 6 + index }] as const);
  test.each(rounds)("%s", { timeout: 7_200_000 }, async (name, { prepare, round }) => {
    const swept = await sweep(site, sshSaboteur(site, spied, { sample: { count: 2, round }, by }), prepare);
    console.log(`crash sweep over SSH, three hosts, ${name}: ${JSON.stringify(swept)}`);
    expect(swept.later).toBeGreaterThanOrEqual(2);
  });
});
