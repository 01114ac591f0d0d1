// Who must keep seeing the whole file system: servers, executor, whoever is named trusted.
import { machinesOf, run } from "../../../core/host";
import { type NidInterval, parseNid, union } from "../../../spec/address";
import * as cli from "../cli";
import type { Site } from "../site";
import { readAddresses } from "./clients";
import { defaultNet, nodemapsOf } from "./observe";

export interface Infrastructure {
  intervals: NidInterval[];
  /** What a host reports and we cannot read, with the nodemap that the MGS puts it into; "" where that cannot tell either. */
  unread: ReadonlyMap<string, string>;
  /** Hosts that report none: nobody knows whether they are trusted. */
  silent: readonly string[];
}

/** NIDs of the hosts that must keep seeing everything. */
export async function observeInfrastructure(site: Site): Promise<Infrastructure> {
  const reports = await reportedNids(site);
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
export async function infrastructureIntervals(site: Site): Promise<NidInterval[]> {
  return intervalsIn(
    site,
    (await reportedNids(site)).flatMap(({ nids }) => nids),
  );
}

/** But their loopback, which is in the nodemap that the other NIDs of the MGS are in (golden f001). */
async function reportedNids(site: Site): Promise<{ host: string; nids: string[] }[]> {
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
