// The message about Lustre between constructs and executor. A file system travels as JSON; a share and an access rule travel as
// the triggers of their applied resource: readable strings, one a property, so that a plan shows what a person would say.
import * as z from "zod/mini";
import { connectionSchema, mountedConnectionSchema } from "./connection";
import { formatLayout, layoutProblem, parseLayout } from "./layout";
import { matching, message } from "./message";
import {
  filesetPathRule,
  fsNamePattern,
  fsNameRule,
  isFilesetPath,
  isRelativePath,
  isShareKey,
  nameAtSite,
  ownerPattern,
  ownerRule,
  relativePathRule,
  sitePattern,
  siteRule,
} from "./name";
import { choice, count, derived, flag, mark, note, optional, passing, property, size, text, usually } from "./property";
import { removalPolicies } from "./removal-policy";
import { formatSize } from "./size";

export const lustreVersions = ["2.16", "2.17"] as const;
export type LustreVersion = (typeof lustreVersions)[number];

/** What becomes of what clients have mounted when it is taken from them. */
export const revocations = ["lazy", "cut", "ban"] as const;
export type Revocation = (typeof revocations)[number];

export const accessLevels = ["rw", "ro"] as const;
export type AccessLevel = (typeof accessLevels)[number];

/** Limits are handed out to targets in units of this size; a smaller one cannot be enforced (`lfs setquota` warns, golden y238). */
export const minShareSize = 1024n * 1024n;
/** A unit of inodes (golden y230). */
export const minInodes = 1024n;
/** Every target may keep a unit to itself: of 1 MiB nothing could be written, of 4 MiB 2.9 (reference: second look). */
export const leastNewSize = 16n * minShareSize;
/** The highest project id (4294967295 means "unset" to `lfs project`). */
export const maxProjectId = 4294967294;
/** Exact text of limits up to this many inodes (a JavaScript number travels from the constructs). */
export const maxInodes = BigInt(Number.MAX_SAFE_INTEGER);
export const maxId = 4294967294;

/** A limit that can be set and does not hold what it says. */
export interface LimitDoubt {
  property: "size" | "inodes";
  found: string;
  fix: string;
}

// Below it, what is lost of the last unit is more than 5 %.
const roundInodes = 20n * minInodes;

/** The same words at synthesis and at deployment; of limits that are known. */
export function limitDoubts({ size, inodes }: { size?: bigint | undefined; inodes?: bigint | undefined }): LimitDoubt[] {
  const doubts: LimitDoubt[] = [];
  if (size !== undefined && size < leastNewSize) {
    doubts.push({
      property: "size",
      found: `${formatSize(size)}: servers hand limits out in units of 1 MiB a target, so that little or nothing of it can be written`,
      fix: `write ${formatSize(leastNewSize)} or more: a new share below that is refused at deploy time`,
    });
  }
  if (inodes !== undefined && inodes < roundInodes && inodes % minInodes !== 0n) {
    doubts.push({
      property: "inodes",
      found: `${inodes}: servers hand inodes out in units of ${minInodes}, so that the share holds ${inodes - (inodes % minInodes)}`,
      fix: `write a multiple of ${minInodes}`,
    });
  }
  return doubts;
}

const absolutePath = z.string().check(z.refine(isAbsolutePath, 'write an absolute path without ".." and without "/" at its end'));

function isAbsolutePath(path: string): boolean {
  return /^\/[^\p{Cc}]*[^\p{Cc}/]$/u.test(path) && !path.split("/").includes("..");
}

export const fileSystemSchema = z.strictObject({
  fsName: z.string().check(matching(fsNamePattern, fsNameRule)),
  /** Which one it is, where the stack has another of the name. */
  site: z.optional(z.string().check(matching(sitePattern, siteRule))),
  mountPoint: absolutePath,
  /** One text a host: its NIDs joined by "," (multi-rail); the hosts are fail-over partners. */
  exportNids: z.array(z.string()).check(z.minLength(1)),
  pathPrefix: z.string().check(z.refine(isRelativePath, relativePathRule)),
  projectIds: z.strictObject({ start: z.int().check(z.minimum(1)), end: z.int().check(z.maximum(maxProjectId)) }),
  owner: z.string().check(matching(ownerPattern, ownerRule)),
  lustreVersion: z.enum(lustreVersions),
  revocation: z.enum(revocations),
  preflight: z.enum(["enforce", "warn"]),
  trustedClients: z.optional(z.array(z.string())),
  client: connectionSchema,
  mgs: connectionSchema,
  mds: z.optional(mountedConnectionSchema),
  servers: z.optional(z.array(connectionSchema)),
});
export type FileSystemSpec = z.infer<typeof fileSystemSchema>;

/** What a file system is called within a stack: no other of the stack is called so. */
export function fileSystemName({ fsName, site }: Pick<FileSystemSpec, "fsName" | "site">): string {
  return nameAtSite(fsName, site);
}

export type Squash = { kind: "root" } | { kind: "none" } | { kind: "all"; uid: number; gid: number };

