// Ways in which work on GlusterFS can end other than well.
import { type Advice, coreFaults, faultsOf, type Meaning } from "../../core/errors";

export const glusterFaults = {
  USE_UNKNOWN: {
    exit: 3,
    summary: "the use of the volume cannot be read reliably now, so the limit is not lowered",
    fix: "`gluster volume status VOLUME quotad` shows which quota daemon is down; `gluster volume start VOLUME force` starts it",
  },
  STILL_OPEN: {
    exit: 3,
    summary: "the volume still lets clients in, so it is not let go",
    fix: "remove the access rules first, then apply again",
  },
  NO_FREE_VOLUME: {
    exit: 4,
    summary: "no pool volume is free, started, closed to strangers and large enough",
    fix: "add volumes that match volumePattern, ask for less, or use Volume.create",
  },
  TOO_LARGE: {
    exit: 4,
    summary: "the bricks cannot hold what is asked for",
    fix: "ask for less, or add bricks",
  },
  FOREIGN_BRICK: {
    exit: 3,
    summary: "a brick of the volume was not made with it, so it is not deleted",
    fix: "move the data out of the way, then delete the volume by hand",
  },
  FOREIGN_VOLUME: {
    exit: 3,
    summary: "a volume that sharewright did not make has the name of the share",
    fix: "choose another shareName, or set adopt: true to take the volume over with its data",
  },
  OTHER_SITE: {
    exit: 3,
    summary: "the volume is a share of another site",
    fix: "correct the connections of the cluster's servers, or `site`, which is the same in every stack that describes the cluster",
  },
  VOLUME_OPEN: {
    exit: 3,
    summary: "auth.ssl-allow of the volume is not an explicit list of names: every certificate of the CA would be let in",
    fix: "set it to the common names of the servers and of the managing host: `gluster volume set VOLUME auth.ssl-allow NAME,NAME`",
  },
  VOLUME_MISSING: {
    exit: 3,
    summary: "the volume of a share that was ready is gone; it is not silently made anew and empty",
    fix: "restore it, or let Terraform forget the share with `terraform state rm`",
    lost: "volume",
  },
  VOLUME_NOT_EMPTY: {
    exit: 3,
    summary: "the volume is not as nobody ever used it after its content was deleted, so it is not given back",
    fix: "look at what is left, and apply again: gluster empties .glusterfs/unlink and landfill by itself; something may be writing to its bricks directly",
  },
  RESTART_NEEDED: {
    exit: 3,
    summary: "this takes effect only when the volume is restarted, which cuts off all its clients for a moment",
    fix: "set allowRestart: true on the share to consent to it",
  },
  SNAPSHOT_MISSING: {
    exit: 4,
    summary: "the snapshot is not there",
    fix: "make it first (GlusterSnapshot); `sharewright list` shows what exists",
  },
  SNAPSHOTS_EXIST: {
    exit: 3,
    summary: "the volume has snapshots, so it cannot be removed",
    fix: "remove its GlusterSnapshots first; `gluster snapshot list VOLUME` shows all",
  },
  SNAPSHOTS_UNSUPPORTED: {
    exit: 3,
    summary: "the volume cannot have snapshots: its bricks are not thinly provisioned logical volumes",
    fix: "make the volume of bricks on thin LVM; nothing is remembered, so the next apply tries again",
  },
  GLUSTERD_DOWN: {
    exit: 5,
    summary: "glusterd does not answer on the server",
    fix: "`systemctl status glusterd` there; what was begun goes on at the next apply. One that was killed while it made a volume may refuse to start until vols/VOLUME, without bricks in it, is removed from its working directory",
  },
  SERVER_CANNOT_MOUNT: {
    exit: 3,
    summary: "the server cannot mount its own volume, by which gluster sets and tells limits",
    fix: "the end of quota-mount-VOLUME.log in its log directory says why; most often it has no certificate where its build of GlusterFS looks (/etc/ssl, in Debian 12 /usr/lib/ssl), or auth.ssl-allow does not name it",
  },
  PEER_DOWN: {
    exit: 5,
    summary: "a server that holds a brick of the volume is not connected to the others",
    fix: "bring its glusterd back (`gluster peer status`), then apply again",
  },
  BRICKS_DOWN: {
    exit: 5,
    summary: "bricks of the volume do not run, so what is in it cannot be seen whole",
    fix: "`gluster volume status VOLUME` shows which; bring their servers back, then apply again",
  },
  CLUSTER_BUSY: {
    exit: 7,
    summary: "other transactions kept the cluster busy for two minutes",
    fix: "apply again; if it stays so, a server may hold a stale lock: restart its glusterd",
  },
  NO_LOCK_SERVER: {
    exit: 2,
    summary: "no connection leads to the server on which runs agree to take their locks",
    fix: "add it to `servers` of the GlusterCluster",
  },
} as const satisfies Record<string, Meaning>;

export const fault = faultsOf({ ...coreFaults, ...glusterFaults });

/** What to do where a command ends in a way that is the same on all storage. */
export const glusterAdvice: Advice = {
  DEADLINE: "see whether all servers answer (`gluster peer status`), then apply again",
  TOOL_MISSING: "install the tools of GlusterFS there, or add their directory to the connection's path",
};
