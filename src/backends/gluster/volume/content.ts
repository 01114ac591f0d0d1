// The content of a volume: looked at and deleted through a mount. Nothing is believed of a mount point before it is seen to be the volume: a
// mount helper may end with exit 0 and have mounted nothing, and a directory of the host itself must never be taken for an empty volume.

import { type Command, type Result, succeeded } from "../../../core/command";
import { crypto } from "../../../core/crypto";
import { perform } from "../../../core/engine";
import { attempt, commandFault, type Host, run } from "../../../core/host";
import { defined } from "../../../spec/defined";
import { splitBrick } from "../../../spec/gluster";
import * as cli from "../cli";
import * as content from "../cli-content";
import { fault } from "../faults";
import { lockMounter } from "../locks";
import type { BrickStatus, Volume } from "../parse";
import { observeBricks, observeVolumes } from "../share/observe";
import { quiet, reviveStep } from "../share/steps";
import { type Cluster, isUnreachable, knownNames, mounterOf } from "../site";
import { contentOfBricks, noteUnseen } from "./brick-content";
import { type UsedDirectory, usedDirectories } from "./root";
import { serveAsTold } from "./serve";

/** Whether the volume can be mounted, and is what it seems to be. */
export async function requireMount(cluster: Cluster, share: string, volume: Volume): Promise<void> {
  await requireBricks(cluster, share, volume);
  await mounted(cluster, share, volume, async ({ look }) => look(async () => undefined));
}

export interface Wanted {
  /** Of its root: see `rootOwner`. */
  owner: string;
  /** As they were just seen. @default asked for */
  bricks?: readonly BrickStatus[];
  /** Whether to say which bricks could not be looked at. @default "unsaid" */
  unseen?: "said" | "unsaid";
}

/** Why a volume is not as nobody has ever used it, in words that follow its name; undefined when it is. */
export async function traceIn(cluster: Cluster, share: string, volume: Volume, wanted: Wanted): Promise<string | undefined> {
  await requireBricks(cluster, share, volume, wanted.bricks);
  return mounted(cluster, share, volume, async (here) => traceOf(await lookAtContent(cluster, volume, here, wanted)));
}

/** What lies in a mounted volume: of several things the one that has to go first. */
export interface Content {
  host: Host;
  /** Where it is mounted. */
  directory: string;
  entry?: string;
  /** Of a volume without entries: directories that are not as GlusterFS makes them. */
  used: UsedDirectory[];
  /** Of one that is as new for who mounts it: `HOST:PATH` of what a mount does not show. */
  onBrick?: string;
}

/** Why it is not as nobody has ever used it, in words that follow the volume's name. */
export function traceOf({ directory, entry, used: [used], onBrick }: Content): string | undefined {
  if (entry !== undefined) return `is not empty (${entry})`;
  if (used) {
    const what = used.path === directory ? "its root" : `its ${used.path.slice(directory.length + 1)}`;
    return `is not as nobody had it: ${what} ${used.problems.join(", ")}`;
  }
  return onBrick === undefined ? undefined : `is not empty (${onBrick}, which a mount does not show)`;
}

export async function lookAtContent(
  cluster: Cluster,
  volume: Volume,
  here: Mounted,
  { owner, unseen }: Wanted,
): Promise<Content> {
  const { host, directory } = here;
  const { entry, used } = await here.look(async () => {
    const first = await firstEntry(here);
    return first === undefined ? { used: await usedDirectories(host, directory, owner) } : { entry: first, used: [] };
  });
  if (entry !== undefined || used.length > 0) return { host, directory, used, ...defined({ entry }) };
  const onBricks = await contentOfBricks(cluster, volume);
  if (unseen === "said") noteUnseen(cluster, volume, onBricks);
  return { host, directory, used, ...defined({ onBrick: onBricks.entry }) };
}

/** Mounted until it is unmounted. */
export async function openContent(cluster: Cluster, share: string, volume: Volume): Promise<Mounted> {
  await requireBricks(cluster, share, volume);
  return mount(cluster, share, volume);
}

export interface Mounted {
  directory: string;
  host: Host;
  /** What is seen holds: the mount was there all the time. */
  look<Seen>(see: () => Promise<Seen>): Promise<Seen>;
  unmount(): Promise<void>;
}

async function firstEntry({ host, directory }: Mounted): Promise<string | undefined> {
  return (await run(host, content.firstEntry(directory))).stdout.split("\n").find(Boolean);
}

