// The content of a volume: looked at and deleted through a mount. Nothing is believed of a mount point before it is seen to be the volume: a
// mount helper may end with exit 0 and have mounted nothing, and a directory of the host itself must never be taken for an empty volume.

import { type Command, type Result, succeeded } from "../../core/command";
import { crypto } from "../../core/crypto";
import { fault } from "../../core/errors";
import { attempt, commandFault, run } from "../../core/host";
import type { Step } from "../../core/plan";
import { splitBrick } from "../../spec/gluster";
import * as cli from "./cli";
import { putInForce } from "./in-force";
import { lockMounter } from "./locks";
import type { BrickStatus, Volume } from "./parse";
import { observeBricks, observeVolumes } from "./share-observe";
import { step } from "./share-steps";
import { type Cluster, isUnreachable, mounterOf } from "./site";

/** One entry of the volume, or undefined when it is empty but for what gluster keeps there itself. */
/** `bricks`: as they were just seen. @default asked for */
export async function firstEntryOf(
  cluster: Cluster,
  share: string,
  volume: Volume,
  bricks?: readonly BrickStatus[],
): Promise<string | undefined> {
  await requireBricks(cluster, share, volume, bricks);
  return mounted(cluster, share, volume, async ({ look }) => look());
}

/** Deletes all that is in the volume, and looks again. */
export async function wipeVolume(cluster: Cluster, share: string, volume: Volume): Promise<Step[]> {
  await requireBricks(cluster, share, volume);
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

/** Takes away what a run that was killed has left of its look at a volume that nobody looks into again. */
export async function tidyMount(cluster: Cluster, share: string, volume: Volume): Promise<void> {
  const { host, directory, isThere, unmount } = await placeOf(cluster, share, volume);
  if (!(await isThere())) return void (await attempt(host, cli.removeMountPoint(directory)));
  await attempt(host, cli.removeProofs(directory));
  await unmount();
}

/** Where a volume is mounted, if it is. */
async function placeOf(cluster: Cluster, share: string, volume: Volume) {
  const mounter = await mounterOf(cluster);
  const { host } = mounter;
  await lockMounter(cluster, mounter, share);
  // The id is in it: volumes of several clusters have the same names.
  const directory = `${cluster.spec.mountPointBase}/${volume.name}.${volume.id}`;
  const source = `${mounter.from}:/${volume.name}`;
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
  const unmount = async () => {
    await run(host, cli.unmount(directory));
    await run(host, cli.removeMountPoint(directory));
  };
  return { ...mounter, directory, source, isThere, unmount };
}

async function mounted<T>(cluster: Cluster, share: string, volume: Volume, work: (mounted: Mounted) => Promise<T>): Promise<T> {
  const { host, from, backups, directory, source, isThere, unmount } = await placeOf(cluster, share, volume);
  // What a run that was killed has left.
  if (await isThere()) await unmount();
  const mount = cli.mountVolume(from, backups, volume.name, directory);
  if (!(await tryMount()).isMounted) {
    const now = (await observeVolumes(cluster)).get(volume.name);
    if (now) await putInForce(cluster, now);
    const again = await tryMount();
    if (!again.isMounted) {
      throw commandFault("COMMAND_FAILED", host, mount, again.result, {
        object: share,
        summary: `volume ${volume.name} cannot be mounted to look at its content`,
        fix: "`sharewright doctor` shows whether the certificate of this host is in order and its common name is in auth.ssl-allow",
      });
    }
  }
  try {
    await prove();
    const result = await work({ directory, host, look });
    await unmount();
    return result;
  } catch (error) {
    // What went wrong before says more.
    await unmount().catch(() => {});
    throw error;
  }

  async function tryMount() {
    await run(host, cli.makeMountPoint(directory));
    const result = await attempt(host, mount);
    const isMounted = await isThere();
    if (isMounted && result.exitCode !== 0) await unmount();
    return { result, isMounted: isMounted && result.exitCode === 0 };
  }

  /** The name in the mount's source may lead to another cluster, which has volumes of the same names. */
  async function prove(): Promise<void> {
    const name = cli.proofName(crypto().randomUUID());
    const proof = cli.makeProof(directory, name);
    const made = await attempt(host, proof);
    try {
      if (succeeded(made) && (await onBrick((path) => cli.exists(`${path}/${name}`)))) return;
    } finally {
      await run(host, cli.removeProofs(directory));
    }
    if (!succeeded(made)) {
      // Nothing can be made in a volume that is full, but a time can be set.
      if (!/Disk quota exceeded|No space left on device/.test(made.stderr))
        throw commandFault("COMMAND_FAILED", host, proof, made, { object: share });
      const time = crypto().randomInt(1e8, 1e9);
      await run(host, cli.setTime(directory, time));
      if (
        await onBrick(
          (path) => cli.havingTime(path, time),
          ({ stdout }) => stdout !== "",
        )
      )
        return;
    }
    throw fault("NO_SUCH_ROLE", {
      object: share,
      host: host.name,
      summary: `what ${source} shows cannot be proven to be volume ${volume.name} of cluster "${cluster.spec.name}": none of its bricks (${volume.bricks.join(", ")}) that can be looked at has what was made there`,
      fix: "see that exportHost is a server of this cluster, and name the hosts of the bricks among its servers",
    });
  }

  /** Whether any brick that can be looked at answers so. */
  async function onBrick(look: (path: string) => Command, holds: (result: Result) => boolean = () => true): Promise<boolean> {
    for (const brick of volume.bricks) {
      const { host: address, path } = splitBrick(brick);
      const server = cluster.servers.find((one) => one.address === address);
      // One that does not answer leaves the others.
      const result = await (server && attempt(server, look(path)))?.catch((error: unknown) => {
        if (isUnreachable(error)) return undefined;
        throw error;
      });
      if (result && succeeded(result) && holds(result)) return true;
    }
    return false;
  }

  async function look(): Promise<string | undefined> {
    const { stdout } = await run(host, cli.firstEntry(directory));
    // Cut off from the volume, find would have looked at the bare directory below, while the mount is still listed for some seconds.
    if (!(await isThere()))
      throw fault("COMMAND_LOST", { object: share, host: host.name, summary: `the mount of ${source} went away` });
    await prove();
    return stdout.split("\n").find(Boolean);
  }
}

/** What lies on a brick that is down is not seen through a mount: it would be taken for nothing, and come back with the brick. */
export async function requireBricks(
  cluster: Cluster,
  share: string,
  volume: Volume,
  seen?: readonly BrickStatus[],
): Promise<void> {
  if (downOf(volume, seen ?? (await observeBricks(cluster, volume.name))).length === 0) return;
  // As after glusterd died while it stopped the volume.
  await run(cluster.server, cli.volumeRevive(volume.name));
  const down = downOf(volume, await observeBricks(cluster, volume.name));
  if (down.length === 0) return;
  throw fault("BRICKS_DOWN", {
    object: share,
    host: cluster.server.name,
    summary: `${down.join(", ")} of volume ${volume.name} ${down.length === 1 ? "does" : "do"} not run, so what is in the volume cannot be seen whole`,
  });
}

function downOf(volume: Volume, bricks: readonly BrickStatus[]): string[] {
  const online = new Set(bricks.flatMap((brick) => (brick.online ? [`${brick.host}:${brick.path}`] : [])));
  return volume.bricks.filter((brick) => !online.has(brick));
}

/** Of a line of findmnt: the server may be told by another name. */
function isMountOf(line: string, volume: string): boolean {
  const [source = "", type] = line.split(" ");
  return type === "fuse.glusterfs" && source.endsWith(`:/${volume}`);
}
