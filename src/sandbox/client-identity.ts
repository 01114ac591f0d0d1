// Who a user of a client is for the file system, and who owns what for a client (golden f004, f043, k011, l005; nodemap_map_id of 2.17.0).
import { hasRole, isOn } from "./nodemaps";
import { isTwoSixteen, type Nodemap, type State } from "./state";

export interface Identity {
  uid: number;
  gid: number;
}

export type IdType = "uid" | "gid" | "projid";

/** Undefined: deny_unknown turns away whom it does not know, a squashed root as well (lctl-nodemap-modify(8) of 2.17.0). */
export function identityOf(nodemap: Nodemap | undefined, user: Identity): Identity | undefined {
  if (!nodemap) return user;
  const uid = mapped(nodemap, "uid", "fs", user.uid);
  if (uid === undefined && isOn(nodemap, "deny_unknown")) return undefined;
  return squashed(nodemap, { uid, gid: mapped(nodemap, "gid", "fs", user.gid) });
}

/** What `ls -n` on a client shows: an untrusted one sees everything as the squash user's, unless an idmap says otherwise (golden f047). */
export function ownerSeenBy(nodemap: Nodemap | undefined, owner: Identity): Identity {
  if (!nodemap) return owner;
  return squashed(nodemap, {
    uid: mapped(nodemap, "uid", "client", owner.uid),
    gid: mapped(nodemap, "gid", "client", owner.gid),
  });
}

/** Undefined: squashed. Root is root for an admin alone, and is mapped even if the nodemap is trusted. */
function mapped(nodemap: Nodemap, type: IdType, to: "fs" | "client", id: number): number | undefined {
  const isRoot = id === 0 && type !== "projid";
  const isItself = isRoot ? isOn(nodemap, "admin_nodemap") : isOn(nodemap, "trusted_nodemap") || !isMapped(nodemap, type);
  if (isItself) return id;
  const from = to === "fs" ? "client" : "fs";
  return nodemap.idmap.find((idmap) => idmap.type === type && idmap[from] === id)?.[to];
}

function squashed({ properties }: Nodemap, { uid, gid }: { uid: number | undefined; gid: number | undefined }): Identity {
  return { uid: uid ?? Number(properties["squash_uid"]), gid: gid ?? Number(properties["squash_gid"]) };
}

export function mapId(nodemap: Nodemap | undefined, type: IdType, id: number): number {
  return nodemap ? (mapped(nodemap, type, "fs", id) ?? Number(nodemap.properties[`squash_${type}`])) : id;
}

function isMapped(nodemap: Nodemap, type: IdType): boolean {
  const mode = nodemap.properties["map_mode"] ?? "all";
  return mode === "all" || mode.split(",").includes(type);
}

/**
 * Where project ids are mapped, a client that is not trusted has none: its df is the whole file system, its `lfs quota` zeros (golden
 * f004). With map_mode=uid,gid it sees its share's limit (reference: second look; k019 shows the quota, its df is void: k009 had taken the
 * directory's id away).
 */
export function seesProjects(nodemap: Nodemap | undefined): boolean {
  return !nodemap || isOn(nodemap, "trusted_nodemap") || !isMapped(nodemap, "projid");
}

export function identityWords(nodemap: Nodemap | undefined): string {
  if (!nodemap) return "nobody is squashed: nodemaps are not active";
  const squash = `${nodemap.properties["squash_uid"]}:${nodemap.properties["squash_gid"]}`;
  const root = isOn(nodemap, "admin_nodemap") ? "root stays root" : `root is squashed to ${squash}`;
  const users = isOn(nodemap, "trusted_nodemap")
    ? "users keep their ids"
    : `users act as ${squash} once the client's own kernel has let them through, for which everything belongs to ${squash}`;
  return `${root}, ${users}`;
}

/**
 * Root escapes project quotas where the servers exempt him (limits.ts) and, on 2.17, his nodemap gives him the role (golden l001,
 * l003, l009). 2.16.1 has no such role (from sources).
 */
export function mayIgnoreQuota(state: State, nodemap: Nodemap | undefined): boolean {
  return !nodemap || isTwoSixteen(state) || hasRole(nodemap, "ignore_root_prjquota");
}
