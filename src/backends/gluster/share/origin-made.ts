// Makes a volume for a share, its bricks named for the claim.
import { succeeded } from "../../../core/command";
import { attempt, run } from "../../../core/host";
import type { Step } from "../../../core/plan";
import { splitBrick, type VolumeLayout } from "../../../spec/gluster";
import { approximateSize, formatSize } from "../../../spec/size";
import * as cli from "../cli";
import { firstBrickEntry } from "../cli-content";
import { fault } from "../faults";
import type { BrickStatus, Volume } from "../parse";
import { type Cluster, serverOf } from "../site";
import { volumeCapacity } from "../volume/capacity";
import type { Looked } from "./observe";
import { newRecord, planFirstOptions } from "./plan";
import type { SeenMade } from "./seen";
import { removeBrickStep, type ShareWish, step } from "./steps";

/** Of a volume that is there, or of what it is to be made of. `names`: of the servers and the managing host. */
export async function lookAtMade(
  { cluster, volumes }: Looked,
  wish: ShareWish,
  layout: VolumeLayout,
  names: (cluster: Cluster) => Promise<string[]>,
): Promise<SeenMade> {
  const bricks = cli.bricksOf(wish.key, wish.claim, layout.bricks);
  const volume = volumes.get(wish.key);
  if (volume) requireOurs(wish, volume, bricks);
  const infrastructure = await names(cluster);
  if (infrastructure.length === 0) throw noNames(wish, cluster);
  const seen = { from: "made" as const, cluster, layout, bricks, infrastructure };
  return volume ? { ...seen, volume, left: [] } : { ...seen, left: await lookForRoom(cluster, wish, layout, bricks) };
}

/** Pure. Options come before the first start. */
export function planMade(wish: ShareWish, { cluster, volume, layout, bricks, infrastructure, left }: SeenMade): Step[] {
  const name = wish.key;
  if (volume) {
    const record = newRecord({ name, options: {} }, { wish, cluster: cluster.spec, infrastructure, origin: "made" });
    return planFirstOptions(wish, volume, record);
  }
  const say = `make volume ${name} of ${bricks.length} ${bricks.length === 1 ? "brick" : "bricks"}`;
  return [
    ...left.map((brick) =>
      removeBrickStep(
        name,
        brick,
        `remove ${brick.path} of ${brick.server.address}, empty, which a run that was cut off has left`,
      ),
    ),
    step("create-volume", say, cli.volumeCreate(name, layout, bricks)),
  ];
}

/** Bricks that are named for the claim say that an earlier run of ours made it and got no further. */
function requireOurs(wish: ShareWish, volume: Volume, bricks: readonly string[]): void {
  if (JSON.stringify(volume.bricks) === JSON.stringify(bricks) && volume.status === "created") return;
  throw fault("FOREIGN_VOLUME", {
    object: wish.key,
    summary: `volume ${volume.name} exists, but no record says that it is this share: nothing was touched`,
  });
}

function noNames(wish: ShareWish, cluster: Cluster) {
  return fault("PREFLIGHT", {
    object: wish.key,
    summary: `no certificate of a server of cluster "${cluster.spec.name}" can be read, so nobody can be let into a new volume`,
    fix: "see `sharewright doctor`",
  });
}

/**
 * Room for it, and no leftovers of a run that was cut off while glusterd made the volume: empty brick directories that are named for this claim.
 * With data in them they are what is left of the share when glusterd has lost its volume, and are not touched.
 */
async function lookForRoom(
  cluster: Cluster,
  wish: ShareWish,
  layout: VolumeLayout,
  bricks: readonly string[],
): Promise<SeenMade["left"]> {
  await requireRoom(cluster, wish, layout, bricks);
  const left: SeenMade["left"] = [];
  for (const brick of bricks) {
    const { host, path } = splitBrick(brick);
    const server = serverOf(cluster, host);
    if (!succeeded(await attempt(server, cli.exists(path)))) continue;
    const entry = (await run(server, firstBrickEntry(path))).stdout.trim();
    if (entry !== "") {
      throw fault("VOLUME_MISSING", {
        object: wish.key,
        host: server.name,
        summary: `volume ${wish.key} is not there, but its brick ${path} holds data (${entry}): it is not made anew`,
      });
    }
    left.push({ server, path });
  }
  return left;
}

/** @throws TOO_LARGE where the file systems of a volume that is to be made cannot hold it */
async function requireRoom(cluster: Cluster, wish: ShareWish, layout: VolumeLayout, bricks: readonly string[]): Promise<void> {
  const statuses = await Promise.all(bricks.map((brick) => brickStatus(cluster, brick)));
  const capacity = volumeCapacity(shapeOf(wish.key, layout, bricks), statuses);
  if (!capacity || capacity.total < wish.spec.size) {
    throw fault("TOO_LARGE", {
      object: wish.key,
      summary: `the bricks hold ${capacity ? approximateSize(capacity.total) : "an unknown size"}, and ${formatSize(wish.spec.size)} are asked for`,
    });
  }
}

async function brickStatus(cluster: Cluster, brick: string): Promise<BrickStatus> {
  const { host, path } = splitBrick(brick);
  const server = serverOf(cluster, host);
  const look = cli.sizeOf(path.slice(0, path.lastIndexOf("/")));
  const { stdout } = await run(server, look);
  const [, device, total, free] = /^(\S+) +(\d+) +(\d+)$/m.exec(stdout) ?? [];
  if (device === undefined || total === undefined || free === undefined) {
    throw fault("COMMAND_FAILED", {
      host: server.name,
      command: look.argv,
      said: stdout,
      summary: "df did not say how large the file system is",
    });
  }
  return { host, path, online: true, device, total: BigInt(total), free: BigInt(free) };
}

function shapeOf(name: string, { replica, arbiter, disperse, redundancy }: VolumeLayout, bricks: readonly string[]): Volume {
  return {
    name,
    id: "",
    status: "created",
    snapshots: 0,
    replica: replica ?? 1,
    arbiter: arbiter ? 1 : 0,
    disperse: disperse ?? 0,
    redundancy: disperse === undefined ? 0 : (redundancy ?? 1),
    bricks: [...bricks],
    members: [],
    options: {},
  };
}
