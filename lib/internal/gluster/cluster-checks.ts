// Checks of the properties of a cluster that are more than one text.
import type { ConnectionSpec } from "../../../src/spec/connection";
import {
  type ClusterSpec,
  directoryRule,
  infrastructureNamePattern,
  infrastructureNameRule,
  isDirectory,
  serverHostPattern,
  serverHostRule,
} from "../../../src/spec/gluster";
import type { Checks } from "../checks";
import * as errors from "./errors";
import { patternProblem } from "./volume-pattern";

/** A Connection. */
interface Specified {
  toSpec(): ConnectionSpec;
}

export function directory(check: Checks, property: string, path: string): string {
  return check.text(property, path, isDirectory, directoryRule);
}

export function serverHost(check: Checks, property: string, host: string): string {
  return check.text(property, host, serverHostPattern, serverHostRule);
}

export function serverList(
  check: Checks,
  servers: readonly { readonly connection: Specified; readonly host: string }[],
): ClusterSpec["servers"] {
  if (servers.length === 0) throw errors.emptyList(check.path, "servers", '{ connection: Connection.local(), host: "server1" }');
  const list = servers.map(({ connection, host }) => ({
    connection: serverConnection(check, connection),
    host: serverHost(check, "servers.host", host),
  }));
  once(
    check,
    "servers.host",
    list.map(({ host }) => host),
  );
  return list;
}

// A brick is made and removed on the very server that its name says.
function serverConnection(check: Checks, connection: Specified): ConnectionSpec {
  const spec = check.connection("servers.connection", connection.toSpec());
  if (spec.type === "ssh" && spec.hosts.length > 1) throw errors.severalHosts(check.path, spec.hosts);
  return spec;
}

/** The hosts of a list, or all of the servers but the one that clients mount from. */
export function backupServers(check: Checks, hosts: string[] | undefined, exportHost: string, servers: ClusterSpec["servers"]) {
  if (hosts === undefined) return servers.map(({ host }) => host).filter((host) => host !== exportHost);
  check.literal("backupVolfileServers", hosts);
  return once(
    check,
    "backupVolfileServers",
    hosts.map((host) => serverHost(check, "backupVolfileServers", host)),
  );
}

export function brickRootList(check: Checks, roots: string[]): string[] {
  check.literal("brickRoots", roots);
  if (roots.length === 0) throw errors.emptyList(check.path, "brickRoots", '"/data/bricks"');
  return once(
    check,
    "brickRoots",
    roots.map((root) => directory(check, "brickRoots", root)),
  );
}

export function infrastructureNameList(check: Checks, names: string[]): string[] {
  check.literal("infrastructureNames", names);
  if (names.length === 0) throw errors.emptyList(check.path, "infrastructureNames", '"glusterfs-server*"');
  for (const name of names) check.text("infrastructureNames", name, infrastructureNamePattern, infrastructureNameRule);
  return [...names];
}

/** @throws ShareSynthesisError that shows the character where it stops to be a pattern */
export function volumePatternText(check: Checks, pattern: string): string {
  check.text("volumePattern", pattern, /^[^\p{Cc}]+$/u, "a regular expression for whole names of volumes, in one line");
  const found = patternProblem(pattern);
  if (found) throw errors.badVolumePattern(check.path, pattern, found.at, found.problem);
  return pattern;
}

function once(check: Checks, property: string, texts: string[]): string[] {
  const twice = texts.find((text, index) => texts.indexOf(text) < index);
  if (twice !== undefined) throw errors.namedTwice(check.path, property, twice);
  return texts;
}
