// What a run does on another host than the one where its lock was taken: its executor dies, others go on, and only then the command
// ends, which must undo nothing of theirs.
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { describeWithSshd } from "../sshd/describe";
import { roles } from "../sshd/hosts";
import { until } from "../sshd/processes";
import { type SpiedHosts, startExecutor, startSpiedHosts } from "./crash-sweep/spied-hosts";
import type { Spy } from "./crash-sweep/spy";
import { exportOf, type Hook, isCompiled, startSite, type TestSite } from "./support";

const timeout = 300_000;

describeWithSshd("a command that outlives its run on another host than the lock", "sshd", () => {
  let site: TestSite;
  let spied: SpiedHosts;
  beforeAll(async () => {
    site = await startSite({ resident: true });
    spied = await startSpiedHosts(site);
  });
  afterAll(async () => {
    await spied?.stop();
    site?.remove();
  });
  beforeEach(async () => {
    for (const role of roles) spied.spies[role].letGo();
    await idle();
    expect((await site.sandbox("reset")).exitCode).toBe(0);
    for (const role of roles) spied.spies[role].forget();
  });

  const stack = () => site.stack(spied.fileSystem);
  const idle = () =>
    until(() => roles.every((role) => spied.hosts.sshd[role].commands().length === 0), "the end of all commands");
  /** Kills the executor of a hook while a command goes on. */
  const killIn = async (spy: Spy, text: string, hook: Hook): Promise<void> => {
    spy.holdUp({ text });
    const run = startExecutor(site, hook);
    expect(await spy.held(run.ended)).toMatchObject({ what: "held" });
    run.kill();
    await run.ended;
    await until(() => roles.every((role) => spied.hosts.sshd[role].connections().length === 0), "sshd to notice");
  };
  /** Runs hooks one after the other until one waits or all are done; only then the command that was held up goes on. */
  const runBeside = async (spy: Spy, ...hooks: Hook[]): Promise<void> => {
    for (const hook of hooks) {
      const run = startExecutor(site, hook);
      await until(() => run.isOver() || run.said().includes("waiting for the lock"), "a run that waits or ends");
      if (!run.isOver() || hook === hooks.at(-1)) spy.letGo();
      expect(await run.ended).toMatchObject({ exitCode: 0, stderr: "" });
    }
    await idle();
  };
  const isLetIn = async (client: string, share: string) =>
    (await site.mountAs(`${client}@tcp`, exportOf(`/shares/${share}`))).exit === 0;
  const nodemaps = () => ({
    recorded: Object.keys(site.records("nodemaps")).map((file) => file.replace(".json", "")),
    live: site.state().nodemaps.flatMap((nodemap) => (isCompiled(nodemap) ? [nodemap.name] : [])),
  });

  test("a nodemap record that is written late goes with the next change", { timeout }, async () => {
    for (const name of ["a", "b"]) await site.succeed(site.stack().share(name).apply);
    const rule = stack().rule("a", "x", { clients: "10.1.0.1" });
    await killIn(spied.spies.client, `mv -T -- ${site.mount}/.sharewright/nodemaps/`, rule.apply);
    await runBeside(spied.spies.client, stack().share("a").destroy);
    await site.succeed(stack().rule("b", "y", { clients: "10.1.0.2" }).apply);
    const { recorded, live } = nodemaps();
    expect(recorded).toEqual(live);
    expect({ a: await isLetIn("10.1.0.1", "a"), b: await isLetIn("10.1.0.2", "b") }).toEqual({ a: false, b: true });
  });

  test("a nodemap record that is removed late does not take a nodemap in use from us", { timeout }, async () => {
    await site.succeed(site.stack().share("a").apply);
    const clients = { clients: "10.1.0.1" };
    await site.succeed(site.stack().rule("a", "old", clients).apply);
    const removed = stack().rule("a", "old", clients).destroy;
    await killIn(spied.spies.client, `rm -f -- ${site.mount}/.sharewright/nodemaps/`, removed);
    // The same group of clients under another rule, as when a rule is renamed: its nodemap has the same name.
    const rule = stack().rule("a", "new", clients);
    await runBeside(spied.spies.client, rule.apply);
    expect(await isLetIn("10.1.0.1", "a")).toBe(true);
    await site.succeed(rule.destroy);
    expect({ in: await isLetIn("10.1.0.1", "a"), ...nodemaps() }).toEqual({ in: false, recorded: [], live: [] });
  });

  test("a limit that is set late does not undo a later one", { timeout }, async () => {
    await site.succeed(site.stack().share("a", { size: "1 GiB" }).apply);
    await killIn(spied.spies.mds, "lfs setquota", stack().share("a", { size: "20 GiB" }).apply);
    await runBeside(spied.spies.mds, stack().share("a", { size: "5 GiB" }).apply);
    expect(site.state().quotas["10000"]?.blockHard).toBe(5 * 1024 * 1024);
  });

  test("limits that are cleared late are not those of another share", { timeout }, async () => {
    await site.succeed(site.stack().share("a", { size: "1 GiB", removal_policy: "destroy" }).apply);
    const removed = stack().share("a").destroy;
    await killIn(spied.spies.mds, "lfs setquota", removed);
    await runBeside(spied.spies.mds, removed, stack().share("b", { size: "5 GiB" }).apply);
    const id = Number(site.records("shares")["shares:b.json"]?.["projectId"]);
    expect(site.state().quotas[id]?.blockHard).toBe(5 * 1024 * 1024);
  });
});
