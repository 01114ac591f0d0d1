// Checks of the properties of a file system that are more than one text.
import { maxProjectId, type Revocation, revocations } from "../../../src/spec/lustre";
import type { Checks } from "../checks";
import { literalClients } from "./clients";
import * as errors from "./errors";
import { defaultNet, isExportHost, isIpv6Host } from "./locations";

export function exportHosts(check: Checks, exportNids: string[], version: string): string[] {
  check.literal("exportNids", exportNids);
  if (exportNids.length === 0) throw errors.noAddresses(check.path, "exportNids", '"10.0.0.1@tcp"');
  for (const host of exportNids) {
    if (typeof host !== "string" || !isExportHost(host)) throw errors.badExportNid(check.path, host);
    if (version === "2.16" && isIpv6Host(host)) throw errors.needs217(check.path, "exportNids", host, "IPv6", "write IPv4 NIDs");
  }
  return [...exportNids];
}

export function projectIdRange(check: Checks, range: { start: number; end: number }): { start: number; end: number } {
  const start = check.integer("projectIds.start", range.start, 1, maxProjectId);
  const end = check.integer("projectIds.end", range.end, 1, maxProjectId);
  if (start > end) throw errors.projectIdsReversed(check.path, start, end);
  return { start, end };
}

export function revocationFor(check: Checks, value: string, version: string): Revocation {
  const revocation = check.oneOf("revocation", value, revocations);
  if (revocation !== "lazy" && version === "2.16") {
    throw errors.needs217(check.path, "revocation", value, "cutting off mounted clients", "write revocation: Revocation.LAZY");
  }
  return revocation;
}

export function trustedNids(check: Checks, clients: string[], exportNids: string[], version: string): string[] {
  check.literal("trustedClients", clients);
  literalClients(check, "trustedClients", clients, defaultNet(exportNids), version);
  return [...clients];
}
