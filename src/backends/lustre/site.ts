// One Lustre file system as the executor meets it: its spec, its hosts, its paths.
import type { Host, Role } from "../../core/host";
import type { Log } from "../../core/log";
import type { FileSystemSpec } from "../../spec/lustre";
import { keyFile, recordsDirectory } from "../../spec/name";

export interface Site {
  fileSystem: FileSystemSpec;
  client: Host;
  /** Where quota commands run: a host with a mount of its own, else the client. */
  mds: Host;
  mgs: Host;
  /** Hosts whose server parameters can be read. */
  servers: Host[];
  log: Log;
}

export function hostOf(site: Site): (role: Role) => Host {
  return (role) => (role === "server" ? site.client : site[role]);
}

/** Path on the client of a directory named from the file system's root. */
export function onClient(site: Site, path: string): string {
  return `${site.client.mount}${path}`;
}

/** Directories of our records, each below `<mount>/.sharewright`, in the order in which they are made: the last one says that all are there. */
export const recordFolders = ["projects", "shares", "rules", "nodemaps", "staging", "trash", "locks"] as const;
export type RecordFolder = (typeof recordFolders)[number];

export function recordsRoot(site: Site): string {
  return `${site.client.mount}/${recordsDirectory}`;
}

export function recordsFolder(site: Site, folder: RecordFolder): string {
  return `${recordsRoot(site)}/${folder}`;
}

/** There once all records lie on the MDT. */
export function onMdtMark(site: Site): string {
  return `${recordsRoot(site)}/on-mdt`;
}

export function recordPath(site: Site, folder: "shares" | "rules" | "nodemaps" | "trash", key: string): string {
  return `${recordsFolder(site, folder)}/${keyFile(key)}.json`;
}

/** Where a share is made before it is shown. */
export function stagingPath(site: Site, key: string): string {
  return `${recordsFolder(site, "staging")}/${keyFile(key)}`;
}

/** The name of a share in the trash: its project id is reserved until the purge, so the name is unique. */
export function trashName(key: string, projectId: number): string {
  return `${keyFile(key)}.${projectId}`;
}

export function trashPath(site: Site, name: string): string {
  return `${recordsFolder(site, "trash")}/${name}`;
}

export function projectLink(site: Site, id: number): string {
  return `${recordsFolder(site, "projects")}/${id}`;
}

/** A link whose text is the id that was given last from the range. */
export function lastIdName({ fileSystem: { projectIds } }: Site): string {
  return `last-${projectIds.start}-${projectIds.end}`;
}

/** 2.16 has no deny_mount: whoever is in no nodemap sees this directory, which is empty and closed. */
export const closedFileset = `/${recordsDirectory}/closed`;

/** The directories on the way to the closed fileset, outermost first. */
export function closedDirectories(site: Site): { path: string; mode: string }[] {
  return [
    { path: recordsRoot(site), mode: "0700" },
    { path: onClient(site, closedFileset), mode: "0000" },
  ];
}

/** Directories of the path prefix, outermost first. */
export function prefixDirectories(site: Site): string[] {
  const parts = site.fileSystem.pathPrefix.split("/");
  return parts.map((_, index) => `${site.client.mount}/${parts.slice(0, index + 1).join("/")}`);
}
