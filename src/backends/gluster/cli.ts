// Argument lists of the tools that a GlusterFS share needs; pure. Everything that could ruin a cluster is refused here: an empty volume name
// (`volume delete ''` removes the configuration of every volume), a newline or quote in a value, a value that kills glusterd.
import type { Command } from "../../core/command";
import { backupOption, brickSetSize, splitBrick, type VolumeLayout } from "../../spec/gluster";
import { maxOptionBytes } from "../../spec/gluster-options";

/** The CLI gives up by itself after 120 s (600 s where it works on bricks); what glusterd has begun goes on. */
const cliTimeoutMs = 150_000;
const longCliTimeoutMs = 660_000;

/** `--mode=script` answers every prompt with yes; without it a refused prompt ends with exit 0 and nothing done. */
function gluster(timeoutMs: number, ...words: string[]): Command {
  return { argv: ["gluster", "--mode=script", "--xml", ...words], timeoutMs };
}

function volumeName(name: string): string {
  // `snapshot delete all` would delete every snapshot.
  if (!/^(?!(all|help|volume)$)[A-Za-z0-9_][A-Za-z0-9_-]{0,149}$/.test(name))
    throw new Error(`not the name of a volume: ${JSON.stringify(name)}`);
  return name;
}

/** With its dot: `volume reset V force` would reset all options, `volume set V group ...` set many. */
function optionName(name: string): string {
  if (!/^[a-z][a-z0-9]*\.[a-z0-9][a-z0-9.-]*$/.test(name)) throw new Error(`not the name of an option: ${JSON.stringify(name)}`);
  return name;
}

