// The content of a volume: looked at and deleted through a mount. Nothing is believed of a mount point before it is seen to be the volume: a
// mount helper may end with exit 0 and have mounted nothing, and a directory of the host itself must never be taken for an empty volume.
import { randomUUID } from "node:crypto";
import { succeeded } from "../../core/command";
import { fault } from "../../core/errors";
import { attempt, commandFault, run } from "../../core/host";
import type { Step } from "../../core/plan";
import { splitBrick } from "../../spec/gluster";
import * as cli from "./cli";
import { lockMounter } from "./locks";
import type { Volume } from "./parse";
import { step } from "./share-steps";
import { type Cluster, mounterOf } from "./site";

/** One entry of the volume, or undefined when it is empty but for what gluster keeps there itself. */
export async function firstEntryOf(cluster: Cluster, share: string, volume: Volume): Promise<string | undefined> {
  return mounted(cluster, share, volume, async ({ look }) => look());
}

/** Deletes all that is in the volume, and looks again. */
export async function wipeVolume(cluster: Cluster, share: string, volume: Volume): Promise<Step[]> {
  return mounted(cluster, share, volume, async ({ directory, look, host }) => {
    if ((await look()) === undefined) return [];
    const wipe: Step = {
      ...step("wipe", `delete what is in volume ${volume.name}`, cli.wipe(directory)),
      on: "client",
      risk: "data",
    };
    cluster.log.step(wipe.say);
    for (const command of wipe.commands) await run(host, command);
    const left = await look();
    if (left === undefined) return [wipe];
    throw fault("VOLUME_NOT_EMPTY", {
      object: share,
      host: host.name,
      summary: `${left} of volume ${volume.name} is still there`,
    });
  });
}

interface Mounted {
  directory: string;
  host: Awaited<ReturnType<typeof mounterOf>>["host"];
  look(): Promise<string | undefined>;
}

async function mounted<T>(cluster: Cluster, share: string, volume: Volume, work: (mounted: Mounted) => Promise<T>): Promise<T> {
  const mounter = await mounterOf(cluster);
  const { host, from } = mounter;
  await lockMounter(cluster, mounter, share);
  // The id is in it: volumes of several clusters have the same names.
  const directory = `${cluster.spec.mountPointBase}/${volume.name}.${volume.id}`;
  const source = `${from}:/${volume.name}`;
  const isThere = async () => {
    const command = cli.mountOf(directory);
    const result = await attempt(host, command);
    const mounts = result.stdout.split("\n").filter(Boolean);
    if (result.exitCode !== 0 && mounts.length === 0) return false;
    // Over another mount ours would be hidden, or the other way round.
    if (mounts.length === 1 && isMountOf(mounts[0] as string, volume.name)) return true;
    throw commandFault("COMMAND_FAILED", host, command, result, {
      object: share,
      summary: `${directory} is not just a mount of ${source}`,
      fix: `unmount what is there, then apply again`,
    });
  };
  // What a run that was killed has left.
  if (await isThere()) await unmount();
  await run(host, cli.makeMountPoint(directory));
  const mount = cli.mountVolume(from, volume.name, directory);
  const result = await attempt(host, mount);
  if (result.exitCode !== 0 || !(await isThere())) {
    throw commandFault("COMMAND_FAILED", host, mount, result, {
      object: share,
      summary: `volume ${volume.name} cannot be mounted to look at its content`,
      fix: "`sharewright doctor` shows whether the certificate of this host is in order and its common name is in auth.ssl-allow",
    });
  }
  try {
    await prove();
    return await work({ directory, host, look });
  } finally {
    await unmount();
  }

  /** The name in the mount's source may lead to another cluster, which has volumes of the same names. */
  async function prove(): Promise<void> {
    const name = cli.proofName(randomUUID());
    await run(host, cli.makeProof(directory, name));
    try {
      for (const brick of volume.bricks) {
        const { host: address, path } = splitBrick(brick);
        const server = cluster.servers.find((one) => one.address === address);
        if (server && succeeded(await attempt(server, cli.exists(`${path}/${name}`)))) return;
      }
    } finally {
      await run(host, cli.removeProofs(directory));
    }
    throw fault("NO_SUCH_ROLE", {
      object: share,
      host: host.name,
      summary: `what ${source} shows cannot be proven to be volume ${volume.name} of cluster "${cluster.spec.name}": none of its bricks (${volume.bricks.join(", ")}) that can be looked at has the directory that was made there`,
      fix: "see that exportHost is a server of this cluster, and name the hosts of the bricks among its servers",
    });
  }

  async function look(): Promise<string | undefined> {
    const { stdout } = await run(host, cli.firstEntry(directory));
    // Cut off from the volume, find would have looked at the bare directory below.
    if (!(await isThere()))
      throw fault("COMMAND_LOST", { object: share, host: host.name, summary: `the mount of ${source} went away` });
    return stdout.split("\n").find(Boolean);
  }

  async function unmount(): Promise<void> {
    await run(host, cli.unmount(directory));
    await run(host, cli.removeMountPoint(directory));
  }
}

/** Of a line of findmnt: the server may be told by another name. */
function isMountOf(line: string, volume: string): boolean {
  const [source = "", type] = line.split(" ");
  return type === "fuse.glusterfs" && source.endsWith(`:/${volume}`);
}
