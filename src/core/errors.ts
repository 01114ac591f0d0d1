// One error class, one table: every way in which work can end other than well.
import { printable } from "./printable";
import { quote } from "./quote";

/** What a fault means, in general: its exit code, what happened, and what usually mends it. `sharewright explain CODE` prints it. */
interface Meaning {
  exit: number;
  summary: string;
  fix: string;
}

export const faults = {
  INTERNAL: { exit: 1, summary: "sharewright did something wrong", fix: "please report it with the output above" },
  BAD_REQUEST: { exit: 2, summary: "the request cannot be understood", fix: "correct the property named above" },
  NOT_CONVERGED: {
    exit: 1,
    summary: "every command succeeded, but a second look still differs from what was asked for",
    fix: "look at the remaining steps with `sharewright plan`; somebody may be changing the same object",
  },
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
  },
  SHRINK_BELOW_USE: {
    exit: 3,
    summary: "the new limit is below, or too near, what is in use",
    fix: "free space first or ask for more; use is judged with a margin of 5 % because it is reported late",
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
    summary: "the storage is not in a state in which limits and access hold",
    fix: "see `sharewright doctor`; `sharewright bootstrap` sets what is missing; or set preflight: warn to go on at your own risk",
  },
  MANAGED_ELSEWHERE: {
    exit: 4,
    summary: "another stack manages this object",
    fix: "remove it there first, or set adopt: true to take it over",
  },
  PROJECT_ID_TAKEN: {
    exit: 4,
    summary: "the project id belongs to something else",
    fix: "compare `lfs project -d` of the directory with `sharewright list`",
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
  SHARE_NOT_READY: {
    exit: 4,
    summary: "the rule opens a share that does not exist or is being removed",
    fix: "create the share first; `sharewright list` shows what exists",
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
  FOREIGN_VOLUME: {
    exit: 3,
    summary: "a volume that sharewright did not make has the name of the share",
    fix: "choose another shareName, or set adopt: true to take the volume over with its data",
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
  RECORD_BROKEN: {
    exit: 4,
    summary: "a record of sharewright on the file system cannot be read",
    fix: "look at the file named above; restore it from a backup, or move it away and adopt the object",
  },
  LOCKED: {
    exit: 7,
    summary: "another run holds the lock",
    fix: "wait for it to end; `fuser -v FILE` on the host shows who holds it. A command that hangs on a target that is down keeps it until the target is back",
  },
  COMMAND_FAILED: { exit: 6, summary: "a command failed", fix: "see what it said; the next apply goes on from here" },
  OUTPUT_TOO_LONG: {
    exit: 6,
    summary: "a command said far more than it should, and was ended",
    fix: "run it by hand to see what it says",
  },
  SECRET_MISSING: {
    exit: 2,
    summary: "a secret that the connection refers to is not there",
    fix: "set the environment variable, or name the file, for the process that runs Terraform",
  },
  CANNOT_CONNECT: {
    exit: 5,
    summary: "the host cannot be reached over SSH",
    fix: "see what it said; try `ssh -v` with the same user, host and port",
  },
  HOST_KEY_UNKNOWN: {
    exit: 5,
    summary: "the host's key is not known, so it may be anybody",
    fix: "compare the fingerprint with the one that the host's administrator names, then add the line above, or set hostKey",
  },
  HOST_KEY_CHANGED: {
    exit: 5,
    summary: "the host shows another key than the known one: it may be somebody else",
    fix: "ask the host's administrator; only if the key was really changed, replace the line above",
  },
  HOST_KEY_REVOKED: {
    exit: 5,
    summary: "the host shows a key that was revoked",
    fix: "do not connect; ask the host's administrator for a new key",
  },
  AUTHENTICATION_FAILED: {
    exit: 5,
    summary: "the host does not let us in",
    fix: "see which ways were tried above; check user, key and its authorized_keys there",
  },
  LOGIN_SHELL: {
    exit: 5,
    summary: "the user's login shell does not start /bin/sh",
    fix: "give the user a login shell that runs commands, or let authorized_keys allow /bin/sh",
  },
  SUDO_REFUSED: {
    exit: 5,
    summary: "sudo does not run the command without a password",
    fix: "`sharewright sudoers` prints the rules that the user needs",
  },
  NO_SUCH_ROLE: {
    exit: 5,
    summary: "none of the connection's hosts is the one that is looked for",
    fix: "see what each of them said above; name the host that has the role now",
  },
  COMMAND_LOST: { exit: 5, summary: "a command was cut off", fix: "apply again: the next run looks first and goes on from here" },
  DEADLINE: {
    exit: 7,
    summary: "a command did not end in time",
    fix: "see whether all servers answer (`lfs check servers`, `gluster peer status`), then apply again",
  },
  TOOL_MISSING: {
    exit: 8,
    summary: "a tool is missing on the host",
    fix: "install the tools of Lustre or GlusterFS there, or add their directory to the connection's path",
  },
  VERSION: {
    exit: 8,
    summary: "the version of the servers cannot do what is asked for",
    fix: "upgrade them; for Lustre set lustreVersion of the file system to what they run",
  },
} as const satisfies Record<string, Meaning>;

export type FaultCode = keyof typeof faults;

const brand = Symbol.for("sharewright/ShareError");

export class ShareError extends Error {
  readonly [brand] = true;
  code: FaultCode = "INTERNAL";
  /** What exactly is wrong, in one sentence. */
  summary = "";
  object?: string;
  host?: string;
  command?: readonly string[];
  /** What the tool said. */
  said?: string;
  fix?: string;

  static isShareError(value: unknown): value is ShareError {
    return typeof value === "object" && value !== null && brand in value;
  }
}

export function fault(
  code: FaultCode,
  details: Partial<Pick<ShareError, "summary" | "object" | "host" | "command" | "said" | "fix" | "cause">> = {},
): ShareError {
  const summary = details.summary ?? faults[code].summary;
  return Object.assign(new ShareError(summary), { ...details, code, summary });
}

export function exitCodeOf(error: unknown): number {
  return ShareError.isShareError(error) ? faults[error.code].exit : faults.INTERNAL.exit;
}

/** The error block for people; the diagnosis stands last because Terraform repeats only the last 8 KB. */
export function renderError(error: unknown): string {
  if (!ShareError.isShareError(error))
    return `error INTERNAL  ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`;
  const rows: [string, string | undefined][] = [
    ["object", error.object],
    ["host", error.host],
    ["command", error.command && quote(error.command)],
    ["said", error.said && shortened(error.said)],
    ["fix", error.fix ?? faults[error.code].fix],
  ];
  const lines = rows.flatMap(([label, text]) => (text ? [`  ${label.padEnd(9)} ${printable(text, indent)}`] : []));
  return [`error ${error.code}  ${printable(error.summary, indent)}`, ...lines].join("\n");
}

export function errorDocument(error: unknown): Record<string, unknown> {
  if (!ShareError.isShareError(error)) return { code: "INTERNAL", summary: String(error) };
  const { code, summary, object, host, command, said, fix } = error;
  return { code, summary, object, host, command, said, fix: fix ?? faults[code].fix };
}

const maxSaid = 2000;
const indent = " ".repeat(12);

function shortened(text: string): string {
  const said = text.trim();
  return said.length > maxSaid ? `… ${said.slice(-maxSaid)}` : said;
}
