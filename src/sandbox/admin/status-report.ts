// What `sandbox status` says, as data: the --json form.
import { fillOfTargets } from "../capacity";
import { ownerOf, walk } from "../inodes";
import { limitsOf } from "../limits";
import { isOn, rbacRoles } from "../nodemaps";
import type { Fileset, LiveMount, NidRange, Nodemap, State } from "../state";
import { usageByProject } from "../usage";
import type { GlusterReport } from "./status-gluster";

export interface Report {
  fsName: string;
  version: string;
  nodemapActive: boolean;
  shares: ShareStatus[];
  nodemaps: NodemapStatus[];
  mounts: LiveMount[];
  targets: { name: string; up: boolean; kib: number; usedKib: number }[];
  gluster?: GlusterReport;
}

interface ShareStatus {
  path: string;
  projectId: number;
  limitKib: number;
  usedKib: number;
  inodeLimit: number;
  inodes: number;
  owner: string;
  mode: string;
}

interface NodemapStatus {
  name: string;
  ranges: string[];
  banlist: string[];
  filesets: Fileset[];
  level: "closed" | "ro" | "rw";
  admin: boolean;
  trusted: boolean;
  squash: string;
  rbac: string;
}

/** Directories that carry a project id of their own; not those below, which carry the same. */
export function shares(state: State, root: string): ShareStatus[] {
  const usages = usageByProject(state, root);
  const found: ShareStatus[] = [];
  walk(state, root, root, ({ path, stat, inode, project }) => {
    const inside = found.some((share) => share.projectId === project.id && path.startsWith(`${root}${share.path}/`));
    if (inode?.projectId === undefined || project.id === 0 || !stat.isDirectory() || inside) return;
    const limits = limitsOf(state, project.id);
    const { uid, gid } = ownerOf(state, path);
    found.push({
      path: path.slice(root.length),
      projectId: project.id,
      limitKib: limits.blockHard,
      usedKib: usages.get(project.id)?.kib ?? 0,
      inodeLimit: limits.inodeHard,
      inodes: usages.get(project.id)?.inodes ?? 0,
      owner: `${uid}:${gid}`,
      mode: (Number(stat.mode) & 0o7777).toString(8).padStart(4, "0"),
    });
  });
  return found;
}

export function nodemaps(state: State): NodemapStatus[] {
  return state.nodemaps.map((nodemap) => ({
    name: nodemap.name,
    ranges: nodemap.ranges.map(rangeText),
    banlist: nodemap.banlist.map(rangeText),
    filesets: nodemap.filesets,
    level: isOn(nodemap, "deny_mount") ? "closed" : isOn(nodemap, "readonly_mount") ? "ro" : "rw",
    admin: isOn(nodemap, "admin_nodemap"),
    trusted: isOn(nodemap, "trusted_nodemap"),
    squash: `${nodemap.properties["squash_uid"]}:${nodemap.properties["squash_gid"]}`,
    rbac: rolesText(state, nodemap),
  }));
}

function rolesText(state: State, { properties }: Nodemap): string {
  return properties["rbac"] === rbacRoles[state.version].join(",") ? "all" : (properties["rbac"] ?? "");
}

function rangeText({ net, start, end, prefix }: NidRange): string {
  if (prefix !== undefined) return `${start}/${prefix}@${net}${start.includes(":") ? "" : " (matches nothing)"}`;
  return start === end ? `${start}@${net}` : `${start}-${end}@${net}`;
}

export function targets(state: State, root: string): Report["targets"] {
  return fillOfTargets(state, root).map(({ target, usedKib }) => ({
    name: target.name,
    up: target.up,
    kib: target.kib,
    usedKib,
  }));
}
