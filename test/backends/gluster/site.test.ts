import { describe, expect, test } from "vitest";
import { judgedTransport } from "../../../src/backends/gluster/judged-transport";
import { lockMounter, lockPicking, lockShare } from "../../../src/backends/gluster/locks";
import { type Cluster, isUnreachable, mounterOf, openCluster, type Server, serverOf } from "../../../src/backends/gluster/site";
import type { Result } from "../../../src/core/command";
import { silentLog } from "../../../src/core/log";
import type { ClusterSpec } from "../../../src/spec/gluster";
import { ended, fakeHost } from "../../core/fake-host";
import { fault } from "../../faults";
import { goldenResult } from "./golden";

interface Member {
  id: string;
  /** As the pool knows it. */
  host: string;
}

const ids = [
  "26b4d534-e159-432f-9be0-286c6010014e",
  "58391e77-a4f7-4d46-882e-90b9b1895860",
  "f0000000-0000-4000-8000-000000000000",
];
const pool = (...hosts: string[]): Member[] => hosts.map((host, index) => ({ id: ids[index] ?? "", host }));

/** What the member with this id prints, last of all itself, as the real one does. */
function poolList(members: readonly Member[], own: string): Result {
  const peers = [...members.filter(({ id }) => id !== own), { id: own, host: "localhost" }].map(
    ({ id, host }) => `<peer><uuid>${id}</uuid><hostname>${host}</hostname><connected>1</connected></peer>`,
  );
  return ended(
    0,
    `<?xml version="1.0"?><cliOutput><opRet>0</opRet><opErrno>0</opErrno><opErrstr/><peerStatus>${peers.join("")}</peerStatus></cliOutput>`,
  );
}

const isDown = Symbol("glusterd is down");
const isGone = Symbol("no connection");
type Behaviour = Result | typeof isDown | typeof isGone;

function server(address: string, behaviour: Behaviour): Server & { asked: string[] } {
  const host = fakeHost(
    "server",
    () => {
      if (behaviour === isGone) throw fault("CANNOT_CONNECT", { host: address });
      return behaviour === isDown ? goldenResult("down-list") : (behaviour as Result);
    },
    "",
  );
  return { ...host, name: `server ${address}`, address, transport: judgedTransport(host.transport, address) };
}

const spec: ClusterSpec = {
  name: "fast",
  servers: [],
  mountPointBase: "/run/mnt",
  exportHost: "gluster.example",
  backupVolfileServers: [],
  owner: "team",
  infrastructureNames: ["glusterfs-server*"],
  preflight: "enforce",
};

function access(...servers: Server[]) {
  const notes: string[] = [];
  return { notes, spec, servers, here: fakeHost("client", () => ended(0), ""), log: silentLog(notes) };
}

