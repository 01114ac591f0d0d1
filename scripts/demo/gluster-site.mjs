// The GlusterFS that the demo plays on, as its administrator sees it.
import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { delimiter, join } from "node:path";
import { realClients, standInClients } from "./gluster-clients.mjs";
import { size, table } from "./text.mjs";

/** The version of the GlusterFS that is installed here and can be run; else why not. */
export function realGluster() {
  const folders = [...(process.env.PATH ?? "").split(delimiter), "/usr/sbin", "/sbin"];
  const missing = ["glusterd", "gluster", "mount.glusterfs"].filter(
    (tool) => !folders.some((one) => existsSync(join(one, tool))),
  );
  if (missing.length > 0) return { why: `${missing.join(", ")} not installed` };
  if (process.getuid?.() !== 0) return { why: "not root" };
  if (!existsSync("/dev/fuse")) return { why: "no /dev/fuse" };
  const env = { ...process.env, PATH: folders.join(delimiter) };
  const [line = ""] = spawnSync("glusterd", ["--version"], { encoding: "utf8", env }).stdout.split("\n");
  return { version: line.trim().replace(/^glusterfs/, "GlusterFS") };
}

/** Who comes to mount. */
export function glusterSite(stage, { isReal, commonNames }) {
  const hosts = isReal ? realHosts(stage) : standInHosts(stage);
  const servers = hosts.filter(({ name }) => name !== "client").map(({ address, bin }) => ({ host: address, path: bin }));
  const [{ path }] = servers;
  const clients = isReal ? realClients(stage, commonNames) : standInClients(stage);
  if (!stage.keep) process.prependListener("exit", () => clients.end?.());
  const admin = (...words) => stage.storage(join(path, "gluster"), "--mode=script", ...words);
  const optionsOf = (volume) => optionsIn(admin("volume", "info", volume));
  const free = admin("volume", "list").split("\n").filter(Boolean);
  const before = Object.fromEntries(free.map((volume) => [volume, lasting(optionsOf(volume))]));
  return {
    admin,
    optionsOf,
    /** No mark is left, and nothing that was not there before the first act. */
    isAsBefore(volume) {
      const options = optionsOf(volume);
      const marks = Object.entries(options).filter(([name]) => name.startsWith("user.sharewright."));
      return marks.every(([, value]) => value === "NONE") && same(lasting(options), before[volume]);
    },
    share: () => stage.document("list").clusters[0].shares[0],
    synth: ({ mebibytes = 0, withShare = true, withViz = true }) =>
      stage.synthesize("gluster-stack.ts", {
        ...{ outdir: stage.outdir, carrier: stage.carrier, servers, mebibytes, withShare, withViz },
        clientPath: hosts.find(({ name }) => name === "client").bin,
        mountPointBase: join(stage.work, "mnt"),
        volumePattern: "pool-\\d+-#{size}G",
      }),
    mountAs(commonName, { location = this.share().exportLocation, ...wish } = {}) {
      return clients.mount(commonName, location, wish);
    },
    /** Kept clients that are still connected. */
    alive: () => clients.alive().sort().join(),
    showClients(who) {
      const { exportLocation } = this.share();
      const rows = who.map(([name, commonName]) => {
        const seen = this.mountAs(commonName, { location: exportLocation });
        return [name, commonName, exportLocation, seen.letIn ? size(seen.limitKib) : "refused"];
      });
      table(["CLIENT", "CERTIFICATE", "MOUNTS", "AND SEES"], rows);
      return rows.map((row) => row[3]);
    },
    /** What lies in the bricks of a volume besides what GlusterFS keeps there. */
    filesOf(volume) {
      const bricks = [...admin("volume", "info", volume).matchAll(/^Brick\d+: ([^:]+):(.*)$/gm)];
      return bricks.flatMap(([, host, brick]) => {
        const { path: bin } = servers.find((server) => server.host === host);
        const found = stage.storage(join(bin, "find"), brick, "-mindepth", "1", "-maxdepth", "1", "!", "-name", ".glusterfs*");
        return found.split("\n").filter(Boolean);
      });
    },
  };
}

function standInHosts(stage) {
  const names = [...stage.sandboxJson("status").gluster.servers.map(({ server }) => server), "client"];
  return names.map((name) => ({ name, address: name, bin: join(stage.sandbox, "hosts", name, "bin") }));
}

function realHosts({ started }) {
  return [...started.matchAll(/^(gluster\S+|client) +(\S+) +(\S+)$/gm)].map(([, name, address, bin]) => ({ name, address, bin }));
}

const same = (a, b) => JSON.stringify([...a].sort()) === JSON.stringify([...b].sort());

function optionsIn(text) {
  const [, options = ""] = text.split("Options Reconfigured:\n");
  return Object.fromEntries([...options.matchAll(/^([^:\s]+): (.*)$/gm)].map(([, name, value]) => [name, value]));
}

/** glusterd lists its quota as off once it has been on, and forgets no option of ours. */
function lasting(options) {
  return Object.entries(options).filter(([name]) => !/^(user\.sharewright\.|features\.(inode-)?quota$)/.test(name));
}
