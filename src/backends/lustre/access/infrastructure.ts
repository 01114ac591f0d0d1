// Who must keep seeing the whole file system: servers, executor, whoever is named trusted.
import { machinesOf, run } from "../../../core/host";
import { once } from "../../../core/once";
import { type NidInterval, parseNid, union } from "../../../spec/address";
import * as cli from "../cli";
import type { Site } from "../site";
import { readAddresses } from "./clients";
import { defaultNet, type Nodemaps, nodemapsOf, readNodemaps } from "./observe";

export interface Infrastructure {
  intervals: NidInterval[];
  /** What a host reports and we cannot read, with the nodemap that the MGS puts it into; "" where that cannot tell either. */
  unread: ReadonlyMap<string, string>;
  /** Hosts that report none: nobody knows whether they are trusted. */
  silent: readonly string[];
}

/** What several askers of a moment want to know, each asked for once. */
export interface AccessLooks {
  nodemaps: () => Promise<Nodemaps>;
  nids: () => Promise<ReportedNids[]>;
  hasNids: () => boolean;
}

export function accessLooks(site: Site): AccessLooks {
  let hasNids = false;
  const nids = once(() => {
    hasNids = true;
    return reportedNids(site);
  });
  return { nodemaps: once(() => readNodemaps(site)), nids, hasNids: () => hasNids };
}

/** NIDs of the hosts that must keep seeing everything. */
export async function observeInfrastructure(site: Site, reports: readonly ReportedNids[]): Promise<Infrastructure> {
  const reported = reports.flatMap(({ nids }) => nids);
  return {
    intervals: intervalsIn(site, reported),
    unread: await nodemapsOf(
      site,
      reported.filter((nid) => parseNid(nid) === undefined),
    ),
    silent: reports.filter(({ nids }) => nids.length === 0).map(({ host }) => host),
  };
}

/** Of them, those that an access rule could name. */
export function infrastructureIntervals(site: Site, reports: readonly ReportedNids[]): NidInterval[] {
  return intervalsIn(
    site,
    reports.flatMap(({ nids }) => nids),
  );
}

/** What a host says of itself. */
export interface ReportedNids {
  host: string;
  nids: string[];
}

/** But their loopback, which is in the nodemap that the other NIDs of the MGS are in (golden f001). */
export async function reportedNids(site: Site): Promise<ReportedNids[]> {
  const hosts = machinesOf([site.client, site.mgs, site.mds, ...site.servers]);
  return Promise.all(
    hosts.map(async (host) => {
      const words = (await run(host, cli.lctlListNids())).stdout.split(/\s+/);
      return { host: host.name, nids: words.filter((nid) => nid !== "" && !nid.endsWith("@lo")) };
    }),
  );
}

function intervalsIn(site: Site, reported: readonly string[]): NidInterval[] {
  const { exportNids, trustedClients = [] } = site.fileSystem;
  // DNS names among the export NIDs are not addresses; the servers behind them tell their own.
  const nids = [...exportNids.flatMap((host) => host.split(",")), ...reported];
  return union([
    ...nids.flatMap((text) => parseNid(text) ?? []),
    ...readAddresses("trustedClients", trustedClients, defaultNet(site)),
  ]);
}