/** The roles of a nodemap's rbac property that may be asked for. Source: lctl-nodemap_modify(8), golden d103 and d105. */
export const rbacRoles = [
  "file_perms",
  "dne_ops",
  "quota_ops",
  "byfid_ops",
  "chlg_ops",
  "fscrypt_admin",
  "server_upcall",
  "ignore_root_prjquota",
  "hsm_ops",
  "local_admin",
  "pool_quota_ops",
] as const;
/** Roles that 2.16 knows. */
export const rbacRoles216: readonly string[] = ["file_perms", "dne_ops", "quota_ops", "byfid_ops", "chlg_ops", "fscrypt_admin"];

// ---- reading one property --------------------------------------------------------------------------------------------------

function integer(text: string, max: number): number | undefined {
  return /^\d{1,16}$/.test(text) && Number(text) <= max ? Number(text) : undefined;
}

function idPair(text: string): { uid: number; gid: number } | undefined {
  const [uid, gid, ...rest] = text.split(":").map((part) => integer(part, maxId));
  return uid === undefined || gid === undefined || rest.length > 0 ? undefined : { uid, gid };
}

const limit = size(minShareSize, 1024n, "10 TiB");
const inodes = count(minInodes, maxInodes);
const fileset = text(`write ${filesetPathRule}`, isFilesetPath);

export function formatSquash(squash: Squash): string {
  return squash.kind === "all" ? `all ${squash.uid}:${squash.gid}` : squash.kind;
}

function parseSquash(text: string): Squash | undefined {
  if (text === "root" || text === "none") return { kind: text };
  const ids = text.startsWith("all ") ? idPair(text.slice(4)) : undefined;
  return ids && { kind: "all", ...ids };
}

/** Text of permission bits: 0o770 is "0770". */
export function formatMode(mode: number): string {
  return mode.toString(8).padStart(4, "0");
}

// ---- shares ----------------------------------------------------------------------------------------------------------------

const readByOthers = { path: z.string(), export_location: z.string(), mount_command: z.string(), fstab_entry: z.string() };

/** A share, in the order in which a plan and a record show it. */
export const shareMessage = message(
  {
    /** The directory from the file system's root: "/shares/genomics". */
    fileset,
    size: limit,
    softSize: optional(limit),
    inodes: optional(inodes),
    softInodes: optional(inodes),
    owner: property('write UID:GID, such as "1000:1000"', idPair, ({ uid, gid }) => `${uid}:${gid}`),
    /** Permission bits of the top directory, such as 0o770. */
    mode: property(
      'write four octal digits, such as "0770"',
      (text) => (/^[0-7]{4}$/.test(text) ? Number.parseInt(text, 8) : undefined),
      formatMode,
    ),
    layout: optional(
      property(
        "write arguments of lfs setstripe: -c, -S, -p, -E, -L mdt",
        (text) => {
          const layout = parseLayout(text);
          return layout && layoutProblem(layout) === undefined ? layout : undefined;
        },
        formatLayout,
      ),
    ),
    removalPolicy: usually("retain", choice(removalPolicies)),
    /** It is not removed until this has been taken back by an apply. */
    deletionProtection: optional(mark),
    adopt: passing(flag),
    description: optional(note(1024)),
  },
  readByOthers,
);
export type ShareWire = z.input<typeof shareMessage.triggers>;
/** As a record keeps it. */
export type ShareTexts = ReturnType<typeof shareMessage.write>;
export type ShareSpec = z.output<typeof shareMessage.triggers>["spec"];

// ---- access rules ----------------------------------------------------------------------------------------------------------

export const ruleMessage = message({
  /** Key of the share it opens. */
  share: text("write PREFIX/SHARE", isShareKey),
  /** The share's directory from the file system's root. */
  fileset,
  clients: property(
    "write one or more clients, joined by a comma and a blank",
    (text) => (text === "" ? undefined : text.split(/, ?/)),
    (clients) => clients.join(", "),
  ),
  level: choice(accessLevels),
  squash: property('write "root", "none" or "all UID:GID"', parseSquash, formatSquash),
  rbac: optional(
    property(
      `write roles of: ${rbacRoles.join(", ")}`,
      (text) => {
        const roles = text === "" ? [] : text.split(",");
        return roles.every((role) => (rbacRoles as readonly string[]).includes(role)) ? roles : undefined;
      },
      (roles) => roles.join(","),
    ),
  ),
  advisoryReadOnly: flag,
  /** Take over a rule record of another claim (the share is being adopted). */
  adopt: passing(derived(flag)),
});
export type RuleWire = z.input<typeof ruleMessage.triggers>;
/** As a record keeps it. */
export type RuleTexts = ReturnType<typeof ruleMessage.write>;
export type AccessRuleSpec = z.output<typeof ruleMessage.triggers>["spec"];

/**
 * What the code asks of a rule, for the hooks of the others: a rule's own values may be known only to its own hook, and a reference to them would be
 * a dependency. So text that holds a reference is "=" and its digest: equal digests are equal values. The clients are always a digest, of
 * the clients with their networks where those are known.
 */
export const ruleIntentSchema = z.strictObject({
  level: z.enum(accessLevels),
  squash: z.string(),
  rbac: z.optional(z.string()),
  advisory_read_only: z.optional(z.string()),
  clients: z.string(),
});
export type RuleIntent = z.infer<typeof ruleIntentSchema>;
/** A part of the intents of a stack, by key. */
export const ruleIntentsSchema = z.record(z.string(), ruleIntentSchema);

/** Whether a text of an intent stands for one that holds a reference. */
export function isReference(text: string): boolean {
  return text.startsWith("=");
}
