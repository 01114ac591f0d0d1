// Whose certificates have to be read before a volume is made: its list of names lets in nobody who is left out.
import { afterAll, beforeAll, expect, test, vi } from "vitest";
import { openCluster } from "../../../src/backends/gluster/site";
import { requireTls } from "../../../src/backends/gluster/tls-preflight";
import { type FakeMachine, fakeCluster, tlsFiles } from "./fake-cluster";

beforeAll(() => {
  vi.useFakeTimers({ now: new Date("2026-07-01T00:00:00Z"), toFake: ["Date"] });
});
afterAll(() => {
  vi.useRealTimers();
});

const inOrder = { s1: { files: tlsFiles("server1") }, s2: { files: tlsFiles("server2") } };

async function cluster(servers: Readonly<Record<string, FakeMachine>>) {
  const here = { files: tlsFiles("host", "/etc/ssl") };
  return openCluster(fakeCluster({ servers, here, spec: { preflight: "warn" } }));
}

test("all names are told where all certificates are in order", async () => {
  const names = ["glusterfs-server1", "glusterfs-server2", "manila-host1"];
  expect(await requireTls(await cluster(inOrder), "all")).toEqual(names);
  expect(await requireTls(await cluster(inOrder))).toEqual(names);
});

test("a server whose certificate cannot be read is left out where that is said only, and refuses what needs all", async () => {
  const servers = { ...inOrder, s2: {} };
  expect(await requireTls(await cluster(servers))).toEqual(["glusterfs-server1", "manila-host1"]);
  await expect(requireTls(await cluster(servers), "all")).rejects.toMatchObject({
    code: "PREFLIGHT",
    summary: expect.stringContaining("s2"),
  });
});
