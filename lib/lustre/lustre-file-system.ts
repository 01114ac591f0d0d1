import { Construct, type IConstruct } from "constructs";
import { type FileSystemSpec, lustreVersions } from "../../src/spec/lustre";
import {
  fsNamePattern,
  fsNameRule,
  isRelativePath,
  ownerPattern,
  ownerRule,
  relativePathRule,
  sitePattern,
  siteRule,
} from "../../src/spec/name";
import type { Carrier } from "../carrier";
import { Connection } from "../connection";
import { mark } from "../internal/brands";
import { absolutePathRule, Checks, isAbsolutePath } from "../internal/checks";
import { BoundFileSystem } from "../internal/lustre/bound-file-system";
import { exportHosts, projectIdRange, revocationFor, trustedNids } from "../internal/lustre/file-system-checks";
import * as kind from "../internal/property-kinds";
import { idIn, optionsWith, type Read, required, type Shape } from "../internal/property-kinds";
import { StackScope } from "../internal/stack-scope";
import { Preflight } from "../preflight";
import { LustreShare } from "./lustre-share";
import type { LustreShareOptions } from "./lustre-share-options";

/** The Lustre release of the servers: synthesis refuses what it cannot do, and preflight compares it with what runs. */
export enum LustreVersion {
  /** One share a client, IPv4 only, revocation only when a client unmounts. */
  V2_16 = "2.16",

  /** Several shares a client, IPv6, revocation at once where asked for. */
  V2_17 = "2.17",
}

/**
 * What becomes of clients that have a share mounted when it, or writing to it, is taken from them. Lustre checks a client when it mounts, so
 * that what is mounted stays open; only the banlist of a nodemap cuts a client off, and then from all that it has mounted of this file system.
 */
export enum Revocation {
  /** They keep what they have mounted until they unmount; they cannot mount it again. Deploying and `sharewright plan` say who keeps what. */
  LAZY = "lazy",

  /**
   * A client that no rule lets in any more is cut off at once (`lctl nodemap_banlist_add`, 2.17 only), until it is granted anything again. One
   * that keeps another share also keeps what was taken from it until it unmounts, since a ban would cut off both; deploying and `sharewright plan`
   * say who that is.
   */
  CUT = "cut",

  /**
   * Every client that loses a share, or the right to write to it, is banned at once (`lctl nodemap_banlist_add`, 2.17 only): it is cut off from
   * **all** that it has mounted of this file system, also from shares that it keeps, and mounts nothing, until it is granted just that again or
   * somebody has unmounted there and says `sharewright bans lift CLIENT`.
   */
  BAN = "ban",
}

/** The range that project ids of new shares are taken from. */
export interface ProjectIdRange {
  /** The first id, at least 1. */
  readonly start: number;

  /** The last id, at most 4294967294. */
  readonly end: number;
}

/** A host for quota commands that is reached on its own. */
export interface LustreMds {
  /** How to reach it. */
  readonly connection: Connection;

  /**
   * Where the file system is mounted on it.
   *
   * @default - as on the client
   */
  readonly mountPoint?: string;
}

/** A Lustre file system as its shares refer to it. */
export interface ILustreFileSystem extends IConstruct {
  /** Name of the file system, as `lfs getname` and the export location show it. */
  readonly fsName: string;

  /** Which one of its name it is, where a stack has several. */
  readonly site?: string;

  /** Where it is mounted on the client that the executor uses. */
  readonly mountPoint: string;

  /** Directory that new shares lie in, from the root of the file system. */
  readonly pathPrefix: string;

  /** Defines a share on this file system. */
  addShare(id: string, options: LustreShareOptions): LustreShare;

  /** @internal */
  readonly _bound: BoundFileSystem;
}

/** Properties of LustreFileSystem. Only literals: a destroy hook cannot read references. */
export interface LustreFileSystemProps {
  /** Name of the file system (`mkfs.lustre --fsname`): 1 to 8 of `A-Z a-z 0-9 _`. */
  readonly fsName: string;

