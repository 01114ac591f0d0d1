// The real GlusterFS in a sandbox's directory: started, of use with TLS and quota, and gone without a trace.
import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { type RealHost, startReal, stopReal } from "../../../src/sandbox/gluster/real";
import type { ClusterSpec } from "../../../src/spec/gluster";
import { env } from "../../../src/spec/request";
import { bundle, execute } from "../../executor/processes";
import { describeWithGluster } from "../../glusterd/describe";

describeWithGluster("sandbox --real-gluster", () => {
  let dir: string;
  let hosts: RealHost[] = [];
  beforeAll(() => {
    dir = mkdtempSync(join(tmpdir(), "sandbox-test-"));
    hosts = startReal({ dir, path: process.env["PATH"] ?? "", clusters: 1, servers: 2, seconds: 300 });
  }, 120_000);
  afterAll(() => {
    stopReal(dir);
    rmSync(dir, { recursive: true, force: true });
  });

  const run = (host: RealHost | undefined, tool: string, ...args: string[]) =>
    spawnSync(join(host?.bin ?? "", tool), args, { encoding: "utf8", timeout: 60_000 });
  const server = () => hosts[0];
  const client = () => hosts.at(-1);
  const onClient = (tool: string, ...args: string[]) => run(client(), tool, ...args);
  const holder = () => readFileSync(join(dir, "real/client/holder"), "utf8").trim();
  const clusterSpec = (): ClusterSpec => {
    const servers = hosts.slice(0, -1).map(({ address = "", bin }) => ({
      host: address,
      connection: { type: "local" as const, path: [bin] },
    }));
    return {
      name: "tank",
      servers,
      // Not the one whose TLS another test has switched on.
      volumePattern: "pool-2-#{size}G",
      mountPointBase: join(dir, "mounts"),
      exportHost: servers[0]?.host ?? "",
      backupVolfileServers: [],
      owner: "team",
      infrastructureNames: ["glusterfs-server*", "manila-host*"],
      client: { type: "local", path: [client()?.bin ?? ""] },
      preflight: "enforce",
    };
  };

  it("serves pool volumes by TLS to those whom the list admits, and to nobody without a certificate", () => {
    const target = join(dir, "target");
    mkdirSync(target);
    const options = ["client.ssl", "on", "server.ssl", "on"];
    for (const words of [
      ["set", "pool-1-1G", ...options],
      ["stop", "pool-1-1G"],
      ["start", "pool-1-1G"],
    ])
      expect(run(server(), "gluster", "--mode=script", "volume", ...words)).toMatchObject({ status: 0 });
    const source = `${server()?.address}:/pool-1-1G`;
    expect(run(client(), "mount", "-t", "glusterfs", source, target)).toMatchObject({ status: 0 });
    const look = run(client(), "findmnt", "-n", "-o", "SOURCE,FSTYPE", "--mountpoint", target);
    expect(look.stdout).toBe(`${source} fuse.glusterfs\n`);
    expect(existsSync(join(target, "file"))).toBe(false);
    expect(run(client(), "umount", target)).toMatchObject({ status: 0 });
    expect(spawnSync("mount", ["-t", "glusterfs", source, target], { timeout: 60_000 }).status).toBe(1);
  }, 60_000);

  it("has all tools that the life of a share needs, a full one's and its destruction's among them", async () => {
    const hook = async (kind: "apply" | "destroy", environment: Record<string, string>) =>
      execute([process.execPath, bundle, "hook", "gluster.share", kind, "full"], {
        ...process.env,
        SHAREWRIGHT_RUN_DIR: join(dir, "run"),
        [env.clusters]: JSON.stringify([clusterSpec()]),
        ...environment,
      });
    const wire = { claim: "c", share: "full", clusters: "tank", size: "8 MiB", provisioning: "pool", removal_policy: "destroy" };
    expect(await hook("apply", { [env.spec]: JSON.stringify(wire) })).toMatchObject({ exitCode: 0, stderr: "" });
    // As full as it gets: nothing can be made in it, so that the mount is proven by a time of its root.
    const target = join(dir, "full");
    mkdirSync(target);
    const source = `${server()?.address}:/pool-2-1G`;
    expect(run(server(), "gluster", "volume", "info", "pool-2-1G").stdout).toContain("key=full");
    expect(onClient("mount", "-t", "glusterfs", source, target)).toMatchObject({ status: 0 });
    for (const name of ["a", "b", "c"])
      spawnSync("nsenter", [
        "-t",
        holder(),
        "-m",
        "dd",
        "if=/dev/zero",
        `of=${target}/${name}`,
        "bs=1M",
        "count=20",
        "oflag=dsync",
      ]);
    expect(onClient("mkdir", join(target, "new")).stderr).toContain("Disk quota exceeded");
    expect(onClient("chmod", "2777", target)).toMatchObject({ status: 0 });
    expect(onClient("umount", target)).toMatchObject({ status: 0 });
    const ended = await hook("destroy", { [env.claim]: "c" });
    expect(ended).toMatchObject({ exitCode: 0, stderr: "" });
    expect(ended.stdout).toContain("put owner, mode and attributes of the root of volume pool-2-1G back");
  }, 120_000);

  it("has certificates where GlusterFS looks for them, on hosts alone", () => {
    for (const host of hosts)
      expect(run(host, "cat", "/etc/ssl/glusterfs.pem").stdout + run(host, "cat", "/usr/lib/ssl/glusterfs.pem").stdout).toContain(
        "BEGIN CERTIFICATE",
      );
    expect(existsSync("/etc/ssl/glusterfs.pem")).toBe(false);
  });

  it("ends with all its processes", () => {
    stopReal(dir);
    const left = readdirSync("/proc").filter((name) => /^\d+$/.test(name) && commandOf(name).includes(dir));
    expect(left).toEqual([]);
  });
});

function commandOf(pid: string): string {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, "utf8");
  } catch {
    return "";
  }
}
