// findmnt -T PATH below the mount, and findmnt -t lustre (golden a009: a server's targets are of type lustre too). Everything else is
// the real tool's.
import { type Context, entryPath, isOnLustre } from "../context";
import { glusterMountAt } from "../gluster/mount-tools";
import type { GlusterMount } from "../gluster/state";
import { has, lastValue, parseOptions } from "../options";
import { runReal } from "./real-tool";

interface Mount {
  target: string;
  source: string;
  fstype: string;
  options: string;
}

export function findmnt(context: Context, args: string[]): number | Promise<number> {
  const parsed = parseOptions(args, [
    { name: "bare", short: "n", long: "noheadings" },
    { name: "columns", short: "o", long: "output", argument: true },
    { name: "path", short: "T", long: "target", argument: true },
    { name: "type", short: "t", long: "types", argument: true },
    { name: "json", short: "J", long: "json" },
    { name: "raw", short: "r", long: "raw" },
    { name: "mountpoint", short: "M", long: "mountpoint", argument: true },
    { name: "first", short: "f", long: "first-only" },
  ]);
  const path = lastValue(parsed, "path") ?? lastValue(parsed, "mountpoint") ?? parsed.operands[0];
  const gluster = path === undefined ? undefined : glusterMountAt(context, path);
  const aboutUs = path === undefined ? lastValue(parsed, "type") === "lustre" : isOnLustre(context, entryPath(context, path));
  if (parsed.unknown !== undefined || !(aboutUs || gluster)) return runReal(context, "findmnt", args);
  const mounts = gluster
    ? [glusterMount(gluster)]
    : path === undefined
      ? [...targetMounts(context), ...clientMount(context)]
      : clientMount(context);
  if (mounts.length === 0) return 1;
  const columns = (lastValue(parsed, "columns") ?? "TARGET,SOURCE,FSTYPE,OPTIONS").split(",").map((name) => name.toLowerCase());
  context.out(has(parsed, "json") ? json(mounts, columns) : table(mounts, columns, has(parsed, "bare"), has(parsed, "raw")));
  return 0;
}

function glusterMount({ target = "", source }: GlusterMount): Mount {
  const options = "rw,relatime,user_id=0,group_id=0,default_permissions,allow_other,max_read=131072";
  return { target, source, fstype: "fuse.glusterfs", options };
}

function clientMount(context: Context): Mount[] {
  const { serverNid, fsName, mountPoint, mountOptions } = context.state();
  if (!context.sight.mount) return [];
  return [{ target: mountPoint, source: `${serverNid}:/${fsName}`, fstype: "lustre", options: mountOptions }];
}

function targetMounts(context: Context): Mount[] {
  const { fsName, serverNid, targets } = context.state();
  return targets
    .filter(({ kind, up }) => up && context.sight.targets.some((sight) => sight === kind))
    .map(({ name, kind }, index) => ({
      target: `/mnt/${name.toLowerCase()}`,
      source: `/dev/loop${index}`,
      fstype: "lustre",
      options:
        kind === "mdt"
          ? `rw,svname=${fsName}-${name},mgs,osd=osd-ldiskfs,user_xattr,errors=remount-ro`
          : `rw,svname=${fsName}-${name},mgsnode=${serverNid},osd=osd-ldiskfs`,
    }));
}

function cellOf(mount: Mount, column: string): string {
  return Object.entries(mount).find(([name]) => name === column)?.[1] ?? "";
}

function json(mounts: readonly Mount[], columns: readonly string[]): string {
  const items = mounts.map(
    (mount) => `{\n${columns.map((name) => `         "${name}": ${JSON.stringify(cellOf(mount, name))}`).join(",\n")}\n      }`,
  );
  return `{\n   "filesystems": [\n      ${items.join(",")}\n   ]\n}\n`;
}

function table(mounts: readonly Mount[], columns: readonly string[], bare: boolean, raw: boolean): string {
  const rows = mounts.map((mount) => columns.map((name) => cellOf(mount, name)));
  const lines = bare ? rows : [columns.map((name) => name.toUpperCase()), ...rows];
  const widths = columns.map((_, index) => (raw ? 0 : Math.max(...lines.map((line) => line[index]?.length ?? 0))));
  return lines
    .map(
      (line) =>
        `${line
          .map((cell, index) => cell.padEnd(widths[index] ?? 0))
          .join(" ")
          .trimEnd()}\n`,
    )
    .join("");
}