  /**
   * Which one it is, where the stack has another file system of this name, at another MGS: 1 to 32 of `A-Z a-z 0-9 _ -`, beginning with a letter, such
   * as "staging". It becomes part of the addresses of its claim blocks, so give it to the file system that is added, never to one whose shares
   * are deployed, and keep it: the file system is marked with it, and hooks refuse one with another mark. In another stack of the app it says that this is another file system even if their NIDs are the same.
   *
   * @default - none: the stack has no other of this name, or the others have a site
   */
  readonly site?: string;

  /**
   * NIDs of the management servers, as clients mount from them: one entry a host, fail-over hosts as several entries, the NIDs of a
   * multi-rail host in one entry joined by ",". Addresses or DNS names, each with its LNet network: `["10.0.0.1@tcp", "10.0.0.2@tcp"]`.
   *
   * A client written without a network is on that of the first NID.
   */
  readonly exportNids: string[];

  /**
   * Where the file system is mounted on the client that the executor uses.
   *
   * @default "/mnt/lustre"
   */
  readonly mountPoint?: string;

  /**
   * Directory that new shares lie in, from the root of the file system; made when it is missing. Part of a share's identity: another
   * prefix means other shares, and those of the old one go the way of their removal policy.
   *
   * @default "shares"
   */
  readonly pathPrefix?: string;

  /**
   * Range that project ids of new shares are taken from. Ids in use elsewhere are left out, so it may be shared.
   *
   * @default - 10000 to 60000
   */
  readonly projectIds?: ProjectIdRange;

  /**
   * A host with the file system mounted where directories, project ids and limits are set, as root.
   *
   * @default - the machine that runs Terraform
   */
  readonly client?: Connection;

  /**
   * The management server (MGS), where nodemaps are set, as root.
   *
   * @default - the client's connection
   */
  readonly mgs?: Connection;

  /**
   * A host with a mount of its own where limits are set and read (`lfs setquota`, `lfs quota`), in place of the client.
   *
   * @default - the client
   */
  readonly mds?: LustreMds;

  /**
   * The other servers: preflight reads there whether quotas are enforced.
   *
   * @default - none; what could only be read there is reported as not verified
   */
  readonly servers?: Connection[];

  /**
   * Who manages the shares, for people who look at the records on the storage: 1 to 128 of `A-Z a-z 0-9 blank . _ / @ : -`.
   *
   * @default - the name of the stack
   */
  readonly owner?: string;

  /**
   * The release of the servers.
   *
   * @default LustreVersion.V2_17
   */
  readonly lustreVersion?: LustreVersion;

  /**
   * What becomes of clients that have a share mounted when it is taken from them.
   *
   * @default Revocation.LAZY
   */
  readonly revocation?: Revocation;

  /**
   * Clients that are to keep unrestricted access when the `default` nodemap is closed, such as the servers and the host of the
   * executor. `sharewright bootstrap` puts them into a trusted nodemap.
   *
   * @default - what is in a trusted nodemap already
   */
  readonly trustedClients?: string[];

  /**
   * The Terraform resources that carry the shares.
   *
   * @default - the context key `sharewright:carrier` of the app, else Carrier.NULL_RESOURCE
   */
  readonly carrier?: Carrier;

  /**
   * What to do when the file system is not set up so that limits and access hold.
   *
   * @default Preflight.ENFORCE
   */
  readonly preflight?: Preflight;
}

const fileSystemProps: Shape<LustreFileSystemProps> = {
  fsName: required(kind.text),
  site: kind.text,
  exportNids: required(kind.texts("10.0.0.1@tcp")),
  mountPoint: kind.text,
  pathPrefix: kind.text,
  projectIds: kind.properties<ProjectIdRange>({ start: required(kind.count), end: required(kind.count) }),
  client: kind.connection,
  mgs: kind.connection,
  mds: kind.properties<LustreMds>({ connection: required(kind.connection), mountPoint: kind.text }),
  servers: kind.list(kind.connection, "Connection.ssh({ host: ... })"),
  owner: kind.text,
  lustreVersion: kind.choice,
  revocation: kind.choice,
  trustedClients: kind.texts("10.0.0.0/24"),
  carrier: kind.choice,
  preflight: kind.choice,
};

