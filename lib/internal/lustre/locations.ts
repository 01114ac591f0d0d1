// How a client names a share: NIDs of the file system, export location, mount command, fstab line. Pure.
import { isNumbered, normalNet, parseNid } from "../../../src/spec/address";
import type { FileSystemSpec } from "../../../src/spec/lustre";

const hostName = /^(?=.{1,253}@)[A-Za-z0-9]([A-Za-z0-9-]{0,61}[A-Za-z0-9])?(\.[A-Za-z0-9]([A-Za-z0-9-]{0,61}[A-Za-z0-9])?)*@/;

/** True for the NIDs of one host, joined by ",": addresses or DNS names, each with its net. */
export function isExportHost(text: string): boolean {
  return text.split(",").every((nid) => {
    if (parseNid(nid)) return true;
    // All digits and dots is an address with a mistake in it, not a name; and names are of IP addresses.
    const net = normalNet(netOf(nid));
    return hostName.test(nid) && !/^[\d.]+@/.test(nid) && net !== undefined && !isNumbered(net);
  });
}

export function isIpv6Host(text: string): boolean {
  return text.split(",").some((nid) => parseNid(nid)?.family === 6);
}

function netOf(nid: string): string {
  return nid.slice(nid.indexOf("@") + 1);
}

/** The net of clients that are written without one: that of the first NID. */
export function defaultNet(exportNids: readonly string[]): string {
  const net = netOf(exportNids[0]?.split(",")[0] ?? "");
  return normalNet(net) ?? net;
}

/** The triggers of a share that say where it is. */
export function locationTriggers(fileSystem: FileSystemSpec, shareName: string, fileset: string) {
  const location = exportLocation(fileSystem, fileset);
  return {
    fileset,
    path: `${fileSystem.mountPoint}${fileset}`,
    export_location: location,
    mount_command: `mount -t lustre ${shellWord(location)} /mnt/${shareName}`,
    // fstab(5) reads a backslash as the start of an octal code.
    fstab_entry: `${location.replaceAll("\\", "\\134")} /mnt/${shareName} lustre defaults,_netdev 0 0`,
  };
}

/**
 * What a client of that version mounts. On 2.16 a client's root is the one fileset of its nodemap, and paths are relative to it
 * (sources of 2.16.1), so it names the root; on 2.17 it names the share, one of several filesets (golden j and k runs).
 */
function exportLocation({ exportNids, fsName, lustreVersion }: FileSystemSpec, fileset: string): string {
  return `${exportNids.join(":")}:/${fsName}${lustreVersion === "2.16" ? "" : fileset}`;
}

function shellWord(text: string): string {
  return /^[\w@:.,/+-]+$/.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`;
}
