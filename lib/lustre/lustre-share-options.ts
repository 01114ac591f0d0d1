// What can be said of a share, wherever it lies.
import { shareMessage } from "../../src/spec/lustre";
import * as kind from "../internal/property-kinds";
import { required, type Shape } from "../internal/property-kinds";
import { kindsOf } from "../message-triggers";
import type { RemovalPolicy } from "../removal-policy";
import type { Size } from "../size";
import type { LustreLayout } from "./lustre-layout";

/** The owner of the top directory of a share. */
export interface LustreShareOwner {
  /** User id, 0 to 4294967294; may be a token. */
  readonly uid: number;

  /** Group id, 0 to 4294967294; may be a token. */
  readonly gid: number;
}

/** A directory that is to become a share where it is. */
export interface LustreShareAdoption {
  /** The directory, from the root of the file system: `/projects/climate`. */
  readonly path: string;
}

/** Properties of a share, without the file system that it lies on. */
export interface LustreShareOptions {
  /**
   * Name of the share on the storage. Another name is another share: the old one goes the way of its removal policy, the new one is
   * empty. 1 to 64 of `A-Z a-z 0-9 . _ -`, beginning with a letter or digit.
   *
   * @default - the id of the construct
   */
  readonly shareName?: string;

  /**
   * The hard limit of the share's project quota, in whole KiB. A new share has at least 16 MiB: servers hand limits out in units of 1 MiB
   * to each target, so that of less little or nothing can be written; with many targets leave some MiB for each. A share that is smaller
   * already (1 MiB or more) stays deployable, with a warning. `Size.bytes(token)` is checked at deploy time. The limit may shrink, but
   * never below what the share uses. A text such as "10 TiB" is read as by `Size.parse`.
   */
  readonly size: Size | string;

  /**
   * The soft limit: above it, writing goes on only for the grace period of the file system.
   *
   * @default - none
   */
  readonly softSize?: Size | string;

  /**
   * The most files and directories the share may hold, at least 1024. Servers hand them out in units of 1024: 2000 are 1024, which is
   * warned of; and a full share gets room only with a whole unit more.
   *
   * @default - no limit
   */
  readonly inodes?: number;

  /**
   * The soft limit of files and directories, at least 1024.
   *
   * @default - none
   */
  readonly softInodes?: number;

  /** Owner of the top directory: who may fill the share. What lies in it is not touched. */
  readonly owner: LustreShareOwner;

  /**
   * Permission bits of the top directory, in octal: rwx for the owner, and no more for others than for the group. What lies in it is not
   * touched. With an access rule of `Squash.all` they decide who gets in: see there. A text such as "0770" is read as octal.
   *
   * @default 0o770
   */
  readonly mode?: number | string;

  /**
   * Layout of new files. A later change applies to files made after it.
   *
   * @default - the default of the file system
   */
  readonly layout?: LustreLayout;

  /**
   * What happens to the data when the share is removed from the code. The policy that was last deployed counts.
   *
   * @default RemovalPolicy.RETAIN
   */
  readonly removalPolicy?: RemovalPolicy;

  /**
   * Keeps the share from being removed, whatever its policy: while it is on, a plan that removes the share from the code fails, as
   * does `terraform destroy`, and so does the hook. To lift it write `false` and deploy, then remove the share; leaving the line
   * out is no lifting.
   *
   * @default - not protected
   */
  readonly deletionProtection?: boolean;

  /**
   * Takes over a directory that exists: `true` the one of the share's own name, or a retained share; `{ path }` a directory anywhere
   * on the file system, which stays where it is. It must have a project id of its own that new files inherit (`lfs project -p ID -s -r`).
   * Take `true` out again when it is done: Terraform replaces nothing for that. A path stays in the code, since it says where the share lies.
   *
   * @default false - a directory that sharewright has no record of is an error at deploy time
   */
  readonly adopt?: boolean | LustreShareAdoption;

  /**
   * A note for people, kept in the record on the storage; at most 1024 characters; may be a token.
   *
   * @default - none
   */
  readonly description?: string;
}

/** What each of them can be. */
export const lustreShareOptions: Shape<LustreShareOptions> = {
  shareName: kind.text,
  ...kindsOf(shareMessage.table, {
    owner: required(kind.properties<LustreShareOwner>({ uid: required(kind.idOrToken), gid: required(kind.idOrToken) })),
    mode: kind.mode,
    layout: kind.made(
      "LustreLayout",
      "LustreLayout.striped({ ... }), LustreLayout.progressive([ ... ]) or LustreLayout.dataOnMdt(...)",
    ),
    adopt: kind.either(
      kind.flag,
      (value) => typeof value !== "object" || value === null,
      kind.properties<LustreShareAdoption>({ path: required(kind.text) }),
    ),
  }),
};
