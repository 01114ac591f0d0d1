// sandbox status: shares, nodemaps, mounted clients and targets; clusters and their volumes.
import { mountDirectory } from "../context";
import { existingSandbox, type OperatorCommand } from "../operator";
import { has } from "../options";
import { readState } from "../store";
import { glusterReport, renderGluster } from "./status-gluster";
import { nodemaps, type Report, shares, targets } from "./status-report";
import { type Columns, size, table } from "./table";

export const status: OperatorCommand = {
  summary: "show shares, nodemaps, mounted clients and targets",
  usage: "status [--dir DIRECTORY] [--json]",
  options: [{ name: "json", long: "json" }],
  run: (operation) => {
    const dir = existingSandbox(operation);
    const state = readState(dir);
    const root = mountDirectory(dir);
    const report: Report = {
      fsName: state.fsName,
      version: state.version,
      nodemapActive: state.nodemapActive,
      shares: shares(state, root),
      nodemaps: nodemaps(state),
      mounts: state.mounts,
      targets: targets(state, root),
      ...(state.gluster ? { gluster: glusterReport(dir, state.gluster) } : {}),
    };
    operation.io.stdout(has(operation.parsed, "json") ? `${JSON.stringify(report, null, 2)}\n` : render(report));
    return 0;
  },
};

const yes = (is: boolean) => (is ? "yes" : "no");
const list = (items: readonly string[]) => items.join(" ") || "-";

const shareColumns: Columns<Report["shares"][number]> = {
  SHARE: ({ path }) => path,
  PROJECT: ({ projectId }) => String(projectId),
  LIMIT: ({ limitKib }) => (limitKib === 0 ? "none" : size(limitKib)),
  USED: ({ usedKib }) => size(usedKib),
  INODES: ({ inodes, inodeLimit }) => (inodeLimit === 0 ? String(inodes) : `${inodes} of ${inodeLimit}`),
  OWNER: ({ owner }) => owner,
  MODE: ({ mode }) => mode,
};

const nodemapColumns: Columns<Report["nodemaps"][number]> = {
  NODEMAP: ({ name }) => name,
  RANGES: ({ ranges }) => list(ranges),
  FILESETS: ({ filesets }) =>
    list(filesets.map(({ path, primary, readOnly }) => `${primary ? "" : "+"}${path}${readOnly ? " (ro)" : ""}`)),
  LEVEL: ({ level }) => level,
  ADMIN: ({ admin }) => yes(admin),
  TRUSTED: ({ trusted }) => yes(trusted),
  SQUASH: ({ squash }) => squash,
  RBAC: ({ rbac }) => rbac,
  BANNED: ({ banlist }) => list(banlist),
};

const mountColumns: Columns<Report["mounts"][number]> = {
  MOUNT: ({ id }) => id,
  NID: ({ nid }) => nid,
  EXPORT: (mount) => mount.export,
  SEES: ({ root }) => root,
  ACCESS: ({ readOnly }) => (readOnly ? "ro" : "rw"),
};

const targetColumns: Columns<Report["targets"][number]> = {
  TARGET: ({ name }) => name,
  STATE: ({ up }) => (up ? "up" : "down"),
  SIZE: ({ kib }) => size(kib),
  USED: ({ usedKib }) => size(usedKib),
};

function render(report: Report): string {
  return [
    `${report.fsName}, Lustre ${report.version}, nodemaps ${report.nodemapActive ? "active" : "not active"}\n`,
    table(report.shares, shareColumns),
    table(report.nodemaps, nodemapColumns),
    table(report.mounts, mountColumns),
    table(report.targets, targetColumns),
    ...(report.gluster ? [renderGluster(report.gluster)] : []),
  ].join("\n");
}