/**
 * A Lustre file system that exists. Synthesis and deployment create nothing for it; it says where shares lie and how to reach them.
 *
 * It is the file system of that name at that MGS: another one of the same name is told apart by its NIDs and, within a stack, by `site`.
 *
 * It gives the stack two claim blocks, `<fsName>_share_claims` and `<fsName>_rule_claims` (with a site `<fsName>-<site>_share_claims`), at addresses
 * that do not depend on the construct's id: renaming this construct touches no share. Where shares are its children (`addShare`), their applied resources move to
 * other addresses, which a plan shows as harmless replacements. Keep it in the stack as long as any share is deployed: Terraform runs no
 * hook for a block that is gone, so deploy once without shares before you remove the file system.
 *
 * Several constructs of one stack may describe one file system, for example one a prefix; they then differ in `pathPrefix`,
 * `projectIds` and `exportNids` only.
 */
export class LustreFileSystem extends Construct implements ILustreFileSystem {
  readonly fsName: string;
  readonly site?: string;
  readonly mountPoint: string;
  readonly pathPrefix: string;

  /** @internal */
  readonly _bound: BoundFileSystem;

  /** @throws ShareSynthesisError for a property that cannot be used, or that contradicts another description of the same file system */
  constructor(scope: Construct, id: string, given: LustreFileSystemProps) {
    super(scope, idIn(scope, id));
    mark(this, "LustreFileSystem");
    const props = new Checks(this).properties(fileSystemProps, given);
    const spec = fileSystemSpec(this, props);
    this.fsName = spec.fsName;
    if (spec.site !== undefined) this.site = spec.site;
    this.mountPoint = spec.mountPoint;
    this.pathPrefix = spec.pathPrefix;
    this._bound = new BoundFileSystem(this, spec, props.carrier);
  }

  addShare(id: string, options: LustreShareOptions): LustreShare {
    return new LustreShare(this, id, optionsWith(this, id, options, { fileSystem: this }));
  }
}

function fileSystemSpec(construct: Construct, props: Read<LustreFileSystemProps>): FileSystemSpec {
  const check = new Checks(construct);
  const version = check.oneOf("lustreVersion", props.lustreVersion ?? LustreVersion.V2_17, lustreVersions);
  const exportNids = exportHosts(check, props.exportNids, version);
  const connect = (property: string, connection: Connection) => check.connection(property, connection.toSpec());
  const client = connect("client", props.client ?? Connection.local());
  const { mds, site, trustedClients } = props;
  return {
    fsName: check.text("fsName", props.fsName, fsNamePattern, fsNameRule),
    ...(site === undefined ? {} : { site: check.text("site", site, sitePattern, siteRule) }),
    mountPoint: check.text("mountPoint", props.mountPoint ?? "/mnt/lustre", isAbsolutePath, absolutePathRule),
    exportNids,
    pathPrefix: check.text("pathPrefix", props.pathPrefix ?? "shares", isRelativePath, relativePathRule),
    projectIds: projectIdRange(check, props.projectIds ?? { start: 10000, end: 60000 }),
    owner: check.text("owner", props.owner ?? StackScope.of(construct).stack.node.id, ownerPattern, ownerRule),
    lustreVersion: version,
    revocation: revocationFor(check, props.revocation ?? Revocation.LAZY, version),
    preflight: check.oneOf("preflight", props.preflight ?? Preflight.ENFORCE, ["enforce", "warn"]),
    ...(trustedClients ? { trustedClients: trustedNids(check, trustedClients, exportNids, version) } : {}),
    client,
    mgs: props.mgs ? connect("mgs", props.mgs) : client,
    ...(mds ? { mds: { connection: connect("mds.connection", mds.connection), ...mdsMountPoint(check, mds.mountPoint) } } : {}),
    ...(props.servers ? { servers: props.servers.map((server) => connect("servers", server)) } : {}),
  };
}

function mdsMountPoint(check: Checks, mountPoint: string | undefined): { mountPoint?: string } {
  if (mountPoint === undefined) return {};
  return { mountPoint: check.text("mds.mountPoint", mountPoint, isAbsolutePath, absolutePathRule) };
}
