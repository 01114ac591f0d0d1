// Shares, access rules and snapshots of GlusterFS in the tables and the document of `sharewright status`.
import { isUnreachable } from "../../../backends/gluster/site";
import { approximateSize } from "../../../spec/size";
import { markOf } from "../objects";
import type { SurveyedObject } from "../surveyed";
import { type Column, percent, table } from "../table";
import { locationDocument, usedText } from "./places";

const quotaOf = ({ glusterShare }: SurveyedObject) => glusterShare?.place?.quota;

const shareColumns: Column<SurveyedObject>[] = [
  { heading: "SHARE", cell: ({ key }) => key, shrinkTo: 12 },
  { heading: "CHECK", cell: ({ verdict }) => markOf(verdict) },
  {
    heading: "SIZE",
    align: "right",
    cell: ({ glusterShare }) => sizeText(glusterShare?.spec?.size ?? glusterShare?.place?.record.size),
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
  { heading: "REMOVAL", cell: ({ glusterShare }) => glusterShare?.spec?.removalPolicy ?? "-" },
  { heading: "CLUSTER", cell: ({ glusterShare }) => glusterShare?.place?.cluster ?? "-", shrinkTo: 8 },
  { heading: "LOCATION", cell: ({ glusterShare }) => glusterShare?.place?.location.export_location ?? "-", shrinkTo: 8 },
];

/** What was not seen must not pass for absent. */
const wasSeen = ({ refusal }: SurveyedObject) => !isUnreachable(refusal);

function stateOf(object: SurveyedObject): string | undefined {
  return object.glusterShare?.place?.record.state ?? (wasSeen(object) ? "absent" : undefined);
}

function inForceOf(object: SurveyedObject): string {
  if (object.glusterRule?.inForce) return "yes";
  return wasSeen(object) ? "no" : "?";
}

function sizeText(bytes: bigint | undefined): string {
  return bytes === undefined ? "-" : approximateSize(bytes);
}

const ruleColumns: Column<SurveyedObject>[] = [
  { heading: "ACCESS RULE", cell: ({ key }) => key, shrinkTo: 12 },
  { heading: "CHECK", cell: ({ verdict }) => markOf(verdict) },
  { heading: "LEVEL", cell: ({ glusterRule }) => (glusterRule ? "rw" : "-") },
  { heading: "IN FORCE", cell: (object) => inForceOf(object) },
  { heading: "COMMON NAME", cell: ({ glusterRule }) => glusterRule?.spec.commonName ?? "-", shrinkTo: 10 },
];

const snapshotColumns: Column<SurveyedObject>[] = [
  { heading: "SNAPSHOT", cell: ({ key }) => key, shrinkTo: 12 },
  { heading: "CHECK", cell: ({ verdict }) => markOf(verdict) },
  { heading: "NAME", cell: ({ glusterSnapshot }) => glusterSnapshot?.spec.snapshot ?? "-", shrinkTo: 10 },
  { heading: "CLUSTER", cell: ({ glusterSnapshot }) => glusterSnapshot?.cluster ?? "-", shrinkTo: 8 },
];

const tables = [
  { kind: "gluster.share", columns: shareColumns },
  { kind: "gluster.access-rule", columns: ruleColumns },
  { kind: "gluster.snapshot", columns: snapshotColumns },
] as const;

/** A table for each kind of which there is something. */
export function glusterTables(objects: readonly SurveyedObject[], width: number): string[] {
  return tables.flatMap(({ kind, columns }) => {
    const rows = objects.filter((object) => object.kind === kind);
    return rows.length > 0 ? [table(columns, rows, width)] : [];
  });
}

export function glusterDocument(object: SurveyedObject): Record<string, unknown> {
  const { glusterShare, glusterRule, glusterSnapshot } = object;
  if (glusterShare) {
    const { spec, place } = glusterShare;
    return {
      size: spec?.size ?? place?.record.size,
      usedBytes: place?.quota?.used,
      state: stateOf(object) ?? "unknown",
      removalPolicy: spec?.removalPolicy ?? place?.record.removalPolicy,
      ...(place ? locationDocument(place) : {}),
    };
  }
  if (glusterRule)
    return { commonName: glusterRule.spec.commonName, level: "rw", ...(wasSeen(object) ? { inForce: glusterRule.inForce } : {}) };
  if (glusterSnapshot) return { snapshot: glusterSnapshot.spec.snapshot, cluster: glusterSnapshot.cluster };
  return {};
}
