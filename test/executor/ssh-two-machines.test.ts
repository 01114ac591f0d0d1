// Two executors on different machines, which share nothing but the hosts: each has servers, host keys, a key, a known_hosts file, a
// home and a temporary directory of its own.
import { mkdirSync } from "node:fs";
import { hostname } from "node:os";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from "vitest";
import { describeWithSshd } from "../sshd/describe";
import { roles } from "../sshd/hosts";
import { until } from "../sshd/processes";
import { inspector } from "./crash-sweep/invariants";
import { type Running, type SpiedHosts, startExecutor, startSpiedHosts } from "./crash-sweep/spied-hosts";
import { type Spy, spyOn } from "./crash-sweep/spy";
import { type Ended, exportOf, type Hook, startSite, type TestSite, type TestStack } from "./support";

const timeout = 300_000;

interface Machine {
  client: Spy;
  mgs: Spy;
  mds: Spy;
  stack(owner?: string): TestStack;
  start(hook: Hook): Running;
}

function machineOf(site: TestSite, name: string, { spies, fileSystem }: Pick<SpiedHosts, "spies" | "fileSystem">): Machine {
  const home = join(site.dir, "..", name);
  for (const path of [home, join(home, "tmp")]) mkdirSync(path, { recursive: true });
  return {
    ...spies,
    stack: (owner = "stack") => site.stack({ ...fileSystem, owner }),
    start: (hook) => startExecutor(site, hook, { HOME: home, TMPDIR: join(home, "tmp") }),
  };
}

/** The one on which the hosts' roles are: no connection at all. */
function localMachine(site: TestSite): Machine {
  const spy = spyOn(join(site.dir, "bin"), join(site.dir, "..", "spies", "local"));
  const here = { type: "local" as const, path: [spy.bin] };
  return machineOf(site, "local", { spies: { client: spy, mgs: spy, mds: spy }, fileSystem: { client: here, mgs: here } });
}

async function expectWaiting(waiting: Running, holder: Running, owner = "stack"): Promise<void> {
  await until(() => waiting.said().includes("waiting for the lock") || waiting.isOver(), "an executor that waits");
  expect(waiting.said()).toContain(`held by "${owner}" on ${hostname()} (process ${holder.pid}) since `);
  expect(waiting.isOver()).toBe(false);
}

function expectDone(...all: Ended[]): void {
  for (const { exitCode, stderr } of all) expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: "" });
}

