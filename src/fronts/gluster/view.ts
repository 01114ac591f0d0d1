// How `sharewright status` shows shares, access rules and snapshots of GlusterFS.
import { isUnreachable } from "../../backends/gluster/site";
import { glusterRuleMessage, glusterShareMessage, glusterSnapshotMessage } from "../../spec/gluster";
import type { GlusterKind } from "../../spec/kinds";
import { approximateSize } from "../../spec/size";
import { markOf, removalText } from "../commands/objects";
import { type Column, percent } from "../commands/table";
import type { View } from "../desk";
import { keyText, type SurveyedObject as Seen } from "../surveyed";
import { locationDocument, usedText } from "./places";
import type { RuleSight, ShareSight, SnapshotSight } from "./survey";

const quotaOf = ({ sight }: Seen<ShareSight>) => sight?.place?.quota;

const shareColumns: Column<Seen<ShareSight>>[] = [
  { heading: "SHARE", cell: keyText, shrinkTo: 12 },
  { heading: "CHECK", cell: ({ verdict }) => markOf(verdict) },
  {
    heading: "SIZE",
    align: "right",
    cell: ({ sight }) => sizeText(sight?.spec?.size ?? sight?.place?.record.size),
  },
  { heading: "USED", align: "right", cell: (object) => usedText(quotaOf(object)) },
  {
    heading: "USE",
    align: "right",
    cell: (object) => {
      const quota = quotaOf(object);
      return quota?.used === undefined || quota.limit === undefined ? "-" : percent(quota.used, quota.limit);
    },
  },
  { heading: "STATE", cell: (object) => stateOf(object) ?? "?" },
  { heading: "REMOVAL", cell: ({ sight }) => removalText(sight?.spec?.removalPolicy, sight?.spec?.deletionProtection) },
  { heading: "CLUSTER", cell: ({ sight }) => sight?.place?.cluster ?? "-", shrinkTo: 8 },
  { heading: "LOCATION", cell: ({ sight }) => sight?.place?.location.export_location ?? "-", shrinkTo: 8 },
];

/** What was not seen must not pass for absent. */
const wasSeen = ({ refusal }: Seen) => !isUnreachable(refusal);

function stateOf(object: Seen<ShareSight>): string | undefined {
  return object.sight?.place?.record.state ?? (wasSeen(object) ? "absent" : undefined);
}

function inForceOf(object: Seen<RuleSight>): string {
  if (object.sight?.inForce) return "yes";
  return wasSeen(object) ? "no" : "?";
}

function sizeText(bytes: bigint | undefined): string {
  return bytes === undefined ? "-" : approximateSize(bytes);
}

const ruleColumns: Column<Seen<RuleSight>>[] = [
  { heading: "ACCESS RULE", cell: keyText, shrinkTo: 12 },
  { heading: "CHECK", cell: ({ verdict }) => markOf(verdict) },
  { heading: "LEVEL", cell: ({ sight }) => (sight ? "rw" : "-") },
  { heading: "IN FORCE", cell: (object) => inForceOf(object) },
  { heading: "COMMON NAME", cell: ({ sight }) => sight?.spec.commonName ?? "-", shrinkTo: 10 },
];

const snapshotColumns: Column<Seen<SnapshotSight>>[] = [
  { heading: "SNAPSHOT", cell: keyText, shrinkTo: 12 },
  { heading: "CHECK", cell: ({ verdict }) => markOf(verdict) },
  { heading: "NAME", cell: ({ sight }) => sight?.spec.snapshot ?? "-", shrinkTo: 10 },
  { heading: "CLUSTER", cell: ({ sight }) => sight?.cluster ?? "-", shrinkTo: 8 },
];

const shares: View<ShareSight> = {
  list: "shares",
  properties: glusterShareMessage.table,
  columns: shareColumns,
  document(object) {
    if (!object.sight) return {};
    const { spec, place } = object.sight;
    return {
      size: spec?.size ?? place?.record.size,
      usedBytes: place?.quota?.used,
      state: stateOf(object) ?? "unknown",
      removalPolicy: spec?.removalPolicy ?? place?.record.removalPolicy,
      deletionProtection: (spec ? spec.deletionProtection : place?.record.protected) ?? false,
      ...(place ? locationDocument(place) : {}),
    };
  },
};

const rules: View<RuleSight> = {
  list: "rules",
  properties: glusterRuleMessage.table,
  who: "commonName",
  columns: ruleColumns,
  document(object) {
    const { sight } = object;
    if (!sight) return {};
    return { commonName: sight.spec.commonName, level: "rw", ...(wasSeen(object) ? { inForce: sight.inForce } : {}) };
  },
};

const snapshots: View<SnapshotSight> = {
  list: "snapshots",
  properties: glusterSnapshotMessage.table,
  columns: snapshotColumns,
  document: ({ sight }) => (sight ? { snapshot: sight.spec.snapshot, cluster: sight.cluster } : {}),
};

export const views: Readonly<Record<GlusterKind, View>> = {
  "gluster.share": shares,
  "gluster.access-rule": rules,
  "gluster.snapshot": snapshots,
};
