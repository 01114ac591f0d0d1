// What the stand-ins play of GlusterFS 11, on the real one. Debian 12 has none: `npm run test:gluster-11` brings one.
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { run } from "../sshd/processes";
import { type Clusters, startClusters } from "./clusters";
import { certificateDirectory, serverName } from "./identities";
import { noGluster } from "./rig";

const release = noGluster() === "" ? (/^glusterfs (\S+)/.exec(run(["gluster", "--version"]))?.[1] ?? "") : "";
const isHere = release.startsWith("11.");
const why = noGluster() === "" ? `GlusterFS ${release}, not 11: npm run test:gluster-11` : `no GlusterFS (${noGluster()})`;

describe.skipIf(!isHere)(isHere ? "GlusterFS 11" : `GlusterFS 11 [not run: ${why}]`, () => {
  let rig: Clusters;
  beforeAll(async () => {
    rig = await startClusters({ nodes: [2] });
    cluster().gluster("volume", "create", "v", ...cluster().nodes.map((node) => `${node.host}:${node.brickRoot}/v`), "force");
    cluster().gluster("volume", "set", "v", "auth.ssl-allow", serverName);
    cluster().gluster("volume", "start", "v");
  });
  afterAll(() => rig?.stop());

  const cluster = () => rig.clusters[0];
  const node = () => cluster().nodes[0];
  const xml = (...words: string[]) => node().gluster("--xml", ...words).stdout;
  const told = () => xml("volume", "quota", "v", "list", "/").match(/<hard_limit>(\d+)</)?.[1];

  test("R-13: is what runs on every server", () => {
    for (const { gluster } of cluster().nodes) expect(gluster("--version").stdout).toMatch(/^glusterfs 11\./);
  });

  test("R-13: knows no nfs.disable, though a new volume begins with it, and forgets it when glusterd starts", async () => {
    const options = cluster().optionsOf("v");
    expect(options).toMatchObject({ "nfs.disable": "on" });
    for (const words of [["set", "v", "nfs.disable", "on"], ["reset", "v", "nfs.disable"]]) // biome-ignore format: a list of words
      expect(xml("volume", ...words)).toMatch(/<opErrno>30800<\/opErrno>\n +<opErrstr>[Oo]ption.* nfs\.disable does not exist/);
    const { "nfs.disable": _, ...others } = options;
    for (const one of cluster().nodes) await one.restart();
    expect(cluster().optionsOf("v")).toEqual(others);
  });

  test("R-13: refuses a snapshot of bricks that are not on thin LVM in words of its own", () => {
    expect(xml("snapshot", "create", "s", "v", "no-timestamp")).toMatch(
      /<opErrno>30800<\/opErrno>\n +<opErrstr>Snapshots not supported for all bricks in volume v\.</,
    );
  });

  test("R-13: sets and tells limits through TLS, unless its certificate is not where it looks", () => {
    cluster().gluster("volume", "quota", "v", "enable");
    cluster().gluster("volume", "quota", "v", "limit-usage", "/", "10485760");
    expect(told()).toBe("10485760");
    cluster().gluster("volume", "set", "v", "client.ssl", "on", "server.ssl", "on");
    cluster().gluster("volume", "stop", "v");
    cluster().gluster("volume", "start", "v");
    cluster().gluster("volume", "quota", "v", "limit-usage", "/", "20971520");
    expect(told()).toBe("20971520");
    // Without a path the command line reads /var/lib/glusterd, whatever the working directory of its glusterd is.
    expect(cluster().gluster("volume", "quota", "v", "list")).toBe("quota: No quota configured on volume v\n");
    node().machine.run(["umount", certificateDirectory()]);
    for (const words of [["limit-usage", "/", "10485760"], ["list", "/"]]) // biome-ignore format: a list of words
      expect(xml("volume", "quota", "v", ...words)).toContain("<opErrstr>Failed to start aux mount</opErrstr>");
  });
});
