// All that volumes of GlusterFS clusters tell of shares, access rules and snapshots, of all owners; or what nobody is known to manage.
import type { ClusterInspection } from "../../backends/gluster/inspect";
import type { ShareRecord, SlotRecord } from "../../backends/gluster/records";
import { type Knowing, type Managed, unclaimed as whyUnclaimed } from "../../core/manager";
import { formatSize } from "../../spec/size";
import { removalText } from "../commands/objects";
import { type Column, table } from "../commands/table";
import type { Terminal } from "../commands/terminal";
import type { Call, Leftover, Listed, Unclaimed } from "../desk";
import type { Stack } from "../stack";
import type { StackConfig } from "../stack-config";
import { clustersIn } from "./choose";
import { withClusters } from "./clusters";
import { inspectAll } from "./look";
import {
  awayDocument,
  awayText,
  exitOf,
  type PlacedShare,
  placedShares,
  shareDocument,
  unknownUseLines,
  usedText,
} from "./places";

export async function list(config: StackConfig, { log, terminal }: Call): Promise<Listed> {
  const { seen, away } = await withClusters(clustersIn(config), log, inspectAll);
  return {
    places: [
      ...seen.map((inspection) => ({
        heading: `cluster ${inspection.cluster.spec.name}`,
        text: clusterText(terminal, inspection),
        document: clusterDocument(inspection),
      })),
      ...away.map((each) => ({ text: awayText(each), document: awayDocument(each) })),
    ],
    exitCode: exitOf(away),
  };
}

const shareColumns: Column<PlacedShare>[] = [
  { heading: "SHARE", cell: ({ record }) => record.key, shrinkTo: 12 },
  { heading: "STATE", cell: ({ record }) => record.state },
  { heading: "SIZE", align: "right", cell: ({ record }) => formatSize(record.size) },
  { heading: "USED", align: "right", cell: ({ quota }) => usedText(quota) },
  { heading: "VOLUME", cell: ({ volume, record }) => `${volume.name} (${record.origin})`, shrinkTo: 12 },
  { heading: "REMOVAL", cell: ({ record }) => removalText(record.removalPolicy, record.protected) },
  { heading: "OWNER", cell: ({ record }) => ownerText(record), shrinkTo: 10 },
  { heading: "LOCATION", cell: ({ location }) => location.export_location, shrinkTo: 8 },
];

const slotColumns = (heading: string, name: string): Column<SlotRecord>[] => [
  { heading, cell: ({ key }) => key, shrinkTo: 12 },
  { heading: name, cell: (slot) => slot.name, shrinkTo: 10 },
  { heading: "OWNER", cell: ({ owner }) => owner, shrinkTo: 10 },
];

const trashColumns: Column<PlacedShare>[] = [
  { heading: "IN THE TRASH", cell: ({ record }) => record.key, shrinkTo: 14 },
  { heading: "SIZE", align: "right", cell: ({ record }) => formatSize(record.size) },
  { heading: "VOLUME", cell: ({ volume }) => volume.name, shrinkTo: 8 },
  { heading: "OF", cell: ({ record }) => record.owner, shrinkTo: 8 },
];

function ownerText({ owner, claim }: ShareRecord): string {
  return claim === undefined ? `nobody (was ${owner})` : owner;
}

/** Shares that are there, and those in the trash. */
function sorted(inspection: ClusterInspection): { shares: PlacedShare[]; trash: PlacedShare[] } {
  const all = placedShares(inspection);
  return {
    shares: all.filter(({ record }) => record.state !== "trash"),
    trash: all.filter(({ record }) => record.state === "trash"),
  };
}

function clusterText({ columns }: Terminal, inspection: ClusterInspection): string {
  const { cluster, free, broken } = inspection;
  const { shares, trash } = sorted(inspection);
  const rules = shares.flatMap((share) => share.rules);
  const snapshots = shares.flatMap((share) => share.snapshots);
  const remarks = [
    ...shares.flatMap((share) => [...share.notes, ...unknownUseLines(share)].map((note) => `note: ${share.record.key}: ${note}`)),
    ...broken.map(({ volume, problem }) => `note: volume ${volume}: ${problem}`),
    ...(free.length > 0 ? [`free in the pool: ${free.map(({ name }) => name).join(", ")}`] : []),
  ];
  const blocks = [
    ...(shares.length > 0 ? [table(shareColumns, shares, columns)] : []),
    ...(rules.length > 0 ? [table(slotColumns("ACCESS RULE", "COMMON NAME"), rules, columns)] : []),
    ...(snapshots.length > 0 ? [table(slotColumns("SNAPSHOT", "NAME"), snapshots, columns)] : []),
    ...(trash.length > 0 ? [table(trashColumns, trash, columns)] : []),
  ];
  return [
    ...(blocks.length > 0 ? blocks : [`sharewright manages nothing on ${cluster.spec.name}`]),
    ...(remarks.length > 0 ? [remarks.join("\n")] : []),
  ].join("\n\n");
}

function clusterDocument(inspection: ClusterInspection): Record<string, unknown> {
  const { cluster, free, broken } = inspection;
  const { shares, trash } = sorted(inspection);
  return {
    cluster: cluster.spec.name,
    shares: shares.map(shareDocument),
    rules: shares.flatMap((share) => share.rules).map((slot) => ({ ...slotDocument(slot), commonName: slot.name })),
    snapshots: shares.flatMap((share) => share.snapshots).map((slot) => ({ ...slotDocument(slot), snapshot: slot.name })),
    trash: trash.map(shareDocument),
    free: free.map(({ name }) => name),
    broken,
  };
}

function slotDocument({ key, claim, owner, volume }: SlotRecord): Record<string, unknown> {
  return { key, claim, managedBy: owner, volume };
}

// ---- unclaimed -------------------------------------------------------------------------------------------------------------

interface GlusterLeftover extends Leftover {
  kind: "share" | "access rule" | "snapshot" | "trash" | "volume";
  cluster: string;
}

export async function unclaimed(stack: Stack, { log }: Call): Promise<Unclaimed> {
  const { seen, away } = await withClusters(clustersIn(stack), log, inspectAll);
  return {
    leftovers: seen.flatMap((inspection) => leftoversOn(inspection, stack)),
    notes: away.map(awayText),
    exitCode: exitOf(away),
  };
}

/** What no claim explains. */
function leftoversOn(inspection: ClusterInspection, stack: Knowing): GlusterLeftover[] {
  const { cluster, broken } = inspection;
  const { name } = cluster.spec;
  const { shares, trash } = sorted(inspection);
  const recorded = (kind: GlusterLeftover["kind"], record: Managed & { key: string }) => {
    const reason = whyUnclaimed(record, stack);
    return reason === undefined ? [] : [{ kind, name: record.key, why: reason, cluster: name }];
  };
  return [
    ...shares.flatMap(({ record }) => recorded("share", record)),
    ...shares.flatMap(({ rules }) => rules.flatMap((slot) => recorded("access rule", slot))),
    ...shares.flatMap(({ snapshots }) => snapshots.flatMap((slot) => recorded("snapshot", slot))),
    ...trash.map(
      ({ record, volume }): GlusterLeftover => ({
        kind: "trash",
        name: record.key,
        why: `volume ${volume.name} of "${record.owner}", kept until it is purged`,
        cluster: name,
      }),
    ),
    ...broken.map(({ volume, problem }): GlusterLeftover => ({ kind: "volume", name: volume, why: problem, cluster: name })),
  ];
}
