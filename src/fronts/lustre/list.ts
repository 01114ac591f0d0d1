// All that records on file systems tell, of all owners; or what nobody is known to manage.
import { type Inventory, readInventory } from "../../backends/lustre/inspect";
import { findLeftovers } from "../../backends/lustre/leftovers";
import type { RuleRecord, ShareRecord } from "../../backends/lustre/records";
import { trashName } from "../../backends/lustre/site";
import { defined } from "../../spec/defined";
import { type FileSystemSpec, fileSystemName } from "../../spec/lustre";
import { removalText } from "../commands/objects";
import { type Column, table } from "../commands/table";
import type { Terminal } from "../commands/terminal";
import type { Call, Listed, Unclaimed } from "../desk";
import type { Stack } from "../stack";
import type { StackConfig } from "../stack-config";
import { eachFileSystem, fileSystemsIn, isSame } from "./choose";

export async function list(config: StackConfig, { log, terminal }: Call): Promise<Listed> {
  const places = await eachFileSystem(config, log, async (site) => {
    const name = fileSystemName(site.fileSystem);
    const inventory = await readInventory(site);
    const text = inventoryText(terminal, name, inventory);
    return { heading: `file system ${name}`, text, document: inventoryDocument(site.fileSystem, inventory) };
  });
  return { places, exitCode: 0 };
}

const shareColumns: Column<ShareRecord>[] = [
  { heading: "SHARE", cell: ({ key }) => key, shrinkTo: 12 },
  { heading: "STATE", cell: ({ state }) => state },
  { heading: "SIZE", align: "right", cell: ({ spec }) => spec.size },
  { heading: "PROJECT", align: "right", cell: ({ projectId }) => String(projectId ?? "-") },
  { heading: "REMOVAL", cell: ({ spec }) => removalText(spec.removal_policy, spec.deletion_protection) },
  { heading: "OWNER", cell: ({ owner, claim }) => (claim === undefined ? `nobody (was ${owner})` : owner), shrinkTo: 10 },
  { heading: "PATH", cell: ({ spec }) => spec.fileset, shrinkTo: 8 },
];

const ruleColumns: Column<RuleRecord>[] = [
  { heading: "ACCESS RULE", cell: ({ key }) => key, shrinkTo: 12 },
  { heading: "STATE", cell: ruleState },
  { heading: "LEVEL", cell: (record) => (record.live ?? record.pending)?.level ?? "-" },
  { heading: "CLIENTS", cell: (record) => (record.live ?? record.pending)?.clients ?? "-", shrinkTo: 10, wrap: true },
  { heading: "OWNER", cell: ({ owner }) => owner, shrinkTo: 10 },
];

const trashColumns: Column<ShareRecord>[] = [
  { heading: "IN THE TRASH", cell: trashEntryName, shrinkTo: 14 },
  { heading: "SIZE", align: "right", cell: ({ spec }) => spec.size },
  { heading: "WAS", cell: ({ key }) => key, shrinkTo: 8 },
  { heading: "OF", cell: ({ owner }) => owner, shrinkTo: 8 },
];

function ruleState({ live, pending, leaving }: RuleRecord): string {
  if (leaving) return "leaving";
  if (!pending) return "in force";
  return live ? "changing" : "pending";
}

function trashEntryName({ key, projectId = 0 }: ShareRecord): string {
  return trashName(key, projectId);
}

function inventoryText(terminal: Terminal, name: string, { shares, rules, trash }: Inventory): string {
  const blocks = [
    ...(shares.length > 0 ? [table(shareColumns, shares, terminal.columns)] : []),
    ...(rules.length > 0 ? [table(ruleColumns, rules, terminal.columns)] : []),
    ...(trash.length > 0 ? [table(trashColumns, trash, terminal.columns)] : []),
  ];
  return blocks.length > 0 ? blocks.join("\n\n") : `sharewright manages nothing on ${name}`;
}

function inventoryDocument(fileSystem: FileSystemSpec, { shares, rules, trash }: Inventory): Record<string, unknown> {
  return {
    ...namesOf(fileSystem),
    shares: shares.map(({ key, state, claim, owner, projectId, spec }) => ({
      key,
      state,
      claim,
      managedBy: owner,
      projectId,
      ...spec,
    })),
    rules: rules.map((record) => ({
      key: record.key,
      state: ruleState(record),
      claim: record.claim,
      managedBy: record.owner,
      ...(record.live ?? record.pending),
    })),
    trash: trash.map((record) => ({
      name: trashEntryName(record),
      key: record.key,
      managedBy: record.owner,
      projectId: record.projectId,
      ...record.spec,
    })),
  };
}

function namesOf({ fsName, site }: FileSystemSpec): { fsName: string; site?: string } {
  return { fsName, ...defined({ site }) };
}

export async function unclaimed(stack: Stack, { log }: Call): Promise<Unclaimed> {
  const found = await eachFileSystem(stack, log, async (site) => {
    const { pathPrefix } = site.fileSystem;
    const others = fileSystemsIn(stack).filter((spec) => isSame(spec, site.fileSystem) && spec.pathPrefix !== pathPrefix);
    const sites = [site, ...others.map((fileSystem) => ({ ...site, fileSystem }))] as const;
    const leftovers = await findLeftovers([...sites], await readInventory(site), stack);
    return leftovers.map((leftover) => ({ ...leftover, ...namesOf(site.fileSystem) }));
  });
  return { leftovers: found.flat(), notes: [], exitCode: 0 };
}
