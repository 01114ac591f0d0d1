// Shares of one name in the trash of two clusters, and the commands that mean one of them.
import { writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { glusterStackDocument } from "../../fronts/gluster-support";
import { runCli, stackFolder } from "../../fronts/support";
import { expectRefusal } from "./expect";
import { homesOf } from "./mishaps";
import { type GlusterSite, startGlusterSite } from "./site";
import { clusterNames } from "./stack";

let site: GlusterSite;
beforeAll(async () => {
  site = await startGlusterSite({ clusters: 2 });
});
afterAll(() => site.remove());
beforeEach(async () => {
  await site.reset();
  for (const cluster of [1, 2]) {
    // Clusters are gone through by the ids of their servers: east first.
    site.change(({ servers }) => {
      for (const server of servers) server.uuid = `${cluster}${server.uuid.slice(1)}`;
    }, cluster);
    const share = site.stack({ clusters: [cluster] }).share("x", { claim: `claim-${cluster}`, removal_policy: "trash" });
    await site.succeed(share.apply);
    writeFileSync(join(site.data("pool-1-1G", cluster), `of-${cluster}`), "");
    await site.succeed(share.destroy);
  }
});

/** Within the test, beside a stack with both clusters. */
function sharewright(...args: string[]) {
  const stack = site.stack({ clusters: [1, 2] });
  const { directory, terraform } = stackFolder(dirname(site.dir));
  writeFileSync(join(directory, "cdk.tf.json"), JSON.stringify(glusterStackDocument(stack.clusters, [])));
  writeFileSync(join(directory, "state.json"), "");
  const run = () => runCli([...args, "--stack", directory], { TERRAFORM_BINARY_NAME: terraform }, directory);
  return site.operate(stack, async () => ({ ...(await run()), signal: null }));
}

const entries = () => [1, 2].map((cluster) => site.entries("pool-1-1G", cluster));

describe.each([
  [1, 2],
  [2, 1],
] as const)("what has been in the trash of cluster %i for years, and of cluster %i for seconds", (old, young) => {
  beforeEach(() =>
    site.change(({ volumes }) => {
      const options = volumes.find(({ name }) => name === "pool-1-1G")?.options ?? [];
      for (const option of options) option[1] = option[1].replace(/since=\d+/, "since=2001");
    }, old),
  );

  test("is deleted by its age: the younger one of the same name stays as it is", async () => {
    const before = site.volume("pool-1-1G", young);
    expect(await sharewright("trash", "purge", "--older-than", "30")).toMatchObject({ exitCode: 0, stderr: "" });
    expect(homesOf(site, "x")).toEqual([`${young}:pool-1-1G trash`]);
    expect(site.volume("pool-1-1G", young)).toEqual(before);
    expect(entries().flat()).toEqual([`of-${young}`]);
  });

  test("goes with the younger one where both are old enough", async () => {
    expect(await sharewright("trash", "purge", "--older-than", "0")).toMatchObject({ exitCode: 0, stderr: "" });
    expect(homesOf(site, "x")).toEqual([]);
    expect(entries()).toEqual([[], []]);
  });
});

describe.each([
  ["purge", "deleted"],
  ["restore", "retained"],
] as const)("trash %s of a name that two have", (command, outcome) => {
  test("is refused, names both, and changes nothing", async () => {
    const before = site.state();
    const ended = await sharewright("trash", command, "x");
    expectRefusal(ended, 2, "BAD_REQUEST");
    for (const name of [...clusterNames.slice(0, 2), "pool-1-1G"]) expect(ended.stderr).toContain(name);
    expect(site.state()).toEqual(before);
    expect(entries()).toEqual([["of-1"], ["of-2"]]);
  });

  test.each([
    [1, 2],
    [2, 1],
  ] as const)("means the one of cluster %i where that is named, and not that of cluster %i", async (meant, other) => {
    const before = site.volume("pool-1-1G", other);
    const ended = await sharewright("trash", command, "x", "--cluster", clusterNames[meant - 1] ?? "");
    expect(ended).toMatchObject({ exitCode: 0, stderr: "" });
    const homes = [`${other}:pool-1-1G trash`, ...(outcome === "deleted" ? [] : [`${meant}:pool-1-1G ${outcome}`])];
    expect(homesOf(site, "x")).toEqual(homes.sort());
    expect(site.volume("pool-1-1G", other)).toEqual(before);
    expect(site.entries("pool-1-1G", meant)).toEqual(outcome === "deleted" ? [] : [`of-${meant}`]);
  });
});