describe("the server on which all agree", () => {
  const members = pool("s1", "s2", "s3");
  const [one, two, three] = members.map(({ id }) => poolList(members, id)) as [Result, Result, Result];

  test.each([[["s1", "s2", "s3"]], [["s3", "s2", "s1"]], [["s2", "s1"]], [["s3", "s1", "s2"]], [["s1"]]])(
    "has the smallest id of the pool, in whichever order a stack names its servers: %j",
    async (order) => {
      const answers: Record<string, Result> = { s1: one, s2: two, s3: three };
      const cluster = await openCluster(access(...order.map((address) => server(address, answers[address] ?? ended(1)))));
      expect([cluster.server.address, cluster.id]).toEqual(["s1", ids[0]]);
    },
  );

  test("[G-39] [G-43] is found through the next server where the first does not answer, which is said", async () => {
    for (const behaviour of [isDown, isGone] as const) {
      const asked = access(server("s3", behaviour), server("s2", two), server("s1", one));
      expect((await openCluster(asked)).server.address).toBe("s1");
      expect(asked.notes).toEqual([expect.stringContaining("server s3 does not answer")]);
    }
  });

  test("is told once of a server that does not answer, however often it is asked", async () => {
    const asked = access(server("s3", isGone), server("s1", one));
    for (const _ of ["first", "second"]) expect((await openCluster(asked)).server.address).toBe("s1");
    expect(asked.notes).toHaveLength(1);
  });

  test.each([
    ["its glusterd is down", isDown, "GLUSTERD_DOWN"],
    ["it cannot be reached", isGone, "CANNOT_CONNECT"],
  ] as const)("is the only one: nobody takes its place while %s", async (_, behaviour, code) => {
    await expect(openCluster(access(server("s1", behaviour), server("s2", two), server("s3", three)))).rejects.toMatchObject({
      code,
    });
  });

  test("[G-39] when none answers, the fault of the first is told", async () => {
    await expect(openCluster(access(server("s1", isDown), server("s2", isGone)))).rejects.toMatchObject({
      code: "GLUSTERD_DOWN",
      host: "s1",
    });
  });

  test("a server that answers something else is not passed over", async () => {
    const odd = server("s2", ended(1, "", "permission denied"));
    await expect(openCluster(access(odd, server("s1", one)))).rejects.toMatchObject({ code: "COMMAND_FAILED" });
  });

  test("may be known to the pool by another name", async () => {
    const known = pool("10.0.0.1", "10.0.0.2", "10.0.0.3");
    const of = (index: number) => poolList(known, ids[index] ?? "");
    const cluster = await openCluster(access(server("s3", of(2)), server("s2", of(1)), server("s1", of(0))));
    expect([cluster.server.address, cluster.id]).toEqual(["s1", ids[0]]);
  });

  test("may be known by another name while a server that is not it is down", async () => {
    const known = pool("10.0.0.1", "10.0.0.2", "10.0.0.3");
    const of = (index: number) => poolList(known, ids[index] ?? "");
    const servers = [server("s3", of(2)), server("s2", isGone), server("s1", of(0))];
    expect((await openCluster(access(...servers))).server.address).toBe("s1");
    // It may have been the one that is down.
    await expect(openCluster(access(server("s3", of(2)), server("s2", isGone)))).rejects.toMatchObject({
      code: "CANNOT_CONNECT",
    });
  });

  test("has to be one to which a connection leads: else its host is named", async () => {
    await expect(openCluster(access(server("s3", three), server("s2", two)))).rejects.toMatchObject({
      code: "NO_LOCK_SERVER",
      object: "fast",
      summary: expect.stringMatching(/are on s1 .*\(s3, s2\)/),
    });
  });

  test("is not the one that only has its name", async () => {
    const impostor = poolList(pool("s9"), ids[2] ?? "");
    await expect(openCluster(access(server("s2", two), server("s1", impostor)))).rejects.toMatchObject({
      code: "NO_LOCK_SERVER",
    });
  });

  test("has an id: one that is just being probed has none yet", async () => {
    const probing = [...members, { id: "00000000-0000-0000-0000-000000000000", host: "s0" }];
    const cluster = await openCluster(
      access(server("s2", poolList(probing, ids[1] ?? "")), server("s1", poolList(probing, ids[0] ?? ""))),
    );
    expect(cluster.server.address).toBe("s1");
  });

  test("golden three-pool-list: is asked about itself, by the name that the pool has for it", async () => {
    const real = goldenResult("three-pool-list");
    const least = server("127.3.1.2", poolList([], "27345681-976b-4f06-8d73-a8ecb08da564"));
    expect((await openCluster(access(server("127.3.1.1", real), least))).server.address).toBe("127.3.1.2");
  });
});

test.each([
  ["CANNOT_CONNECT", true],
  ["GLUSTERD_DOWN", true],
  ["COMMAND_LOST", true],
  ["DEADLINE", true],
  ["COMMAND_FAILED", false],
  ["CLUSTER_BUSY", false],
] as const)("whether %s means that nobody is there: %s", (code, expected) => {
  expect(isUnreachable(fault(code, {}))).toBe(expected);
  expect(isUnreachable(new Error(code))).toBe(false);
});

