// Who must keep seeing the whole file system: servers, executor, whoever is named trusted.
import { machinesOf, run } from "../../core/host";
import { type NidInterval, parseClient, parseNid, union } from "../../spec/address";
import { defaultNet, nodemapsOf } from "./access-observe";
import * as cli from "./cli";
import type { Site } from "./site";

export interface Infrastructure {
  intervals: NidInterval[];
  /** NIDs of networks whose nodes have numbers (kfi, gni, ptlf), with the nodemap that each falls into now. */
  numbered: Map<string, string>;
}

/** NIDs of the hosts that must keep seeing everything. */
export async function observeInfrastructure(site: Site): Promise<Infrastructure> {
  const nids = await infrastructureNids(site);
  const numbered = [...new Set(nids)].filter((nid) => /^\d+@(kfi|gni|ptlf)\d*$/.test(nid));
  return {
    intervals: intervalsIn(site, nids),
    numbered: numbered.length === 0 ? new Map() : await nodemapsOf(site, numbered),
  };
}

async function infrastructureNids(site: Site): Promise<string[]> {
  const hosts = machinesOf([site.client, site.mgs, site.mds, ...site.servers]);
  const own = await Promise.all(hosts.map(async (host) => (await run(host, cli.lctlListNids())).stdout.split(/\s+/)));
  // DNS names among the export NIDs are not addresses; the servers behind them tell their own.
  return [...site.fileSystem.exportNids.flatMap((host) => host.split(",")), ...own.flat()];
}

/** Of them, those that an access rule could name. */
export async function infrastructureIntervals(site: Site): Promise<NidInterval[]> {
  return intervalsIn(site, await infrastructureNids(site));
}

function intervalsIn(site: Site, nids: readonly string[]): NidInterval[] {
  const { trustedClients = [] } = site.fileSystem;
  return union([
    ...nids.flatMap((text) => parseNid(text) ?? []),
    ...trustedClients.map((client) => parseClient(client, defaultNet(site))),
  ]);
}
