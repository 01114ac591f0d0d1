// The message about GlusterFS between constructs and executor. Clusters travel as JSON; a share, an access rule and a snapshot travel as the
// triggers of their applied resource: readable strings, one a property, so that a plan shows what a person would say.
import * as z from "zod/mini";
import { connectionSchema } from "./connection";
import { formatVolumeOptions, maxOptionBytes, parseVolumeOptions } from "./gluster-options";
import { matching, message } from "./message";
import {
  isGlusterSnapshotKey,
  isVolumeName,
  namePattern,
  nameRule,
  ownerPattern,
  ownerRule,
  sitePattern,
  siteRule,
  volumeNameRule,
} from "./name";
import { choice, derived, flag, mark, optional, orElse, passing, property, size, text, usually } from "./property";
import { removalPolicies } from "./removal-policy";
import { idPattern } from "./request";

/** `gluster volume quota limit-usage` takes bytes; less than this no file system could hold anything with. */
export const minVolumeSize = 1024n * 1024n;

export const sslAllow = "auth.ssl-allow";
/** The most that a list of common names may have. */
export const maxSslAllowBytes = maxOptionBytes - sslAllow.length;

export const defaultInfrastructureNames = ["glusterfs-server*", "manila-host*"];

// ---- names -----------------------------------------------------------------------------------------------------------------

/**
 * A common name that can be allowed: 1 to 64 (the limit of X.520) of letters, digits and . _ - @ : +. glusterfsd compares by fnmatch(3), and the
 * list is separated by commas and blanks, so no such character may be in it; "=" and "/" are of the text form of whole subjects.
 */
export const commonNamePattern = /^[A-Za-z0-9][A-Za-z0-9._@:+-]{0,63}$/;
export const commonNameRule =
  "the common name (CN) of one client certificate: 1 to 64 of A-Z a-z 0-9 . _ @ : + -, beginning with a letter or digit";

/** A pattern of names of servers and of the managing host: a name, or the beginning of names followed by "*". */
export const infrastructureNamePattern = /^[A-Za-z0-9][A-Za-z0-9._@:+-]{0,62}\*?$/;
export const infrastructureNameRule =
  'a common name, or the beginning of common names followed by "*", such as "glusterfs-server*"';

/** Whether a name is one of servers or of the managing host. Tenants may have none of these. */
export function isInfrastructureName(name: string, patterns: readonly string[]): boolean {
  return patterns.some((pattern) => (pattern.endsWith("*") ? name.startsWith(pattern.slice(0, -1)) : name === pattern));
}

// ---- volume pattern --------------------------------------------------------------------------------------------------------

export const sizePlaceholder = "#{size}";

/**
 * The regular expression of a volume pattern; it has to match the whole name. Digits in the place of `#{size}` are the volume's size in GiB.
 *
 * @throws SyntaxError as RegExp does
 */
export function volumePatternOf(pattern: string): { sizeOf(volume: string): bigint | "unsized" | undefined } {
  const [before = "", after, more] = pattern.split(sizePlaceholder);
  if (more !== undefined) throw new SyntaxError(`${sizePlaceholder} may stand once`);
  const source = after === undefined ? before : `${before}(?<size>\\d+)${after}`;
  // By itself first: "a)|(b" would be one between our own brackets.
  new RegExp(source);
  const expression = new RegExp(`^(?:${source})$`);
  return {
    sizeOf(volume) {
      const match = expression.exec(volume);
      if (!match) return undefined;
      const digits = match.groups?.["size"];
      return digits === undefined ? "unsized" : BigInt(digits) * 1024n ** 3n;
    },
  };
}

function isVolumePattern(pattern: string): boolean {
  try {
    volumePatternOf(pattern);
    return true;
  } catch {
    return false;
  }
}

// ---- clusters --------------------------------------------------------------------------------------------------------------

export const directoryRule = 'an absolute path without "..", blanks, ":" and "," and without "/" at its end';
const directory = z.string().check(z.refine(isDirectory, `write ${directoryRule}`));

