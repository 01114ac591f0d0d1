// The rig itself, with plain commands: what other tests build on does what it says.
import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { localTransport } from "../../src/transports/local";
import { descendants, isAlive, run, send, startBounded, until, whenEnded } from "../sshd/processes";
import { type Clusters, startClusters } from "./clusters";
import { describeWithGluster } from "./describe";
import { certificateDirectory, managerName, serverName } from "./identities";
import { usersOf } from "./leftovers";

const infrastructure = `${serverName},${managerName}`;

describeWithGluster("one server with TLS", () => {
  let rig: Clusters;
  const cluster = () => rig.clusters[0];
  const node = () => cluster().nodes[0];
  const location = (volume: string) => `${node().host}:/${volume}`;

  beforeAll(async () => {
    rig = await startClusters();
    cluster().makePool([
      { name: "pool-1", size: "64m" },
      { name: "pool-2", size: "64m" },
    ]);
    for (const volume of ["pool-1", "pool-2"]) {
      cluster().gluster("volume", "set", volume, "client.ssl", "on", "server.ssl", "on", "server.dynamic-auth", "on");
      cluster().gluster("volume", "stop", volume);
      cluster().gluster("volume", "start", volume);
    }
  });
  afterAll(() => rig?.stop());

  const allow = (volume: string, ...names: string[]) =>
    cluster().gluster("volume", "set", volume, "auth.ssl-allow", [infrastructure, ...names].join(","));

  test("who is named mounts; another name, and the same name of another authority, do not", async () => {
    allow("pool-1", "client-alice");
    const alice = await rig.mountAs("client-alice", location("pool-1"));
    const bob = await rig.mountAs("client-bob", location("pool-1"));
    const mallory = await rig.mountAs(rig.strangers.issue("client-alice"), location("pool-1"));
    expect([alice, bob, mallory].map(({ allowed }) => allowed)).toEqual([true, false, false]);
    expect(alice.write("file", 1)).toBe("");
    expect(bob.write("file", 1)).toBe("not mounted");
    expect(bob.message).toMatch(/authentication failed/i);
    alice.unmount();
    expect(alice.isAlive()).toBe(false);
  });

  test("a name more cuts nobody; a name less cuts that one", async () => {
    allow("pool-1", "client-alice", "client-bob");
    const alice = await rig.mountAs("client-alice", location("pool-1"));
    const bob = await rig.mountAs("client-bob", location("pool-1"));
    allow("pool-1", "client-alice", "client-bob", "client-carol");
    expect([alice.isAlive(), bob.isAlive()]).toEqual([true, true]);
    allow("pool-1", "client-alice", "client-carol");
    await until(() => !bob.isAlive(), "bob to be cut");
    expect(alice.write("after", 1)).toBe("");
    alice.unmount();
  });

  test("a quota whose timeouts are 0 stops who writes", async () => {
    cluster().gluster("volume", "quota", "pool-2", "enable");
    for (const timeout of ["hard-timeout", "soft-timeout"]) cluster().gluster("volume", "quota", "pool-2", timeout, "0");
    cluster().gluster("volume", "quota", "pool-2", "limit-usage", "/", "10MB");
    allow("pool-2", "client-alice");
    const alice = await rig.mountAs("client-alice", location("pool-2"));
    expect(alice.write("small", 5)).toBe("");
    expect(alice.write("large", 20)).toContain("Disk quota exceeded");
    alice.unmount();
  });

  test("the size of a pool volume is real", () => {
    expect(cluster().gluster("volume", "status", "pool-1", "detail")).toMatch(/Total Disk Space +: 64\.0MB/);
  });

  test("glusterd that is killed is down, its bricks live on, and it comes back with what it knew", async () => {
    allow("pool-1", "client-carol");
    const bricks = node().machine.pids("glusterfsd");
    await node().kill();
    expect(node().isUp()).toBe(false);
    expect(node().machine.pids("glusterfsd")).toEqual(bricks);
    await node().start();
    expect(cluster().optionsOf("pool-1")).toMatchObject({ "auth.ssl-allow": `${infrastructure},client-carol` });
    expect(node().machine.pids("glusterfsd")).toEqual(bricks);
  });

  test("a local connection with a machine's path runs that machine's commands", async () => {
    const server = localTransport(node().connection);
    const manager = localTransport({ path: [rig.manager.bin] });
    try {
      const list = await server.run({ argv: ["gluster", "--mode=script", "volume", "list"] });
      expect(list).toMatchObject({ exitCode: 0, stdout: "pool-1\npool-2\n" });
      const directory = `${rig.manager.directory}/base/pool-1`;
      const look = ["findmnt", "-n", "-o", "SOURCE,FSTYPE", "--mountpoint", directory] as const;
      await manager.run({ argv: ["mkdir", "-p", directory] });
      expect(await manager.run({ argv: ["mount", "-t", "glusterfs", location("pool-1"), directory] })).toMatchObject({
        exitCode: 0,
      });
      expect((await manager.run({ argv: look })).stdout).toMatch(new RegExp(`^${location("pool-1")} +fuse.glusterfs\n$`));
      // Nobody else has the mount.
      expect((await localTransport().run({ argv: look })).exitCode).toBe(1);
      expect((await server.run({ argv: look })).exitCode).toBe(1);
      expect(await manager.run({ argv: ["find", directory, "-xdev", "-mindepth", "1", "-delete"] })).toMatchObject({
        exitCode: 0,
      });
      expect(await manager.run({ argv: ["umount", directory] })).toMatchObject({ exitCode: 0 });
      const certificate = join(certificateDirectory(), "glusterfs.pem");
      const subject = ["openssl", "x509", "-noout", "-subject", "-in", certificate] as const;
      expect((await server.run({ argv: subject })).stdout).toContain(serverName);
      expect((await manager.run({ argv: subject })).stdout).toContain(managerName);
      expect(existsSync(certificate)).toBe(false);
    } finally {
      await Promise.all([server.close(), manager.close()]);
    }
  });
});

