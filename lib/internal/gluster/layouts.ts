// How a volume that is created is laid out over the servers of its cluster.
import {
  brickSetSize,
  formatProvisioning,
  layoutProblem,
  splitBrick,
  transports,
  type VolumeLayout,
} from "../../../src/spec/gluster";
import type { Checks } from "../checks";
import * as errors from "./errors";
import type { BoundCluster } from "./gluster-stack";

/** Where something is left out the cluster's servers tell it. */
type LayoutWish = { readonly [K in keyof VolumeLayout]?: Readonly<VolumeLayout[K]> | undefined };

const most = 999;

/** @throws ShareSynthesisError for a layout that gluster would refuse, or that the servers cannot hold */
export function volumeLayout(check: Checks, options: LayoutWish, cluster: BoundCluster): VolumeLayout {
  const count = (name: "replica" | "disperse" | "redundancy", min: number) => {
    const value = options[name];
    return value === undefined ? {} : { [name]: check.integer(`Volume.create.${name}`, value, min, most) };
  };
  const counts: Pick<VolumeLayout, "replica" | "disperse" | "redundancy"> = {
    ...count("replica", 2),
    ...count("disperse", 3),
    ...count("redundancy", 1),
  };
  const layout: VolumeLayout = {
    ...counts,
    ...(options.arbiter ? { arbiter: true } : {}),
    transport: check.oneOf("Volume.create.transport", options.transport ?? "tcp", transports),
    bricks: options.bricks ? ownBricks(check, options.bricks, cluster) : defaultBricks(check, counts, cluster),
    force: options.force ?? false,
  };
  const problem = layoutProblem(layout);
  if (problem !== undefined) throw errors.badVolume(check.path, formatProvisioning({ kind: "create", layout }), problem);
  if (!layout.force) requireDistinctServers(check, layout, cluster);
  return layout;
}

function ownBricks(check: Checks, bricks: readonly string[], { spec }: BoundCluster): string[] {
  check.literal("Volume.create.bricks", bricks);
  const hosts = spec.servers.map(({ host }) => host);
  const elsewhere = bricks.find((brick) => splitBrick(brick).path !== "" && !hosts.includes(splitBrick(brick).host));
  if (elsewhere !== undefined) throw errors.brickElsewhere(check.path, elsewhere, hosts);
  return [...bricks];
}

/** Every root of every server, as many as make whole sets; server by server, so that the bricks of a set are on different ones. */
function defaultBricks(check: Checks, counts: Pick<VolumeLayout, "replica" | "disperse">, cluster: BoundCluster): string[] {
  const { brickRoots, servers } = cluster.spec;
  if (!brickRoots) throw errors.noBrickRoots(check.path, cluster.construct.node.path);
  const places = brickRoots.flatMap((root) => servers.map(({ host }) => `${host}:${root}`));
  const set = brickSetSize(counts);
  if (places.length < set) throw errors.tooFewPlaces(check.path, setWord(counts), set, places.length);
  return places.slice(0, places.length - (places.length % set));
}

// glusterd refuses what is checked here unless it is forced (golden create-replica3-samehost).
function requireDistinctServers(check: Checks, layout: VolumeLayout, { spec }: BoundCluster): void {
  const set = brickSetSize(layout);
  const hosts = layout.bricks.map((brick) => splitBrick(brick).host);
  for (let first = 0; first < hosts.length; first += set) {
    const different = new Set(hosts.slice(first, first + set)).size;
    if (different === set) continue;
    if (spec.servers.length < set) throw errors.tooFewServers(check.path, setWord(layout), set, spec.servers.length);
    throw errors.badVolume(
      check.path,
      layout.bricks.slice(first, first + set).join(" "),
      `these ${set} bricks are one set, and two of them are on one server, whose loss would take both`,
    );
  }
}

function setWord({ replica }: Pick<VolumeLayout, "replica">): string {
  return replica === undefined ? "disperse" : "replica";
}
