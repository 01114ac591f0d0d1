// Options of volumes: what a share needs, what was there before, and who is let in. Pure.

import { quote } from "../../../core/quote";
import { defined } from "../../../spec/defined";
import { type ClusterSpec, commonNamePattern, isInfrastructureName, maxSslAllowBytes, sslAllow } from "../../../spec/gluster";
import * as cli from "../cli";
import { fault } from "../faults";
import { booleanOf, type Volume } from "../parse";
import { rulesOf, type ShareRecord, shareMark, shareRecordOf } from "../records";

/** Asked for by every share, besides the names that are let in. The first two take effect when bricks are started. */
const tls = { "client.ssl": "on", "server.ssl": "on" } as const;
const dynamicAuth = { "server.dynamic-auth": "on" } as const;

/** Options that a share may change, and that are put back when its volume is given back. */
export function trackedOptions(volumeOptions: readonly string[]): string[] {
  return [...Object.keys(tls), ...Object.keys(dynamicAuth), "nfs.disable", "features.quota", ...volumeOptions];
}

/** Explicit values of these options, to be put back. */
export function valuesOf(volume: Pick<Volume, "options">, names: readonly string[]): Record<string, string> {
  return Object.fromEntries(names.flatMap((name) => (volume.options[name] === undefined ? [] : [[name, volume.options[name]]])));
}

/** Who is let in: the infrastructure, what an adopted volume let in, and the common names of the rules. Sorted, each once. */
export function allowedNames(record: Pick<ShareRecord, "infrastructure" | "kept">, ruleNames: readonly string[]): string[] {
  return [...new Set([...record.infrastructure, ...record.kept, ...ruleNames])].sort();
}

/** @throws BAD_REQUEST where the list would kill glusterd */
export function sslAllowText(object: string, names: readonly string[]): string {
  const text = names.join(",");
  if (text.length <= maxSslAllowBytes) return text;
  throw fault("BAD_REQUEST", {
    object,
    summary: `${names.length} common names take ${text.length} bytes in ${sslAllow}, and more than ${maxSslAllowBytes} would kill glusterd`,
    fix: "let several clients share a certificate, or divide them among several shares",
  });
}

function listedNames({ options }: Volume): string[] {
  return (options[sslAllow] ?? "").split(/[ ,]+/).filter(Boolean);
}

/** Whether just these names are let in, in whatever order somebody has written them. */
export function isListed(volume: Volume, names: readonly string[]): boolean {
  const listed = new Set(listedNames(volume));
  return listed.size === names.length && names.every((name) => listed.has(name));
}

export function wantedOptions(
  volume: Volume,
  record: ShareRecord,
  volumeOptions: Readonly<Record<string, string>>,
): Record<string, string> {
  const names = allowedNames(
    record,
    rulesOf(volume, record).map(({ name }) => name),
  );
  return {
    ...tls,
    ...dynamicAuth,
    [sslAllow]: isListed(volume, names) ? (volume.options[sslAllow] as string) : sslAllowText(record.key, names),
    // An export over the NFS of old releases knows no certificates. Only where it is on: newer builds do not know the option.
    ...(booleanOf(volume.options["nfs.disable"]) === false ? { "nfs.disable": "on" } : {}),
    ...volumeOptions,
  };
}

/** The wanted options that are not as they are. */
export function differing(volume: Volume, wanted: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(Object.entries(wanted).filter(([name, value]) => !sameValue(volume.options[name], value)));
}

function sameValue(seen: string | undefined, wanted: string): boolean {
  const wish = booleanOf(wanted);
  return seen === wanted || (wish !== undefined && booleanOf(seen) === wish);
}

/** TLS where it is not on; somebody has turned it off. */
export function missingTls(volume: Volume): Record<string, string> {
  return differing(volume, tls);
}

export function needsRestart(options: Readonly<Record<string, string>>): boolean {
  return Object.keys(tls).some((name) => name in options);
}

export function isDynamic(volume: Volume): boolean {
  return booleanOf(volume.options["server.dynamic-auth"]) === true;
}

export function turnedDynamic(volume: Volume): Record<string, string> {
  return isDynamic(volume) ? {} : dynamicAuth;
}

/** The names that a volume lets in, or why that cannot be relied on. */
export function explicitNames(volume: Volume): { names: string[] } | { problem: string } {
  if (volume.options[sslAllow] === undefined)
    return { problem: `${sslAllow} is not set, which lets every certificate of the CA in` };
  const names = listedNames(volume);
  const wild = names.find((name) => !commonNamePattern.test(name));
  if (wild !== undefined) return { problem: `${sslAllow} holds "${wild}", which is compared as a pattern or is no single name` };
  return { names };
}

/** The explicit names of a volume: its servers' and the managing host's, and those of others. */
export function infrastructureIn(
  volume: Volume,
  patterns: readonly string[],
): { names: string[]; others: string[] } | { problem: string } {
  const explicit = explicitNames(volume);
  if ("problem" in explicit) return explicit;
  const names = explicit.names.filter((name) => isInfrastructureName(name, patterns));
  const others = explicit.names.filter((name) => !names.includes(name));
  return names.length > 0 ? { names, others } : { problem: `${sslAllow} names no server (${patterns.join(", ")})` };
}

/**
 * The record of a volume. A server that was added since, and is let in by its name, is infrastructure like the others.
 * @throws OTHER_SITE for that of another site: the servers lead to its cluster, and who has a share of that name is somebody else
 */
export function recordWithServers(
  volume: Volume,
  { infrastructureNames, site }: Pick<ClusterSpec, "infrastructureNames" | "site">,
): ShareRecord | undefined {
  const record = shareRecordOf(volume);
  if (record && record.site !== site) throw otherSite(record, site);
  const listed = infrastructureIn(volume, infrastructureNames);
  if (!record || "problem" in listed) return record;
  return { ...record, infrastructure: [...new Set([...record.infrastructure, ...listed.names])].sort() };
}

function otherSite(record: ShareRecord, site: string | undefined) {
  const { site: its, ...rest } = record;
  const { key, volume } = rest;
  const own = quote(cli.volumeSet(volume, shareMark({ ...rest, ...defined({ site }) })).argv);
  const [found, meant] = [its, site].map((word) => (word === undefined ? "no site" : `the site "${word}"`));
  return fault("OTHER_SITE", {
    object: key,
    summary: `volume ${volume} is the share ${key} of ${found}, and the cluster is written as of ${meant}`,
    fix: `see to which cluster its servers lead (\`gluster pool list\` there), and correct their connections; only where it is the right one, write that site in every stack that describes it, or have the share be of this one: ${own}`,
  });
}

/** Names that were let in by hand: neither infrastructure nor kept nor of a rule. */
export function strangersIn(volume: Volume, record: ShareRecord): string[] {
  const known = allowedNames(
    record,
    rulesOf(volume, record).map(({ name }) => name),
  );
  return listedNames(volume).filter((name) => !known.includes(name));
}
