// What an apply of a share meets: a volume that is marked for it, or what one is to be had of.
import type { ShareError } from "../../../core/errors";
import type { VolumeLayout } from "../../../spec/gluster";
import type { BrickStatus, Volume } from "../parse";
import type { Slot } from "../records";
import type { Cluster, Server } from "../site";
import type { Limit, SeenShare } from "./observe";

export type Seen = SeenMarked | SeenOrigin;

export interface SeenMarked extends SeenShare {
  cluster: Cluster;
  /** Where it is to hold more than before. */
  bricks?: readonly BrickStatus[];
  /** Where it is to hold less: whether its quota daemons run, without which its use is unknown. */
  countsUse?: boolean;
  /** Of a volume of the pool that was not shown yet. */
  proof?: Proof;
  /** What an unfinished clone has left: see `planTidy`. */
  cloning?: Cloning;
  /** It was marked just now, and nothing else of it was looked at since. */
  isNew?: true;
}

/** What has to be known of a volume of the pool before it is shown: it has its limit, and is empty after that. */
export interface Proof {
  limit: Limit | "not set";
  /** Nothing of it was changed yet: another one is taken where this one will not do. */
  untouched: boolean;
  bricks?: readonly BrickStatus[];
  /** Why it will not do, in words that follow its name; or why that cannot be seen. */
  trace?: string | ShareError;
}

/** Nothing is marked for the share: what a volume for it is to be had of. */
export type SeenOrigin = SeenPool | SeenAdoptable | SeenMade | SeenClone;

/** The free volume that comes first, with nobody else picking meanwhile. */
export interface SeenPool {
  from: "pool";
  cluster: Cluster;
  volume: Volume;
  infrastructure: string[];
  bricks: BrickStatus[];
}

/** A volume of the share's name that is nobody's. */
export interface SeenAdoptable {
  from: "adopted";
  cluster: Cluster;
  volume: Volume;
  /** TLS is in force, and not only set. */
  servesTls: boolean;
}

/** A volume that is to be made, or was made and not marked. */
export interface SeenMade {
  from: "made";
  cluster: Cluster;
  volume?: Volume;
  layout: VolumeLayout;
  bricks: string[];
  /** Common names that the new volume has to let in. */
  infrastructure: string[];
  /** Empty brick directories of a run that was cut off while glusterd made the volume. */
  left: { server: Server; path: string }[];
}

/** A volume that is to be cloned, or was cloned and not marked. */
export interface SeenClone {
  from: "clone";
  cluster: Cluster;
  parent: Volume;
  /** The snapshot's own name. */
  snapshot: string;
  active: boolean;
  volume?: Volume;
}

/** That a clone is being made is noted on the volume of the snapshot. */
export interface Cloning {
  parent: Volume;
  slot: Slot;
  active: boolean;
}