/** A directory as brick lists and mount commands can name it. */
export function isDirectory(path: string): boolean {
  return /^(\/[A-Za-z0-9._+@-]+)+$/.test(path) && !path.split("/").some((part) => part === ".." || part === ".");
}

/** A server as the trusted pool, bricks and export locations name it. */
export const serverHostPattern = /^([A-Za-z0-9][A-Za-z0-9.-]{0,252}|[0-9A-Fa-f:]*:[0-9A-Fa-f:.]+)$/;
export const serverHostRule = "a host name or address as `gluster pool list` shows it";
const serverHost = z.string().check(matching(serverHostPattern, serverHostRule));

export const clusterSchema = z.strictObject({
  name: z.string().check(matching(namePattern, nameRule)),
  /** Which group of clusters it belongs to, where the stack has several. */
  site: z.optional(z.string().check(matching(sitePattern, siteRule))),
  servers: z.array(z.strictObject({ connection: connectionSchema, host: serverHost })).check(z.minLength(1)),
  volumePattern: z.optional(z.string().check(z.refine(isVolumePattern, "write a regular expression"))),
  /** Below it volumes are mounted to be looked at and emptied. */
  mountPointBase: directory,
  brickRoots: z.optional(z.array(directory)),
  exportHost: serverHost,
  backupVolfileServers: z.array(serverHost),
  owner: z.string().check(matching(ownerPattern, ownerRule)),
  infrastructureNames: z
    .array(z.string().check(matching(infrastructureNamePattern, infrastructureNameRule)))
    .check(z.minLength(1)),
  /** Where volumes are mounted to be looked at and emptied; absent: here if there is a mount helper, else on a server. */
  client: z.optional(connectionSchema),
  /** Directory of glusterfs.pem, .key and .ca on servers and client; absent: what the build of each looks in. */
  certificateDirectory: z.optional(directory),
  preflight: z.enum(["enforce", "warn"]),
});
export type ClusterSpec = z.infer<typeof clusterSchema>;
export const clustersSchema = z.array(clusterSchema).check(z.minLength(1));

// ---- provisioning ----------------------------------------------------------------------------------------------------------

export const transports = ["tcp", "rdma", "tcp,rdma"] as const;

export interface VolumeLayout {
  replica?: number;
  /** One brick of each replica set holds names only. */
  arbiter?: boolean;
  disperse?: number;
  redundancy?: number;
  transport: (typeof transports)[number];
  /** `HOST:DIRECTORY`: in each the volume's brick directory is made. */
  bricks: string[];
  /** Accepts bricks on the root file system and other advice of glusterd (`force`). */
  force: boolean;
}

export type Provisioning =
  | { kind: "pool" }
  | { kind: "create"; layout: VolumeLayout }
  /** `snapshot` is the key of the snapshot: "genomics@monday". */
  | { kind: "clone"; snapshot: string };

/** How many bricks belong together: the bricks of a volume are a multiple of it. */
export function brickSetSize({ replica, disperse }: Pick<VolumeLayout, "replica" | "disperse">): number {
  return replica ?? disperse ?? 1;
}

/** "pool", "clone genomics@monday", "create replica 3 arbiter 1 transport tcp force bricks s1:/data s2:/data s3:/data" */
export function formatProvisioning(provisioning: Provisioning): string {
  if (provisioning.kind === "pool") return "pool";
  if (provisioning.kind === "clone") return `clone ${provisioning.snapshot}`;
  const { replica, arbiter, disperse, redundancy, transport, bricks, force } = provisioning.layout;
  return [
    "create",
    ...(replica === undefined ? [] : [`replica ${replica}`]),
    ...(arbiter ? ["arbiter 1"] : []),
    ...(disperse === undefined ? [] : [`disperse ${disperse}`]),
    ...(redundancy === undefined ? [] : [`redundancy ${redundancy}`]),
    `transport ${transport}`,
    ...(force ? ["force"] : []),
    `bricks ${bricks.join(" ")}`,
  ].join(" ");
}

