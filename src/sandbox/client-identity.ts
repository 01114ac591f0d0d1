// Who a user of a client is for the file system (golden f004, f043, k011, l005).
import { hasRole, isOn } from "./nodemaps";
import { isTwoSixteen, type Nodemap, type State } from "./state";

export interface Identity {
  uid: number;
  gid: number;
}

/** Undefined: deny_unknown turns an unmapped user away. */
export function identityOf(nodemap: Nodemap | undefined, user: Identity): Identity | undefined {
  if (!nodemap) return user;
  const isAdminRoot = user.uid === 0 && isOn(nodemap, "admin_nodemap");
  if (isAdminRoot) return user;
  const squashed = { uid: Number(nodemap.properties["squash_uid"]), gid: Number(nodemap.properties["squash_gid"]) };
  if (user.uid === 0) return squashed;
  if (isOn(nodemap, "trusted_nodemap")) return user;
  const mapped = (type: "uid" | "gid", fallback: number) =>
    isMapped(nodemap, type) ? nodemap.idmap.find((idmap) => idmap.type === type && idmap.client === user[type])?.fs : fallback;
  const uid = mapped("uid", user.uid);
  if (uid === undefined && isOn(nodemap, "deny_unknown")) return undefined;
  return { uid: uid ?? squashed.uid, gid: mapped("gid", user.gid) ?? squashed.gid };
}

function isMapped(nodemap: Nodemap, type: "uid" | "gid" | "projid"): boolean {
  const mode = nodemap.properties["map_mode"] ?? "all";
  return mode === "all" || mode.split(",").includes(type);
}

/** An untrusted client sees its projects mapped, which is to say not at all: its df is the whole file system (golden f004, k019). */
export function seesProjects(nodemap: Nodemap | undefined): boolean {
  return !nodemap || isOn(nodemap, "trusted_nodemap");
}

export function identityWords(nodemap: Nodemap | undefined): string {
  if (!nodemap) return "nobody is squashed: nodemaps are not active";
  const squash = `${nodemap.properties["squash_uid"]}:${nodemap.properties["squash_gid"]}`;
  const root = isOn(nodemap, "admin_nodemap") ? "root stays root" : `root is squashed to ${squash}`;
  const users = isOn(nodemap, "trusted_nodemap") ? "users keep their ids" : `users are mapped or squashed to ${squash}`;
  return `${root}, ${users}`;
}

/**
 * Root escapes project quotas where the servers exempt him (limits.ts) and, on 2.17, his nodemap gives him the role (golden l001,
 * l003, l009). 2.16.1 has no such role (from sources).
 */
export function mayIgnoreQuota(state: State, nodemap: Nodemap | undefined): boolean {
  return !nodemap || isTwoSixteen(state) || hasRole(nodemap, "ignore_root_prjquota");
}
