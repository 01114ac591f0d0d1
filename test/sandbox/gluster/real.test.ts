// The real GlusterFS in a sandbox's directory: started, of use with TLS and quota, and gone without a trace.
import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { type RealHost, startReal, stopReal } from "../../../src/sandbox/gluster/real";
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