describe("where volumes are mounted", () => {
  const s1 = server("s1", ended(0));
  const clusterWith = (probe: Result, more: Partial<Cluster> = {}): Cluster => ({
    ...access(s1),
    here: fakeHost("client", () => probe, ""),
    server: s1,
    id: "1",
    ...more,
  });

  test("[G-31] here, if there is a mount helper, through the host that clients use", async () => {
    const cluster = clusterWith(ended(1, "", "some usage"));
    expect(await mounterOf(cluster)).toEqual({ host: cluster.here, from: "gluster.example", backups: [] });
  });

  test("[G-32] without one here, on the agreed server, from itself", async () => {
    const cluster = clusterWith(ended(127, "", "mount.glusterfs: command not found"));
    expect(await mounterOf(cluster)).toEqual({ host: s1, from: "s1", backups: [] });
  });

  test("[G-33] a helper that cannot be run is not taken for a missing one: the mount will say what is wrong", async () => {
    const cluster = clusterWith(ended(126, "", "Permission denied"));
    expect((await mounterOf(cluster)).host).toBe(cluster.here);
  });

  test("on the client that was named, unasked", async () => {
    const client = fakeHost("client", () => ended(0), "");
    const here = fakeHost("client", () => ended(0), "");
    expect(await mounterOf(clusterWith(ended(0), { client, here }))).toEqual({
      host: client,
      from: "gluster.example",
      backups: [],
    });
    expect(here.asked).toEqual([]);
  });
});

test("the host of a brick is a server of the cluster, or is named", () => {
  const s1 = server("s1", ended(0));
  const cluster: Cluster = { ...access(s1), server: s1, id: "1" };
  expect(serverOf(cluster, "s1")).toBe(s1);
  expect(() => serverOf(cluster, "s7")).toThrow(
    expect.objectContaining({ code: "NO_SUCH_ROLE", fix: expect.stringContaining('host: "s7"') }),
  );
});

describe("locks", () => {
  function locking(host: Server) {
    const files: string[] = [];
    host.transport.lock = async (file) => {
      files.push(file);
      return { result: ended(0), release: async () => {} };
    };
    return files;
  }

  test("are kernel locks on the agreed server: one for each share, one for picking", async () => {
    const [s1, s2] = [server("s1", ended(0)), server("s2", ended(0))];
    const [agreed, other] = [locking(s1), locking(s2)];
    const cluster: Cluster = { ...access(s2, s1), server: s1, id: "1" };
    await lockShare(cluster, "genomics");
    await lockPicking(cluster);
    await lockMounter(cluster, { host: s1, from: "s1", backups: [] }, "genomics");
    expect([agreed, other]).toEqual([
      ["/run/sharewright/gluster-1-share-genomics.lock", "/run/sharewright/gluster-1-pick.lock"],
      [],
    ]);
  });

  test("have a second one where a volume is mounted on another host, whose commands do not inherit the first", async () => {
    const [s1, client] = [server("s1", ended(0)), server("client", ended(0))];
    const [agreed, mounting] = [locking(s1), locking(client)];
    await lockMounter({ ...access(s1), server: s1, id: "1" }, { host: client, from: "s1", backups: [] }, "genomics");
    expect([agreed, mounting]).toEqual([[], ["/run/sharewright/gluster-1-mount-genomics.lock"]]);
  });

  test("make their directory where it is missing, also behind a reboot", async () => {
    const host = fakeHost("server", () => ended(0), "");
    let tries = 0;
    host.transport.lock = async (file) => {
      tries += 1;
      return {
        result: tries === 1 ? ended(66, "", `flock: cannot open lock file ${file}: No such file or directory`) : ended(0),
        release: async () => {},
      };
    };
    const s1: Server = { ...host, address: "s1" };
    await lockShare({ ...access(s1), server: s1, id: "1" }, "genomics");
    expect([tries, host.asked]).toEqual([2, ["mkdir -p -m 0700 -- /run/sharewright"]]);
  });

  test("that others hold too long are a fault", async () => {
    const s1 = server("s1", ended(0));
    s1.transport.lock = async () => ({ result: ended(1), release: async () => {} });
    await expect(lockShare({ ...access(s1), server: s1, id: "1" }, "genomics")).rejects.toMatchObject({ code: "LOCKED" });
  });
});
