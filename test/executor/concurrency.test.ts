// Many executors at once, as `terraform apply -parallelism=N` starts them.
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Nodemap } from "../../src/sandbox/state";
import { exportOf, isCompiled, startSite, type TestSite } from "./support";

const many = 32;
const timeout = 600_000;
const indices = Array.from({ length: many }, (_, index) => index);

describe("32 executors at once", { timeout }, () => {
  let site: TestSite;
  beforeAll(async () => {
    site = await startSite();
  });
  afterAll(() => site.remove());

  test("creates get ids of their own and their own limits, X-L01 X-L02", async () => {
    const stack = site.stack();
    await Promise.all(indices.map((index) => site.succeed(stack.share(`s${index}`, { size: `${index + 1} GiB` }).apply)));
    const shares = site.state();
    const paths = indices.map((index) => `${site.mount}/shares/s${index}`);
    const listed = (await site.admin("lfs", "project", "-d", ...paths)).trim().split("\n");
    const ids = listed.map((line) => Number(/^\s*(\d+) P /.exec(line)?.[1]));
    expect(new Set(ids).size).toBe(many);
    expect(ids.map((id) => shares.quotas[id]?.blockHard)).toEqual(indices.map((index) => (index + 1) * 1024 * 1024));
    expect(Object.values(shares.quotas).filter((quota) => quota.blockHard > 0)).toHaveLength(many);
  });

  test("access rules end in the compiled truth: every client has exactly its shares", async () => {
    const stack = site.stack();
    // Each client network overlaps its neighbour's half: groups split and merge while all hooks run.
    const rule = (index: number) => stack.rule(`s${index}`, "r", { clients: clientsOf(index) });
    await Promise.all(indices.map((index) => site.succeed(rule(index).apply)));
    expectGrants(site, (address) => indices.filter((index) => covers(index, address)));
  });

  test("access changes at once, some rules removed and their neighbours made read-only, end in the compiled truth", async () => {
    const stack = site.stack();
    const gone = indices.filter((index) => index % 4 === 1);
    const readOnly = indices.filter((index) => index % 4 === 0);
    const left = indices.filter((index) => !gone.includes(index));
    // As Terraform tells it: without them, whether a neighbour is on its way out would be a matter of who is first.
    const keys = left.map((index) => `shares/s${index}#r`);
    const closed = (index: number) => stack.rule(`s${index}`, "r", { clients: clientsOf(index), level: "ro", keys });
    await Promise.all([
      ...gone.map((index) => site.succeed(stack.rule(`s${index}`, "r", { clients: "-" }).destroy)),
      ...readOnly.map((index) => site.succeed(closed(index).apply)),
    ]);
    expectGrants(site, (address) => left.filter((index) => covers(index, address)));
    const levels = readOnly.map((index) => nodemapAt(site.state().nodemaps, index * 4)?.properties["readonly_mount"]);
    expect(new Set(levels)).toEqual(new Set(["1"]));
    expect(Object.keys(site.records("rules"))).toHaveLength(left.length);
  });
});

function clientsOf(index: number): string {
  return `10.1.0.${index * 4}/${index % 2 === 0 ? 29 : 30}`;
}

// Even rules have eight addresses from 4 * index on, odd ones four: each odd one shares all of its own with its neighbour.
function covers(index: number, address: number): boolean {
  const from = index * 4;
  return address >= from && address < from + (index % 2 === 0 ? 8 : 4);
}

function expectGrants(site: TestSite, sharesOf: (address: number) => number[]): void {
  const { nodemaps } = site.state();
  for (let address = 0; address <= 132; address += 1) {
    const paths =
      nodemapAt(nodemaps, address)
        ?.filesets.map(({ path }) => path)
        .sort() ?? [];
    expect({ address, paths }).toEqual({
      address,
      paths: sharesOf(address)
        .map((index) => `/shares/s${index}`)
        .sort(),
    });
  }
}

function nodemapAt(nodemaps: readonly Nodemap[], address: number): Nodemap | undefined {
  const last = (text: string) => Number(text.split(".").at(-1));
  return nodemaps.find(
    (nodemap) => isCompiled(nodemap) && nodemap.ranges.some(({ start, end }) => last(start) <= address && address <= last(end)),
  );
}

describe("two stacks and two prefixes on one file system", { timeout }, () => {
  let site: TestSite;
  beforeAll(async () => {
    site = await startSite();
    site.watch();
  });
  afterAll(() => site.remove());

  test("creates at once never share a project id, and each client sees its own share only", async () => {
    const stacks = [
      site.stack({ owner: "one", pathPrefix: "shares" }),
      site.stack({ owner: "two", pathPrefix: "shares" }),
      site.stack({ owner: "one", pathPrefix: "projects/deep" }),
    ];
    const jobs = stacks.flatMap((stack, at) =>
      [0, 1].map((index) => ({ stack, name: `${stack.fileSystem.owner}-${index}`, client: `10.2.${at}.${index}` })),
    );
    await Promise.all(
      jobs.map(async ({ stack, name, client }) => {
        await site.succeed(stack.share(name).apply);
        await site.succeed(stack.rule(name, "r", { clients: client }).apply);
      }),
    );
    const ids = Object.values(site.records("shares")).map((record) => record["projectId"]);
    expect(new Set(ids).size).toBe(jobs.length);
    for (const { stack, name, client } of jobs) {
      const path = `/${stack.fileSystem.pathPrefix}/${name}`;
      expect(await site.mountAs(`${client}@tcp`, exportOf(path))).toMatchObject({ exit: 0, root: path });
    }
    expect((await site.mountAs("10.2.0.0@tcp", exportOf("/shares/two-0"))).exit).toBe(13);
    expect((await site.mountAs("10.2.0.0@tcp", exportOf("/projects/deep/one-0"))).exit).toBe(13);
    expect(site.violations()).toEqual([]);
  });

  test("one stack's removals leave the other's shares and access as they were", async () => {
    const one = site.stack({ owner: "one" });
    const two = site.stack({ owner: "two" });
    await Promise.all(
      [0, 1].map(async (index) => {
        await site.succeed(one.rule(`one-${index}`, "r", { clients: "-" }).destroy);
        await site.succeed(one.share(`one-${index}`).destroy);
      }),
    );
    for (const index of [0, 1]) {
      expect((await site.mountAs(`10.2.0.${index}@tcp`, exportOf(`/shares/one-${index}`))).exit).not.toBe(0);
      expect((await site.mountAs(`10.2.1.${index}@tcp`, exportOf(`/shares/two-${index}`))).exit).toBe(0);
      expect((await site.mountAs(`10.2.2.${index}@tcp`, exportOf(`/projects/deep/one-${index}`))).exit).toBe(0);
    }
    const other = await site.run(two.share("one-0", { claim: "two's" }).apply);
    expect(other.exitCode).toBe(3);
    expect(other.stderr).toContain('the share was kept by "one"');
    expect(site.violations()).toEqual([]);
  });
});