const provisioningPattern =
  /^create(?: replica (?<replica>\d{1,3}))?(?<arbiter> arbiter 1)?(?: disperse (?<disperse>\d{1,3}))?(?: redundancy (?<redundancy>\d{1,3}))? transport (?<transport>tcp|rdma|tcp,rdma)(?<force> force)? bricks (?<bricks>.+)$/;

export function parseProvisioning(text: string): Provisioning | undefined {
  if (text === "pool") return { kind: "pool" };
  if (text.startsWith("clone ")) {
    const snapshot = text.slice("clone ".length);
    return isGlusterSnapshotKey(snapshot) ? { kind: "clone", snapshot } : undefined;
  }
  const found = provisioningPattern.exec(text)?.groups;
  if (!found) return undefined;
  const count = (name: string) => (found[name] === undefined ? {} : { [name]: Number(found[name]) });
  const layout: VolumeLayout = {
    ...count("replica"),
    ...(found["arbiter"] === undefined ? {} : { arbiter: true }),
    ...count("disperse"),
    ...count("redundancy"),
    transport: found["transport"] as VolumeLayout["transport"],
    bricks: (found["bricks"] ?? "").split(" "),
    force: found["force"] !== undefined,
  };
  return layoutProblem(layout) === undefined ? { kind: "create", layout } : undefined;
}

/** What is wrong with a layout, whatever the servers; undefined if nothing. Source: `gluster volume help`, golden create-*. */
export function layoutProblem(layout: VolumeLayout): string | undefined {
  const { replica, arbiter, disperse, redundancy, bricks } = layout;
  if (replica !== undefined && disperse !== undefined) return "a volume is either replicated or dispersed";
  if (replica !== undefined && replica < 2) return "replica is at least 2";
  if (arbiter && replica !== 3) return "an arbiter belongs to replica 3: two copies, and names on the third brick";
  if (redundancy !== undefined && disperse === undefined) return "redundancy belongs to disperse";
  if (disperse !== undefined && disperse < 3) return "disperse is at least 3";
  if (disperse !== undefined && (redundancy ?? 1) * 2 >= disperse) return "redundancy is less than half of disperse";
  if (disperse !== undefined && (redundancy ?? 1) < 1) return "redundancy is at least 1";
  const set = brickSetSize(layout);
  if (bricks.length === 0) return "bricks is empty";
  if (bricks.length % set !== 0) return `the number of bricks is a multiple of ${set}, not ${bricks.length}`;
  const bad = bricks.find((brick) => !isBrick(brick));
  if (bad !== undefined) return `"${bad}" is no brick: write HOST:/DIRECTORY`;
  if (new Set(bricks).size !== bricks.length) return "a brick is named twice";
  return undefined;
}

function isBrick(brick: string): boolean {
  const { host, path } = splitBrick(brick);
  return serverHostPattern.test(host) && isDirectory(path);
}

/** A brick's host may be an IPv6 address: what begins with "/" is its path. */
export function splitBrick(brick: string): { host: string; path: string } {
  const at = brick.indexOf(":/");
  return at < 0 ? { host: brick, path: "" } : { host: brick.slice(0, at), path: brick.slice(at + 1) };
}

// ---- shares ----------------------------------------------------------------------------------------------------------------

const share = text(`write ${volumeNameRule}`, isVolumeName);
/** Names of the clusters that an object may be on. */
const clusters = property(
  "write names of clusters, joined by a comma and a blank",
  (text) => {
    const names = text.split(", ");
    return names.every((name) => namePattern.test(name)) && new Set(names).size === names.length ? names : undefined;
  },
  (names) => names.join(", "),
);
const volumeName = z.string().check(z.refine(isVolumeName, volumeNameRule));

