// sharewright list: everything that records on file systems and volumes tell, of all owners; or what nobody is known to manage.
import { type Inventory, readInventory } from "../../backends/lustre/inspect";
import { findLeftovers, type Leftover } from "../../backends/lustre/leftovers";
import type { RuleRecord, ShareRecord } from "../../backends/lustre/records";
import type { Site } from "../../backends/lustre/site";
import { trashName } from "../../backends/lustre/site";
import type { Stack } from "../stack";
import { type Answer, answering, type CommonFlags, type Context } from "./answer";
import type { GlusterLeftover, UnclaimedOnClusters } from "./gluster/list";
import { eachFileSystem, logOf, openConfig, openStack, stackNamed } from "./site";
import { type Column, table } from "./table";

interface ListFlags extends CommonFlags {
  readonly unclaimed?: boolean;
}

async function list(context: Context, flags: ListFlags, directory?: string): Promise<Answer> {
  const named = stackNamed(flags, directory);
  return flags.unclaimed ? listUnclaimed(context, flags, named) : listAll(context, flags, named);
}

// ---- all -------------------------------------------------------------------------------------------------------------------

async function listAll(context: Context, flags: ListFlags, named: string | undefined): Promise<Answer> {
  const config = openConfig(context, named);
  const found = await eachFileSystem(context, config, flags.json, async (site) => ({
    site,
    inventory: await readInventory(site),
  }));
  const { clusters } = config;
  const several = found.length + clusters.length > 1;
  const onClusters =
    clusters.length === 0
      ? { texts: [], documents: [], exitCode: 0 }
      : await (await import("./gluster/list")).listClusters(clusters, logOf(context, flags.json), context.terminal, several);
  return {
    text: [...found.map(({ site, inventory }) => inventoryText(context, site, inventory, several)), ...onClusters.texts].join(
      "\n\n",
    ),
    document: {
      fileSystems: found.map(({ site, inventory }) => inventoryDocument(site, inventory)),
      clusters: onClusters.documents,
    },
    exitCode: onClusters.exitCode,
  };
}

const shareColumns: Column<ShareRecord>[] = [
  { heading: "SHARE", cell: ({ key }) => key, shrinkTo: 12 },
  { heading: "STATE", cell: ({ state }) => state },
  { heading: "SIZE", align: "right", cell: ({ spec }) => spec.size },
  { heading: "PROJECT", align: "right", cell: ({ projectId }) => String(projectId ?? "-") },
  { heading: "REMOVAL", cell: ({ spec }) => spec.removal_policy },
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

function inventoryText(
  { terminal }: Context,
  { fileSystem }: Site,
  { shares, rules, trash }: Inventory,
  several: boolean,
): string {
  const blocks = [
    ...(several ? [`file system ${fileSystem.fsName}`] : []),
    ...(shares.length > 0 ? [table(shareColumns, shares, terminal.columns)] : []),
    ...(rules.length > 0 ? [table(ruleColumns, rules, terminal.columns)] : []),
    ...(trash.length > 0 ? [table(trashColumns, trash, terminal.columns)] : []),
  ];
  const empty = shares.length + rules.length + trash.length === 0;
  return [...blocks, ...(empty ? [`sharewright manages nothing on ${fileSystem.fsName}`] : [])].join("\n\n");
}

function inventoryDocument({ fileSystem }: Site, { shares, rules, trash }: Inventory): Record<string, unknown> {
  return {
    fsName: fileSystem.fsName,
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

// ---- unclaimed -------------------------------------------------------------------------------------------------------------

type PlacedLeftover = (Leftover & { fsName: string }) | GlusterLeftover;

const leftoverColumns: Column<PlacedLeftover>[] = [
  { heading: "KIND", cell: ({ kind }) => kind },
  { heading: "NAME", cell: ({ name }) => name, shrinkTo: 16 },
  { heading: "WHY", cell: ({ why }) => why, shrinkTo: 20, wrap: true },
];

async function listUnclaimed(context: Context, flags: ListFlags, named: string | undefined): Promise<Answer> {
  const stack = await openStack(context, named);
  const found = await eachFileSystem(context, stack, flags.json, async (site): Promise<PlacedLeftover[]> => {
    const { fsName } = site.fileSystem;
    const others = stack.fileSystems.filter((spec) => spec.fsName === fsName && spec.pathPrefix !== site.fileSystem.pathPrefix);
    const sites = [site, ...others.map((fileSystem) => ({ ...site, fileSystem }))] as const;
    const leftovers = await findLeftovers([...sites], await readInventory(site), stack);
    return leftovers.map((leftover) => ({ ...leftover, fsName }));
  });
  const onClusters = await unclaimedOnClusters(context, flags, stack);
  const leftovers = [...found.flat(), ...onClusters.leftovers];
  const notes = [...stack.notes, ...onClusters.notes];
  const text =
    leftovers.length === 0
      ? "nothing is left over: a claim of this stack explains everything"
      : table(leftoverColumns, leftovers, context.terminal.columns);
  return {
    text: [...notes.map((note) => `note: ${note}\n`), text].join("\n"),
    document: { stack: stack.name, notes, unclaimed: leftovers },
    exitCode: onClusters.exitCode,
  };
}

async function unclaimedOnClusters(context: Context, { json }: ListFlags, stack: Stack): Promise<UnclaimedOnClusters> {
  if (stack.clusters.length === 0) return { leftovers: [], notes: [], exitCode: 0 };
  return (await import("./gluster/list")).listUnclaimedOnClusters(stack, logOf(context, json));
}

export default answering("list", list);
