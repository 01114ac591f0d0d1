import { mark } from "../internal/brands";
import * as kind from "../internal/property-kinds";
import { readProperties, type Shape } from "../internal/property-kinds";

/** The network that clients reach the bricks over. Some builds have TCP only, such as that of GlusterFS 10.3 in Debian. */
export enum GlusterTransport {
  /** TCP, over any network that carries IP. */
  TCP = "tcp",

  /** RDMA, where the servers' build has it. */
  RDMA = "rdma",

  /** Either. */
  TCP_RDMA = "tcp,rdma",
}

/** How a volume is laid out that is created for a share. */
export interface VolumeCreateOptions {
  /**
   * Copies of every file, at least 2, each on another server.
   *
   * @default - one: files are distributed over the bricks
   */
  readonly replica?: number;

  /**
   * Makes the third brick of each set of `replica: 3` an arbiter, which holds names only: two copies, without split brain.
   *
   * @default false
   */
  readonly arbiter?: boolean;

  /**
   * Bricks that each file is dispersed over by an erasure code, at least 3, each on another server. Not together with `replica`.
   *
   * @default - not dispersed
   */
  readonly disperse?: number;

  /**
   * How many bricks of a dispersed set may fail: at least 1, less than half of `disperse`.
   *
   * @default - what gluster works out for that number of bricks
   */
  readonly redundancy?: number;

  /**
   * What clients and bricks talk over.
   *
   * @default GlusterTransport.TCP
   */
  readonly transport?: GlusterTransport;

  /**
   * Where the bricks lie, as `HOST:DIRECTORY` of the cluster's servers, in the order in which sets are formed. Each brick is a directory
   * of its own below that one, made and removed with the volume.
   *
   * @default - every one of the cluster's `brickRoots` on every server, as many as make whole sets
   */
  readonly bricks?: string[];

  /**
   * Accepts what glusterd advises against: bricks on the root file system, or a set with several bricks on one server, whose loss then
   * takes more than one copy.
   *
   * @default false
   */
  readonly force?: boolean;
}

const volumeCreate: Shape<VolumeCreateOptions> = {
  replica: kind.count,
  arbiter: kind.flag,
  disperse: kind.count,
  redundancy: kind.count,
  transport: kind.choice,
  bricks: kind.texts("server1:/data/bricks"),
  force: kind.flag,
};

/** Where the volume of a share comes from. Made by `Pool.pick` and `Volume.create`. */
export class GlusterProvisioning {
  /** @internal */
  static _pool(): GlusterProvisioning {
    return new GlusterProvisioning(undefined);
  }

  /** @internal */
  static _create(options: VolumeCreateOptions): GlusterProvisioning {
    return new GlusterProvisioning(options);
  }

  /** @internal How the volume is created; undefined where it is picked. */
  get _created(): VolumeCreateOptions | undefined {
    return this.created;
  }

  // Private, so that the compiler, too, takes nothing else for one.
  private constructor(private readonly created: VolumeCreateOptions | undefined) {
    mark(this, "GlusterProvisioning");
  }
}

/** Volumes that an administrator has made beforehand. */
export class Pool {
  /**
   * The smallest free volume of the pool that is large enough: one whose name the cluster's `volumePattern` matches, which no share has,
   * and whose real capacity holds the share's size. When the share is destroyed, the volume is emptied and goes back to the pool.
   *
   * Which one it is turns out only at deploy time, so the share's location cannot be used in the stack: `sharewright list --json` tells.
   */
  static pick(): GlusterProvisioning {
    return GlusterProvisioning._pool();
  }

  private constructor() {}
}

/** Volumes that are made for a share. */
export class Volume {
  /**
   * A volume of its own for the share, with the name of the share (`gluster volume create`). Needs exactly one cluster. When the share is
   * destroyed, volume and bricks are deleted. The layout counts when the volume is made.
   */
  static create(options: VolumeCreateOptions = {}): GlusterProvisioning {
    return GlusterProvisioning._create(readProperties({ property: "Volume.create" }, options, volumeCreate));
  }

  private constructor() {}
}
