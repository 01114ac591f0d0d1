// Ways in which work on Lustre can end other than well.
import { type Advice, coreFaults, faultsOf, type Meaning } from "../../core/errors";

export const lustreFaults = {
  FOREIGN_DIRECTORY: {
    exit: 3,
    summary: "a directory that sharewright did not make is in the place of the share",
    fix: "choose another shareName, or set adopt: true to take the directory over with its data",
  },
  ADOPT_REFUSED: {
    exit: 3,
    summary: "the directory cannot be adopted as it is",
    fix: "prepare it as said above, then apply again",
  },
  SHARE_MISSING: {
    exit: 3,
    summary: "the directory of a share that was ready is gone; it is not silently made anew and empty",
    fix: "restore the data, or make it anew with `sharewright repair --recreate KEY`",
    lost: "directory",
  },
  USE_UNKNOWN: {
    exit: 3,
    summary: "the use of the project id cannot be read reliably now, so the limit is not lowered",
    fix: "bring all targets back (`lfs check servers`), then apply again",
  },
  TARGET_DOWN: {
    exit: 5,
    summary: "a target of the file system does not answer",
    fix: "bring it back (`sharewright capacity` and `lfs check servers` name it), then apply again: it goes on from here",
  },
  LAYOUT_CUT: {
    exit: 3,
    summary: "the layout asks for more of each file on the MDT than the MDT takes; Lustre would cut it without a word",
    fix: "ask for less, or raise dom_stripesize on the MDT",
  },
  ALREADY_OPEN: {
    exit: 3,
    summary: "something that no access rule made opens the place of the share to clients",
    fix: "take the fileset out of that nodemap, or choose another place",
  },
  STILL_OPEN: {
    exit: 3,
    summary: "the directory is still open to clients, so it is not let go",
    fix: "remove the access rules first; from a nodemap of others take the fileset out, then apply again",
  },
  STILL_MOUNTED: {
    exit: 3,
    summary: "a client that is banned still has the file system mounted, and would have all that it had mounted again",
    fix: "unmount the file system there, or restart the client, then lift the ban; --even-mounted lifts it all the same",
  },
  PREFLIGHT: {
    exit: 3,
    summary: "the file system is not in a state in which limits and access hold",
    fix: "see `sharewright doctor`; `sharewright bootstrap` sets what is missing; or set preflight: warn to go on at your own risk",
  },
  PROJECT_IDS_EXHAUSTED: {
    exit: 4,
    summary: "no project id of the range is free",
    fix: "widen projectIds of the file system, or purge the trash (`sharewright trash purge`)",
  },
  ACCESS_CONFLICT: {
    exit: 4,
    summary: "Lustre cannot give these clients what the rules ask for together",
    fix: "give the client one level, squash and rbac on all its shares, or separate the clients",
  },
  NID_TAKEN: {
    exit: 4,
    summary: "the address is not ours to give: it is in a nodemap of others, or a server's",
    fix: "choose other clients, or take the range out of the other nodemap first",
  },
  NOT_LUSTRE: {
    exit: 3,
    summary: "the mount point is not this Lustre file system",
    fix: "mount it on the client, or correct fsName and mountPoint",
  },
  NOT_ROOT: {
    exit: 3,
    summary: "only a part of the file system is mounted there",
    fix: "mount the whole of it (`findmnt -T MOUNT` shows what is mounted: host:/fsname, without a directory behind it), set mountPoint to just that mount, and let the host be in a trusted nodemap without a fileset (`sharewright bootstrap`)",
  },
  OTHER_SITE: {
    exit: 3,
    summary: "the mount point holds the file system of another site, which has the same name",
    fix: "mount the right one there, or correct `site`, which is the same in every stack that describes the file system",
  },
  PARENT_UNSAFE: {
    exit: 3,
    summary: "a directory on the way to the share or to the records is not root's alone",
    fix: "chown root:root and chmod go-w each directory on the way, then look whether what lies in it is what you expect",
  },
  NOT_MGS: {
    exit: 3,
    summary: "the host is not the MGS, where nodemaps live",
    fix: "point `mgs` at the host whose `lctl dl` shows MGS",
  },
  VERSION: {
    exit: 8,
    summary: "the version of the servers cannot do what is asked for",
    fix: "upgrade them; for Lustre set lustreVersion of the file system to what they run",
  },
} as const satisfies Record<string, Meaning>;

export const fault = faultsOf({ ...coreFaults, ...lustreFaults });

/** What to do where a command ends in a way that is the same on all storage. */
export const lustreAdvice: Advice = {
  stuck:
    "it is still there and cannot be killed while what it waits for is away, and until then it keeps this run's locks, so that the next run waits for it: bring the target back (`lfs check servers`; the MDS's log names it), then apply again",
  DEADLINE: "see whether all servers answer (`lfs check servers`), then apply again",
  LOCKED:
    "wait for it to end; `fuser -v FILE` on the host shows who holds it. A command that hangs on a target that is down keeps it until the target is back",
  TOOL_MISSING: "install the tools of Lustre there, or add their directory to the connection's path",
};