function optionWords(options: Readonly<Record<string, string>>): string[] {
  return Object.entries(options).flatMap(([name, value]) => {
    // Blanks are taken out by the CLI without a word; an empty value is a usage error.
    if (!/^[\x21-\x7e]+$/.test(value) || /["'\\]/.test(value))
      throw new Error(`not a value for ${name}: ${JSON.stringify(value)}`);
    if (name.length + value.length > maxOptionBytes) throw new Error(`${name}: ${value.length} bytes would kill glusterd`);
    return [optionName(name), value];
  });
}

// ---- looking ---------------------------------------------------------------------------------------------------------------

export const glusterVersion: Command = { argv: ["gluster", "--version"] };

/** Members of the trusted pool; the one that is asked calls itself localhost. */
export const poolList = gluster(cliTimeoutMs, "pool", "list");

/** All volumes with the options that were set explicitly; takes no lock. `volume get` would show defaults as if they had been set. */
export const volumeInfo = gluster(cliTimeoutMs, "volume", "info");

/** Bricks with size and free space; only of a started volume. */
export function volumeStatusDetail(volume: string): Command {
  return gluster(cliTimeoutMs, "volume", "status", volumeName(volume), "detail");
}

/** Limit and use of the whole volume. Without the path the CLI reads a file of the default working directory. */
export function quotaList(volume: string): Command {
  return gluster(cliTimeoutMs, "volume", "quota", volumeName(volume), "list", "/");
}

/** The daemons that count use: when one is down, `quota list` says 0 without a word. */
export function quotadStatus(volume: string): Command {
  return gluster(cliTimeoutMs, "volume", "status", volumeName(volume), "quotad");
}

export function snapshotList(volume: string): Command {
  return gluster(cliTimeoutMs, "snapshot", "list", volumeName(volume));
}

export function snapshotInfo(snapshot: string): Command {
  return gluster(cliTimeoutMs, "snapshot", "info", volumeName(snapshot));
}

// ---- changing --------------------------------------------------------------------------------------------------------------

/** Sets all or nothing. */
export function volumeSet(volume: string, options: Readonly<Record<string, string>>): Command {
  return gluster(cliTimeoutMs, "volume", "set", volumeName(volume), ...optionWords(options));
}

/** Back to the default. Never without an option, which would reset all; never of a `user.` option, which always fails. */
export function volumeReset(volume: string, option: string): Command {
  if (option.startsWith("user.")) throw new Error(`cannot be reset: ${JSON.stringify(option)}`);
  return gluster(cliTimeoutMs, "volume", "reset", volumeName(volume), optionName(option));
}

export function volumeStart(volume: string): Command {
  return gluster(longCliTimeoutMs, "volume", "start", volumeName(volume));
}

/** Also of a started volume: starts bricks that are down, as after glusterd died while it stopped the volume. */
export function volumeRevive(volume: string): Command {
  return gluster(longCliTimeoutMs, "volume", "start", volumeName(volume), "force");
}

/** Also of a volume that is stopped already. */
export function volumeStop(volume: string): Command {
  return gluster(longCliTimeoutMs, "volume", "stop", volumeName(volume), "force");
}

export function volumeDelete(volume: string): Command {
  return gluster(longCliTimeoutMs, "volume", "delete", volumeName(volume));
}

/** `bricks`: `HOST:PATH`, in the order of the sets. */
export function volumeCreate(volume: string, layout: VolumeLayout, bricks: readonly string[]): Command {
  const { replica, arbiter, disperse, redundancy, transport, force } = layout;
  if (bricks.length === 0 || bricks.length % brickSetSize(layout) !== 0) throw new Error(`bricks: ${bricks.join(" ")}`);
  return gluster(
    longCliTimeoutMs,
    "volume",
    "create",
    volumeName(volume),
    ...(replica === undefined ? [] : ["replica", String(replica)]),
    ...(arbiter ? ["arbiter", "1"] : []),
    ...(disperse === undefined ? [] : ["disperse", String(disperse)]),
    ...(redundancy === undefined ? [] : ["redundancy", String(redundancy)]),
    "transport",
    transport,
    ...bricks,
    ...(force ? ["force"] : []),
  );
}

export function quotaEnable(volume: string): Command {
  return gluster(longCliTimeoutMs, "volume", "quota", volumeName(volume), "enable");
}

/** The limit of the whole volume, in bytes. */
export function quotaLimit(volume: string, bytes: bigint): Command {
  return gluster(cliTimeoutMs, "volume", "quota", volumeName(volume), "limit-usage", "/", String(bytes));
}

/** Forgets limit and timeouts. */
export function quotaDisable(volume: string): Command {
  return gluster(longCliTimeoutMs, "volume", "quota", volumeName(volume), "disable");
}

/** Without a time in its name, so that it can be found by the name. */
export function snapshotCreate(snapshot: string, volume: string): Command {
  return gluster(longCliTimeoutMs, "snapshot", "create", volumeName(snapshot), volumeName(volume), "no-timestamp");
}

export function snapshotActivate(snapshot: string): Command {
  return gluster(longCliTimeoutMs, "snapshot", "activate", volumeName(snapshot), "force");
}

export function snapshotDeactivate(snapshot: string): Command {
  return gluster(longCliTimeoutMs, "snapshot", "deactivate", volumeName(snapshot));
}

export function snapshotDelete(snapshot: string): Command {
  return gluster(longCliTimeoutMs, "snapshot", "delete", volumeName(snapshot));
}

export function snapshotClone(volume: string, snapshot: string): Command {
  return gluster(longCliTimeoutMs, "snapshot", "clone", volumeName(volume), volumeName(snapshot));
}

// ---- certificates of hosts -------------------------------------------------------------------------------------------------

/** A certificate, which is public. A key is never read. */
export function certificate(file: string): Command {
  return { argv: ["cat", "--", file] };
}

export function isReadable(file: string): Command {
  return { argv: ["test", "-r", file] };
}

// ---- mounts ----------------------------------------------------------------------------------------------------------------

export const mountHelperVersion: Command = { argv: ["mount.glusterfs", "--version"] };

/** As which user commands are run: only root can mount. */
export const userId: Command = { argv: ["id", "-u"] };

export function makeMountPoint(directory: string): Command {
  return { argv: ["mkdir", "-p", "-m", "0700", "--", directory] };
}

/** From the first of the servers that tells where the bricks are. Exit 0 does not say that anything is mounted: `mountOf` does. */
export function mountVolume(host: string, backups: readonly string[], volume: string, directory: string): Command {
  const option = backupOption(backups);
  return {
    argv: ["mount", "-t", "glusterfs", ...(option === "" ? [] : ["-o", option]), `${host}:/${volumeName(volume)}`, directory],
    timeoutMs: 120_000,
    daemon: true,
  };
}

/** One line `SOURCE FSTYPE` for each mount on exactly this directory; exit 1 when there is none. */
export function mountOf(directory: string): Command {
  return { argv: ["findmnt", "-n", "-r", "-o", "SOURCE,FSTYPE", "--mountpoint", directory] };
}

export function unmount(directory: string): Command {
  return { argv: ["umount", "--", directory], timeoutMs: 120_000 };
}

export function removeMountPoint(directory: string): Command {
  return { argv: ["rmdir", "--", directory] };
}

// ---- bricks ----------------------------------------------------------------------------------------------------------------

/** Whether a directory is named as `bricksOf` names those of a volume. */
export function isBrickOf(volume: string, path: string): boolean {
  const name = path.slice(path.lastIndexOf("/") + 1);
  return path.startsWith("/") && name.startsWith(`${volumeName(volume)}.`) && !path.split("/").includes("..");
}

/** Deletes a brick directory of a volume that we made: nothing else has such a name. */
export function removeBrick(volume: string, path: string): Command {
  if (!isBrickOf(volume, path)) throw new Error(`no brick of ${volume}: ${path}`);
  return { argv: ["rm", "-rf", "--one-file-system", "--", path], timeoutMs: longCliTimeoutMs };
}

/** Device, size and free space, in bytes, of the file system that holds a directory. */
export function sizeOf(directory: string): Command {
  return { argv: ["df", "-B1", "--output=source,size,avail", "--", directory] };
}

export function exists(path: string): Command {
  return { argv: ["test", "-e", path] };
}

/** The brick directories of a made volume: named for the claim that made it, so that whose they are can be seen whenever a run is cut off. */
export function bricksOf(volume: string, claim: string, directories: readonly string[]): string[] {
  return directories.map((directory) => {
    const { host, path } = splitBrick(directory);
    return `${host}:${path}/${volume}.${claim}`;
  });
}
