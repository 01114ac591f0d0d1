// sandbox status: shares, nodemaps, mounted clients and targets.
import { fillOfTargets } from "../capacity";
import { mountDirectory } from "../context";
import { ownerOf, walk } from "../inodes";
import { limitsOf } from "../limits";
import { existingSandbox, type OperatorCommand } from "../operator";
import { has } from "../options";
import type { NidRange, State } from "../state";
import { readState } from "../store";
import { usageByProject } from "../usage";
import { size, table } from "./table";

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

export const status: OperatorCommand = {
  summary: "show shares, nodemaps, mounted clients and targets",
  usage: "status [--dir DIRECTORY] [--json]",
  options: [{ name: "json", long: "json" }],
  run: (operation) => {
    const dir = existingSandbox(operation);
    const state = readState(dir);
    const root = mountDirectory(dir);
    const report = {
      fsName: state.fsName,
      version: state.version,
      nodemapActive: state.nodemapActive,
      shares: shares(state, root),
      nodemaps: nodemaps(state),
      mounts: state.mounts,
      targets: targets(state, root),
    };
    operation.io.stdout(has(operation.parsed, "json") ? `${JSON.stringify(report, null, 2)}\n` : render(report));
    return 0;
  },
};

type Report = ReturnType<typeof nodemaps> extends infer Maps
  ? {
      fsName: string;
      version: string;
      nodemapActive: boolean;
      shares: ShareStatus[];
      nodemaps: Maps;
      mounts: State["mounts"];
      targets: ReturnType<typeof targets>;
    }
  : never;

/** Directories that carry a project id of their own; not those below, which carry the same. */
function shares(state: State, root: string): ShareStatus[] {
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

function nodemaps(state: State) {
  return state.nodemaps.map(({ name, ranges, filesets, properties, banlist }) => ({
    name,
    ranges: ranges.map(rangeText),
    banlist: banlist.map(rangeText),
    filesets,
    level: properties["deny_mount"] === "1" ? "closed" : properties["readonly_mount"] === "1" ? "ro" : "rw",
    admin: properties["admin_nodemap"] === "1",
    trusted: properties["trusted_nodemap"] === "1",
    squash: `${properties["squash_uid"]}:${properties["squash_gid"]}`,
    rbac: properties["rbac"] ?? "",
  }));
}

function rangeText({ net, start, end, prefix }: NidRange): string {
  if (prefix !== undefined) return `${start}/${prefix}@${net}${start.includes(":") ? "" : " (matches nothing)"}`;
  return start === end ? `${start}@${net}` : `${start}-${end}@${net}`;
}

function targets(state: State, root: string) {
  return fillOfTargets(state, root).map(({ target, usedKib }) => ({ name: target.name, up: target.up, kib: target.kib, usedKib }));
}

function render(report: Report): string {
  const sections = [
    `${report.fsName}, Lustre ${report.version}, nodemaps ${report.nodemapActive ? "active" : "not active"}\n`,
    table(
      ["SHARE", "PROJECT", "LIMIT", "USED", "INODES", "OWNER", "MODE"],
      report.shares.map((share) => [
        share.path,
        String(share.projectId),
        share.limitKib === 0 ? "none" : size(share.limitKib),
        size(share.usedKib),
        share.inodeLimit === 0 ? String(share.inodes) : `${share.inodes} of ${share.inodeLimit}`,
        share.owner,
        share.mode,
      ]),
    ),
    table(
      ["NODEMAP", "RANGES", "FILESETS", "LEVEL", "ADMIN", "TRUSTED", "SQUASH", "BANNED"],
      report.nodemaps.map((nodemap) => [
        nodemap.name,
        nodemap.ranges.join(" ") || "-",
        nodemap.filesets.map(({ path, primary, readOnly }) => `${primary ? "" : "+"}${path}${readOnly ? " (ro)" : ""}`).join(" ") || "-",
        nodemap.level,
        yes(nodemap.admin),
        yes(nodemap.trusted),
        nodemap.squash,
        nodemap.banlist.join(" ") || "-",
      ]),
    ),
    table(
      ["MOUNT", "NID", "EXPORT", "SEES", "ACCESS"],
      report.mounts.map((mount) => [mount.id, mount.nid, mount.export, mount.root, mount.readOnly ? "ro" : "rw"]),
    ),
    table(
      ["TARGET", "STATE", "SIZE", "USED"],
      report.targets.map(({ name, up, kib, usedKib }) => [name, up ? "up" : "down", size(kib), size(usedKib)]),
    ),
  ];
  return sections.join("\n");
}

function yes(is: boolean): string {
  return is ? "yes" : "no";
}
