import { mark } from "./internal/brands";
import { idOrToken } from "./internal/property-kinds";
import { numberText } from "./internal/tokens";

/** What the clients of an access rule may do with the share. */
export enum AccessLevel {
  /** Read and write. */
  READ_WRITE = "rw",

  /** Read only, enforced by the servers (`readonly_mount` of a Lustre nodemap). GlusterFS has no such level for single clients. */
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
   *
   * Only for roots you trust to keep to their limit, and to leave others theirs: such a root can give its files any project id
   * (`lfs project`), so that they count nowhere, or against another share. Without the role `file_perms` it cannot, nor can any user of
   * the client chmod or chown then.
   */
  static none(): Squash {
    return new Squash("none");
  }

  /**
   * Whatever users of the client do on the share, they do as this one (`trusted=0` with squash ids): files that they make belong to it.
   *
   * It does not let every user in. The client's own kernel asks first, with the ids that users have on the client, and everything looks to it
   * as if it belonged to this uid and gid: with mode 0770 it lets in root, this uid and this group alone. For everybody write `mode: 0o777` on
   * the share (0o755 for read-only); what somebody has made can then be changed by this uid and root alone. Synthesis warns where the mode is
   * not written down, or where the share is not this user's. `df` on the client shows the share's limit, as with every squash.
   *
   * @param uid of the files on the storage, 1 to 4294967294; may be a token
   * @param gid of the files on the storage, 0 to 4294967294; may be a token
   */
  static all(uid: number, gid: number): Squash {
    for (const [name, id] of Object.entries({ uid, gid })) idOrToken.read(id, { property: `Squash.all.${name}` });
    return new Squash("all", uid, gid);
  }

  private constructor(
    private readonly kind: "root" | "none" | "all",
    private readonly uid = 0,
    private readonly gid = 0,
  ) {
    mark(this, "Squash");
  }

  /** As plans show it: "root", "none" or "all 1000:1000". */
  toString(): string {
    return this.kind === "all" ? `all ${numberText(this.uid)}:${numberText(this.gid)}` : this.kind;
  }

  /** @internal The ids that everybody becomes. */
  _ids(): { uid: number; gid: number } | undefined {
    return this.kind === "all" ? { uid: this.uid, gid: this.gid } : undefined;
  }
}