describeWithSshd("two executors on different machines at once", "sshd", () => {
  let site: TestSite;
  let hosts: SpiedHosts[] = [];
  let one: Machine;
  let two: Machine;
  let local: Machine;
  let stops: (() => void)[] = [];
  let broken: string[] = [];
  beforeAll(async () => {
    site = await startSite({ resident: true });
    hosts = [await startSpiedHosts(site, { two: true }), await startSpiedHosts(site, { two: true })];
    [one, two] = hosts.map((spied, index) => machineOf(site, `machine${index}`, spied)) as [Machine, Machine];
    local = localMachine(site);
  });
  afterAll(async () => {
    await Promise.all(hosts.map((spied) => spied.stop()));
    site?.remove();
  });
  const spies = () => [...new Set([one, two, local].flatMap((machine) => [machine.client, machine.mgs, machine.mds]))];
  beforeEach(async () => {
    expect((await site.sandbox("reset")).exitCode).toBe(0);
    const watch = inspector(site);
    broken = watch.broken;
    for (const spy of spies()) spy.forget();
    stops = spies().map((spy) => spy.afterEachChange(watch.look));
  });
  afterEach(async () => {
    for (const spy of spies()) spy.letGo();
    for (const {
      hosts: { sshd },
    } of hosts)
      await until(() => roles.every((role) => sshd[role].commands().length === 0), "the end of all commands");
    for (const stop of stops) stop();
    expect(broken).toEqual([]);
  });

  test("the same share: one waits, says for whom, and finds everything done", { timeout }, async () => {
    one.client.holdUp({ text: "lfs project -p" });
    const first = one.start(one.stack().share("a").apply);
    await one.client.held(first.ended);
    const second = two.start(two.stack().share("a").apply);
    await expectWaiting(second, first);
    one.client.letGo();
    const [done, found] = await Promise.all([first.ended, second.ended]);
    expectDone(done, found);
    expect(found.stdout).toContain("shares/a: nothing to do");
    expect(Object.keys(site.records("shares"))).toEqual(["shares:a.json"]);
  });

  test("the same share, of two stacks: the one that waited is refused", { timeout }, async () => {
    one.client.holdUp({ text: "lfs setquota" });
    const first = one.start(one.stack("one").share("a").apply);
    await one.client.held(first.ended);
    const second = two.start(two.stack("two").share("a").apply);
    await expectWaiting(second, first, "one");
    one.client.letGo();
    expectDone(await first.ended);
    expect(await second.ended).toMatchObject({ exitCode: 4, stderr: expect.stringContaining('"one"') });
  });

  test("different shares: ids of their own, each with its own limit", { timeout }, async () => {
    const jobs = [one, two].flatMap((machine, at) =>
      [0, 1, 2].map((index) => ({ machine, name: `m${at}-${index}`, gib: 1 + at * 3 + index })),
    );
    const runs = jobs.map(({ machine, name, gib }) => machine.start(machine.stack().share(name, { size: `${gib} GiB` }).apply));
    expectDone(...(await Promise.all(runs.map(({ ended }) => ended))));
    const records = site.records("shares");
    const idOf = (name: string) => Number(records[`shares:${name}.json`]?.["projectId"]);
    expect(new Set(jobs.map(({ name }) => idOf(name))).size).toBe(jobs.length);
    const limits = jobs.map(({ name }) => site.state().quotas[idOf(name)]?.blockHard);
    expect(limits).toEqual(jobs.map(({ gib }) => gib * 1024 * 1024));
  });

  test("rules of two stacks on one MGS end in the compiled truth", { timeout }, async () => {
    for (const name of ["a", "b"]) await site.succeed(site.stack().share(name).apply);
    const hooks: [Machine, Hook][] = [
      [one, one.stack("one").rule("a", "net", { clients: "10.1.0.0/28" }).apply],
      [one, one.stack("one").rule("b", "some", { clients: "10.1.0.4/30" }).apply],
      [two, two.stack("two").rule("a", "far", { clients: "10.1.1.0/30" }).apply],
      [two, two.stack("two").rule("b", "more", { clients: "10.1.0.8/29" }).apply],
    ];
    expectDone(...(await Promise.all(hooks.map(([machine, hook]) => machine.start(hook).ended))));
    const reached = async (client: string) => {
      const views = await Promise.all(["a", "b"].map((name) => site.mountAs(`${client}@tcp`, exportOf(`/shares/${name}`))));
      return views.map(({ exit }) => exit === 0);
    };
    const clients = { "10.1.0.1": [true, false], "10.1.0.5": [true, true], "10.1.0.9": [true, true], "10.1.1.1": [true, false] };
    for (const [client, expected] of Object.entries({ ...clients, "10.1.1.4": [false, false] }))
      expect({ client, reached: await reached(client) }).toEqual({ client, reached: expected });
  });

  test("an executor on the client itself waits for one that comes over SSH", { timeout }, async () => {
    one.client.holdUp({ text: "lfs setquota" });
    const remote = one.start(one.stack().share("a").apply);
    await one.client.held(remote.ended);
    const here = local.start(local.stack().share("a").apply);
    await expectWaiting(here, remote);
    one.client.letGo();
    expectDone(await remote.ended, await here.ended);
  });

  test("one that comes over SSH waits for an executor on the client itself, and on the MGS itself", { timeout }, async () => {
    local.client.holdUp({ text: "lfs setquota" });
    const here = local.start(local.stack().share("a").apply);
    await local.client.held(here.ended);
    const remote = one.start(one.stack().share("a").apply);
    await expectWaiting(remote, here);
    local.client.letGo();
    expectDone(await remote.ended, await here.ended);
    local.client.forget();
    local.client.holdUp({ text: "lctl nodemap_add " });
    const granting = local.start(local.stack().rule("a", "x", { clients: "10.1.0.1" }).apply);
    await local.client.held(granting.ended);
    const other = two.start(two.stack().rule("a", "y", { clients: "10.1.0.2" }).apply);
    await expectWaiting(other, granting);
    local.client.letGo();
    expectDone(await other.ended, await granting.ended);
  });
});
