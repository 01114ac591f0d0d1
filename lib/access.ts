import { formatSquash } from "../src/spec/lustre";
import { isToken, numberText } from "./internal/tokens";

/** What the clients of an access rule may do with the share. */
export enum AccessLevel {
  /** Read and write. */
  READ_WRITE = "rw",

  /** Read only, enforced by the servers (`readonly_mount` of the nodemap). */
  READ_ONLY = "ro",
}

/**
 * Who the users of a client are on the share: the identity part of its nodemap.
 *
 * Project ids are inherited and their limits enforced in every case.
 *
 * @see lctl-nodemap_modify(8): properties `admin`, `trusted`, `squash_uid`, `squash_gid`
 */
export class Squash {
  /** Users keep their ids, root of the client becomes nobody (`trusted=1 admin=0`). The default. */
  static root(): Squash {
    return new Squash("root");
  }

  /**
   * Users keep their ids and root of the client stays root on the share (`trusted=1 admin=1`), with the rbac roles cut to what a
   * tenant's root needs: no quota administration, no changelogs, no exemption from project quotas.
   */
  static none(): Squash {
    return new Squash("none");
  }

  /**
   * Every user of the client becomes this one (`trusted=0` with squash ids).
   *
   * @param uid of the files on the storage, 1 to 4294967294; may be a token
   * @param gid of the files on the storage, 0 to 4294967294; may be a token
   */
  static all(uid: number, gid: number): Squash {
    return new Squash("all", uid, gid);
  }

  private constructor(
    /** @internal */
    readonly _kind: "root" | "none" | "all",
    /** @internal */
    readonly _uid = 0,
    /** @internal */
    readonly _gid = 0,
  ) {}

  /** As plans show it: "root", "none" or "all 1000:1000". */
  toString(): string {
    if (this._kind !== "all") return this._kind;
    if (isToken(this._uid) || isToken(this._gid)) return `all ${numberText(this._uid)}:${numberText(this._gid)}`;
    return formatSquash({ kind: "all", uid: this._uid, gid: this._gid });
  }
}
