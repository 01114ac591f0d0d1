// What an operation costs where the network is slow: how often a host is asked and waited for.
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { applyShare } from "../../src/backends/lustre/share/apply";
import { observeShare } from "../../src/backends/lustre/share/observe";
import type { ShareSpec } from "../../src/spec/lustre";
import { describeWithSshd } from "../sshd/describe";
import { type SshHosts, startHosts } from "../sshd/hosts";
import { type SshSite, sshSite } from "./ssh-site";
import { startSite, type TestSite } from "./support";

const spec = (name: string): ShareSpec => ({
  fileset: `/shares/${name}`,
  size: 10n * 1024n ** 4n,
  owner: { uid: 1000, gid: 1000 },
  mode: 0o770,
  removalPolicy: "retain",
  adopt: false,
});

describeWithSshd("over SSH", "sshd", () => {
  let sandbox: TestSite;
  let hosts: SshHosts;
  beforeAll(async () => {
    sandbox = await startSite({ resident: true });
    hosts = await startHosts({ sandbox: sandbox.dir });
    await sandbox.succeed(sandbox.stack().share("first").apply);
  }, 120_000);
  afterAll(async () => {
    await hosts?.stop();
    sandbox?.remove();
  });

  const wish = (name: string) => ({ key: `shares/${name}`, claim: `stack shares/${name}`, stack: "stack", spec: spec(name) });
  const settings = ["a client that is the MDS", "an MDS of its own"] as const;
  const connect = (setting: (typeof settings)[number]): SshSite => {
    const { client, mds, mgs } = hosts.connections;
    const { fileSystem } = sandbox.stack();
    return sshSite(fileSystem, { client, mds: setting === "an MDS of its own" ? mds : client, mgs }, sandbox.environment);
  };
  /** Round trips of some work on new connections, by host: until it is done, and with those of letting go of the locks it has taken. */
  async function counted(setting: (typeof settings)[number], work: (site: SshSite) => Promise<unknown>) {
    const over = connect(setting);
    try {
      await work(over);
      const during = over.roundTrips();
      await over.close();
      const after = over.roundTrips();
      const locks = (of: string) =>
        over.commands.filter(({ role, command }) => role === of && command.argv[0] === "flock").length;
      return Object.keys(during).map((role) => ({ role, during: during[role], after: after[role], locks: locks(role) }));
    } finally {
      await over.close();
    }
  }

  describe.each(settings)("with %s", { timeout: 120_000 }, (setting) => {
    const roles = setting === "an MDS of its own" ? ["client", "mds", "mgs"] : ["client", "mgs"];

    test("observing a share takes one round trip a host, and none to the MGS", async () => {
      const trips = await counted(setting, ({ site }) => observeShare(site, "shares/first", spec("first")));
      expect(trips.map(({ role, after }) => [role, after])).toEqual(roles.map((role) => [role, role === "mgs" ? 0 : 1]));
    });

    test("an apply without a change looks along with the client's lock, and waits for nothing else", async () => {
      const trips = await counted(setting, async ({ site }) => {
        expect((await applyShare(site, wish("first"))).done).toEqual([]);
      });
      expect(trips.find(({ role }) => role === "client")).toEqual({ role: "client", during: 1, after: 2, locks: 1 });
      for (const { role, after = 0, locks } of trips) expect(after, role).toBeLessThanOrEqual(1 + 2 * locks);
      expect(trips.at(-1)).toMatchObject({ role: "mgs", after: 0 });
    });

    test("creating one takes at most three a host, beyond a lock and its release", async () => {
      const name = setting === "an MDS of its own" ? "own" : "shared";
      const trips = await counted(setting, async ({ site }) => {
        expect((await applyShare(site, wish(name))).done.length).toBeGreaterThan(3);
      });
      expect(trips.map(({ role }) => role)).toEqual(roles);
      for (const { role, during = 0, after = 0, locks } of trips) {
        expect(locks, role).toBeLessThanOrEqual(1);
        expect(during, role).toBeLessThanOrEqual(3 + locks);
        expect(after, role).toBeLessThanOrEqual(during + locks);
      }
      expect(sandbox.records("shares")).toHaveProperty([`shares:${name}.json`, "state"], "ready");
    });
  });
});