/** Takes away what a run that was killed has left of its look at a volume that nobody looks into again. */
export async function tidyMount(cluster: Cluster, share: string, volume: Volume): Promise<void> {
  const { host, directory, isThere, unmount } = await placeOf(cluster, share, volume);
  if (!(await isThere())) return void (await attempt(host, cli.removeMountPoint(directory)));
  await attempt(host, content.removeProofs(directory));
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
  const here = await mount(cluster, share, volume);
  try {
    const result = await work(here);
    await here.unmount();
    return result;
  } catch (error) {
    // What went wrong before says more.
    await here.unmount().catch(() => {});
    throw error;
  }
}

async function mount(cluster: Cluster, share: string, volume: Volume): Promise<Mounted> {
  const { host, from, backups, directory, source, isThere, unmount } = await placeOf(cluster, share, volume);
  // What a run that was killed has left.
  if (await isThere()) await unmount();
  const command = cli.mountVolume(from, backups, volume.name, directory);
  if (!(await tryMount()).isMounted) {
    const now = (await observeVolumes(cluster)).get(volume.name);
    if (now) await serveAsTold(share, cluster, now);
    const again = await tryMount();
    if (!again.isMounted) {
      const names = await knownNames(cluster, volume);
      const what = `volume ${volume.name} cannot be mounted from ${from} to look at its content`;
      throw commandFault("COMMAND_FAILED", host, command, again.result, {
        object: share,
        ...(names.includes(from)
          ? {
              summary: what,
              fix: "`sharewright doctor` shows whether the certificate of this host is in order and its common name is in auth.ssl-allow",
            }
          : {
              summary: `${what}: pool and bricks know no server of that name, only ${names.join(", ")}`,
              fix: "correct servers[].host or exportHost of the cluster; if that name is right, `sharewright doctor` shows whether certificates are in order",
            }),
      });
    }
  }
  try {
    await prove();
  } catch (error) {
    await unmount().catch(() => {});
    throw error;
  }
  return { directory, host, look, unmount };

  async function tryMount() {
    await run(host, cli.makeMountPoint(directory));
    const result = await attempt(host, command);
    const isMounted = await isThere();
    if (isMounted && result.exitCode !== 0) await unmount();
    return { result, isMounted: isMounted && result.exitCode === 0 };
  }

  /** The name in the mount's source may lead to another cluster, which has volumes of the same names. */
  async function prove(): Promise<void> {
    const name = content.proofName(crypto().randomUUID());
    const proof = content.makeProof(directory, name);
    const made = await attempt(host, proof);
    try {
      if (succeeded(made) && (await onBrick((path) => cli.exists(`${path}/${name}`)))) return;
    } finally {
      await run(host, content.removeProofs(directory));
    }
    if (!succeeded(made)) {
      // Nothing can be made in a volume that is full, but a time can be set.
      if (!/Disk quota exceeded|No space left on device/.test(made.stderr))
        throw commandFault("COMMAND_FAILED", host, proof, made, { object: share });
      const time = crypto().randomInt(1e8, 1e9);
      await run(host, content.setTime(directory, time));
      if (
        await onBrick(
          (path) => content.havingTime(path, time),
          ({ stdout }) => stdout !== "",
        )
      )
        return;
    }
    throw fault("NO_SUCH_ROLE", {
      object: share,
      host: host.name,
      summary: `what ${source} shows cannot be proven to be volume ${volume.name} of cluster "${cluster.spec.name}": none of its bricks (${volume.bricks.join(", ")}) that can be looked at has what was made there`,
      fix:
        unnamed().length > 0
          ? `no servers[].host of the cluster is ${unnamed().join(" or ")}, as its bricks are called: correct or add them`
          : "see that exportHost is a server of this cluster",
    });
  }

  function unnamed(): string[] {
    const hosts = new Set(volume.bricks.map((brick) => splitBrick(brick).host));
    return [...hosts].filter((address) => !cluster.servers.some((server) => server.address === address));
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

  async function look<Seen>(see: () => Promise<Seen>): Promise<Seen> {
    const seen = await see();
    // Cut off from the volume, it would have looked at the bare directory below, while the mount is still listed for some seconds.
    if (!(await isThere()))
      throw fault("COMMAND_LOST", { object: share, host: host.name, summary: `the mount of ${source} went away` });
    await prove();
    return seen;
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
  await perform(share, [quiet(reviveStep(volume.name))], () => cluster.server, cluster.log);
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
