// What doctor says of file systems: connections, tools, limits, access, users.
import { readInventory } from "../../backends/lustre/inspect";
import { checkOwnNodemaps, proveAndCheckAccess, proveAndCheckLimits } from "../../backends/lustre/preflight";
import { checkRecords } from "../../backends/lustre/record-folders";
import type { Site } from "../../backends/lustre/site";
import { checkTools, toolHosts } from "../../backends/lustre/tools";
import { checkUsers, ownersIn } from "../../backends/lustre/users";
import type { Check } from "../../core/check";
import type { Host } from "../../core/host";
import { checked } from "../commands/checked";
import { checkConnections, unlooked } from "../commands/doctor-connection";
import type { Terminal } from "../commands/terminal";
import type { Call, Looked } from "../desk";
import type { StackConfig } from "../stack-config";
import { eachFileSystem } from "./choose";

export function check(config: StackConfig, { log, terminal }: Call): Promise<Looked[]> {
  return eachFileSystem(config, log, (site) => checkSite(terminal, site));
}

async function checkSite(terminal: Terminal, site: Site): Promise<Looked> {
  terminal.progress("connecting");
  const { checks, reports, broken } = await checkConnections([site.client, site.mds, site.mgs, ...site.servers]);
  const isUsable = ({ transport }: Host) => !broken.has(transport);
  const { client, mds, mgs } = site;
  // Without a server that cannot be reached, what is said of the others still holds.
  const servers = (site.servers.length > 0 ? site.servers : [mgs, mds]).filter(isUsable);
  const rest = { ...site, servers: broken.size === 0 ? site.servers : servers };
  const look = async (id: string, hosts: readonly Host[], work: () => Promise<Check[]>): Promise<Check[]> => {
    const not = unlooked(id, broken, hosts);
    if (not) return [not];
    terminal.progress(`checking ${id}`);
    return checked(id, work);
  };
  return {
    checks: [
      ...checks,
      ...(await Promise.all(toolHosts(site).filter(isUsable).map(checkToolsOf))).flat(),
      ...(await look("limits", [client, mds], async () => [...(await proveAndCheckLimits(rest)), await checkRecords(rest)])),
      ...(await look("access", [client, mds, mgs], async () => [
        ...(await proveAndCheckAccess(rest)),
        await checkOwnNodemaps(rest),
      ])),
      ...(await look("users", [client, mds, mgs], async () => [await checkUsers(rest, ownersIn(await readInventory(rest)))])),
    ],
    connections: reports,
  };
}

function checkToolsOf(host: Host): Promise<Check[]> {
  return checked(`tools of the ${host.role}`, async () => [await checkTools(host)]);
}