describeWithGluster("a test run that is killed", () => {
  test("takes its machines and all they run along", async () => {
    const directory = mkdtempSync(join(tmpdir(), "sharewright-killed-"));
    const script = `
      const { makeAuthority } = require("${join(__dirname, "identities.ts")}");
      const { startMachine } = require("${join(__dirname, "machine.ts")}");
      (async () => {
        const identity = makeAuthority("${directory}/ca").issue("somebody");
        const machine = await startMachine({ directory: "${directory}/machine", identity });
        machine.run(["sh", "-c", "setsid sleep 500 >/dev/null 2>&1 &"]); // as bricks do
        while (machine.pids("sleep").length === 0);
        console.log(machine.pids("sleep").join(" "));
        setInterval(() => {}, 1000);
      })();`;
    const child = startBounded([process.execPath, "--import", "tsx", "-e", script], 50);
    try {
      let printed = "";
      for (const stream of [child.stdout, child.stderr])
        stream.setEncoding("utf8").on("data", (text: string) => (printed += text));
      await until(() => printed.endsWith("\n") || child.exitCode !== null, "a machine");
      expect(printed).toMatch(/^\d+\n$/);
      const sleeping = Number(printed);
      expect(isAlive(sleeping)).toBe(true);
      const node = descendants(child.pid ?? 0).find(({ name }) => name === "node");
      send("SIGKILL", [node?.pid ?? 0]);
      await until(() => !isAlive(sleeping), "the end of what it started");
    } finally {
      child.kill("SIGTERM");
      await whenEnded(child);
      rmSync(directory, { recursive: true, force: true });
    }
  });
});

describeWithGluster("several clusters", () => {
  test("are independent, trust is within each, and nothing is left of them", async () => {
    const rig = await startClusters({ nodes: [3, 1] });
    let directories: string[] = [];
    try {
      const [three, one = three] = rig.clusters;
      directories = [three, one].map(({ nodes }) => nodes[0].machine.directory.replace(/\/node1$/, ""));
      expect(three.gluster("pool", "list").match(/Connected/g)).toHaveLength(3);
      expect(one.gluster("pool", "list").match(/Connected/g)).toHaveLength(1);
      const uuids = three.nodes.map((node) => node.uuid).sort();
      expect(three.agreed.uuid).toBe(uuids[0]);
      const bricks = three.nodes.map((node) => `${node.host}:${node.brickRoot}/replicated`);
      three.gluster("volume", "create", "replicated", "replica", "3", ...bricks, "force");
      three.gluster("volume", "start", "replicated");
      one.makePool([{ name: "single", size: "32m" }]);
      expect([three, one].map((cluster) => cluster.gluster("volume", "list"))).toEqual(["replicated\n", "single\n"]);
      const mount = await rig.mountAs("client-alice", `${three.nodes[2]?.host}:/replicated`);
      expect(mount.write("file", 1)).toBe("");
      // The commands of a cluster go to a server that is up.
      await three.nodes[0].kill();
      expect(three.gluster("volume", "list")).toBe("replicated\n");
      expect(mount.isAlive()).toBe(true);
      expect(directories.flatMap(usersOf)).not.toEqual([]);
    } finally {
      await rig.stop();
    }
    expect(directories.flatMap(usersOf)).toEqual([]);
    expect(directories.filter(existsSync)).toEqual([]);
    expect(run(["cat", "/proc/self/mounts"])).not.toContain("sharewright-glusterd-");
  });
});