/** A share, in the order in which a plan shows it. */
export const glusterShareMessage = message(
  {
    share,
    clusters,
    size: size(minVolumeSize, 1n, "10 GiB"),
    provisioning: property(
      'write "pool", "clone SHARE@SNAPSHOT" or "create ... bricks HOST:/DIRECTORY ..."',
      parseProvisioning,
      formatProvisioning,
    ),
    volumeOptions: orElse({}, property("write NAME=VALUE, joined by blanks", parseVolumeOptions, formatVolumeOptions)),
    removalPolicy: usually("retain", choice(removalPolicies)),
    /** It is not removed until this has been taken back by an apply. */
    deletionProtection: optional(mark),
    adopt: passing(flag),
    /** Consents to a restart of the volume, which cuts its clients for a moment, where a change takes effect in no other way. */
    allowRestart: flag,
  },
  {
    claim: z.string().check(matching(idPattern, "is the id of a claim")),
    // For those who refer to the share, where its place is known at synthesis.
    volume: z.optional(volumeName),
    export_location: z.optional(z.string()),
    mount_command: z.optional(z.string()),
    fstab_entry: z.optional(z.string()),
  },
);
export type GlusterShareWire = z.input<typeof glusterShareMessage.triggers>;
export type GlusterShareSpec = z.output<typeof glusterShareMessage.triggers>["spec"];

// ---- access rules ----------------------------------------------------------------------------------------------------------

export const glusterRuleMessage = message({
  share,
  clusters,
  commonName: text(`write ${commonNameRule}`, (name) => commonNamePattern.test(name)),
  level: usually("rw", choice(["rw"])),
  /** Take over a rule of another claim (the share is being adopted). */
  adopt: passing(derived(flag)),
});
export type GlusterRuleWire = z.input<typeof glusterRuleMessage.triggers>;
export type GlusterRuleSpec = z.output<typeof glusterRuleMessage.triggers>["spec"];

// ---- snapshots -------------------------------------------------------------------------------------------------------------

export const glusterSnapshotMessage = message(
  {
    share,
    clusters,
    /** Its name on the storage, unique in the cluster. */
    snapshot: text(`write ${volumeNameRule}`, isVolumeName),
    /** Take over a snapshot of another claim (the share is being adopted). */
    adopt: passing(derived(flag)),
  },
  // What clones refer to.
  { key: z.string().check(z.refine(isGlusterSnapshotKey, "write SHARE@SNAPSHOT")) },
);
export type GlusterSnapshotWire = z.input<typeof glusterSnapshotMessage.triggers>;
export type GlusterSnapshotSpec = z.output<typeof glusterSnapshotMessage.triggers>["spec"];

// ---- where a client finds a share --------------------------------------------------------------------------------------------

export interface ShareLocation {
  export_location: string;
  mount_command: string;
  fstab_entry: string;
}

/** The mount option that names them; "" without any. mount.glusterfs takes brackets for those of an IPv6 address. */
export function backupOption(servers: readonly string[]): string {
  const hosts = servers.map((host) => (host.includes(":") ? `[${host}]` : host)).join(":");
  return hosts === "" ? "" : `backup-volfile-servers=${hosts}`;
}

/** How clients mount a volume on `/mnt/<share>`; any of the backup servers may tell them where its bricks are. */
export function locationOf(
  cluster: Pick<ClusterSpec, "exportHost" | "backupVolfileServers">,
  share: string,
  volume: string,
): ShareLocation {
  const { exportHost, backupVolfileServers } = cluster;
  const location = `${exportHost}:/${volume}`;
  const backups = backupOption(backupVolfileServers);
  // A shell would take brackets for a pattern.
  const option = backups.includes("[") ? `'${backups}'` : backups;
  return {
    export_location: location,
    mount_command: `mount -t glusterfs ${backups === "" ? "" : `-o ${option} `}${location} /mnt/${share}`,
    fstab_entry: `${location} /mnt/${share} glusterfs defaults,_netdev${backups === "" ? "" : `,${backups}`} 0 0`,
  };
}
