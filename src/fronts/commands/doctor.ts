// sharewright doctor: whether limits and access can hold here, and what to do where they cannot.

import { readInventory } from "../../backends/lustre/inspect";
import { checkOwnNodemaps, proveAndCheckAccess, proveAndCheckLimits } from "../../backends/lustre/preflight";
import { checkRecords } from "../../backends/lustre/record-folders";
import type { Site } from "../../backends/lustre/site";
import { checkTools, toolHosts } from "../../backends/lustre/tools";
import { checkUsers, ownersIn } from "../../backends/lustre/users";
import type { Check } from "../../core/check";
import { succeeded } from "../../core/command";
import type { Host } from "../../core/host";
import { oneLine, printable } from "../../core/printable";
import { localTransport } from "../../transports/local";
import type { StackConfig } from "../stack-config";
import { terraformBinaries } from "../stack-state";
import { type Answer, answering, type CommonFlags, type Context, environmentOf } from "./answer";
import { checked } from "./checked";
import { type ConnectionReport, checkConnections, unlooked } from "./doctor-connection";
import { eachFileSystem, logOf, openConfig, stackNamed } from "./site";
import { type Column, count, table } from "./table";

const refusedExit = 3;

/** What was found about a file system, or about clusters. */
interface Looked {
  checks: Check[];
  connections: ConnectionReport[];
}

async function doctor(context: Context, flags: CommonFlags, directory?: string): Promise<Answer> {
  const config = openConfig(context, stackNamed(flags, directory));
  const here = [nodeVersion(process.versions.node), await terraform(environmentOf(context))];
  const there = await eachFileSystem(context, config, flags.json, (site) => checkSite(context, site));
  if (config.clusters.length > 0) there.push(await checkAllClusters(context, flags, config));
  const checks = [...here, ...there.flatMap((site) => site.checks)];
  const bad = checks.filter(({ verdict }) => verdict === "bad");
  const toMend = checks.filter(({ verdict }) => verdict === "bad" || verdict === "warning");
  const fixes = toMend.flatMap(({ about, fix }) => (fix === undefined ? [] : [`fix  ${about}: ${printable(fix, "     ")}`]));
  return {
    text: [
      table(columns, checks, context.terminal.columns),
      ...(fixes.length > 0 ? ["", ...(fixes.length > 1 ? ["in this order:"] : []), ...fixes] : []),
      "",
      summary(checks),
    ].join("\n"),
    document: { checks, connections: there.flatMap(({ connections }) => connections) },
    exitCode: bad.length > 0 ? refusedExit : 0,
  };
}

async function checkAllClusters(context: Context, { json }: CommonFlags, { clusters }: StackConfig): Promise<Looked> {
  context.terminal.progress("checking the clusters");
  return (await import("./gluster/doctor")).checkClusters(clusters, logOf(context, json));
}

const columns: Column<Check>[] = [
  { heading: "", cell: ({ verdict }) => verdict },
  { heading: "CHECK", cell: ({ about }) => about },
  { heading: "FOUND", cell: ({ found }) => oneLine(found), shrinkTo: 24, wrap: true },
];

function summary(checks: readonly Check[]): string {
  const number = (verdict: Check["verdict"]) => checks.filter((check) => check.verdict === verdict).length;
  const others = [
    ...(number("warning") > 0 ? [`, ${count(number("warning"), "warning")}`] : []),
    ...(number("unknown") > 0 ? [`, ${number("unknown")} not verified`] : []),
  ].join("");
  return number("bad") === 0
    ? `all ${number("good")} checks are good${others}`
    : `${number("bad")} bad, ${number("good")} good${others}`;
}

async function checkSite(context: Context, site: Site): Promise<Looked> {
  context.terminal.progress("connecting");
  const { checks, reports, broken } = await checkConnections([site.client, site.mds, site.mgs, ...site.servers]);
  const isUsable = ({ transport }: Host) => !broken.has(transport);
  const { client, mds, mgs } = site;
  // Without a server that cannot be reached, what is said of the others still holds.
  const servers = (site.servers.length > 0 ? site.servers : [mgs, mds]).filter(isUsable);
  const rest = { ...site, servers: broken.size === 0 ? site.servers : servers };
  const look = async (id: string, hosts: readonly Host[], work: () => Promise<Check[]>): Promise<Check[]> => {
    const not = unlooked(id, broken, hosts);
    if (not) return [not];
    context.terminal.progress(`checking ${id}`);
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

const minNode = [20, 9] as const;

function nodeVersion(version: string): Check {
  const [major = 0, minor = 0] = version.split(".").map(Number);
  const old = major < minNode[0] || (major === minNode[0] && minor < minNode[1]);
  const common = { id: "node", about: "Node.js" };
  return old
    ? { ...common, verdict: "bad", found: version, fix: "install Node.js 20.9 or later" }
    : { ...common, verdict: "good", found: version };
}

async function terraform(environment: NodeJS.ProcessEnv): Promise<Check> {
  const transport = localTransport({ environment: { ...environment, CHECKPOINT_DISABLE: "1" } });
  const common = { id: "terraform", about: "Terraform or OpenTofu" };
  for (const binary of terraformBinaries(environment)) {
    const result = await transport.run({ argv: [binary, "version"], timeoutMs: 30_000 });
    if (succeeded(result)) return { ...common, verdict: "good", found: result.stdout.split("\n")[0] ?? binary };
  }
  const found = `none of ${terraformBinaries(environment).join(", ")} can be run here`;
  return { ...common, verdict: "bad", found, fix: "install Terraform or OpenTofu, or name it in TERRAFORM_BINARY_NAME" };
}

export default answering("doctor", doctor);
