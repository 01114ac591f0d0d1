// How `sharewright status` shows Lustre shares and access rules.
import type { LustreKind } from "../../spec/kinds";
import { ruleMessage, shareMessage } from "../../spec/lustre";
import { approximateSize, formatSize } from "../../spec/size";
import { markOf, removalText } from "../commands/objects";
import { type Column, percent } from "../commands/table";
import type { View } from "../desk";
import { keyText, type SurveyedObject as Seen } from "../surveyed";
import type { RuleSight, ShareSight } from "./sight";

const usage = ({ sight: share }: Seen<ShareSight>) => {
  const quota = share?.seen.quota;
  if (!quota || !share.seen.record) return undefined;
  return quota;
};

const shareColumns: Column<Seen<ShareSight>>[] = [
  { heading: "SHARE", cell: keyText, shrinkTo: 12 },
  { heading: "CHECK", cell: ({ verdict }) => markOf(verdict) },
  { heading: "SIZE", align: "right", cell: ({ sight: share }) => (share ? formatSize(share.spec.size) : "-") },
  {
    heading: "USED",
    align: "right",
    // With a target away lfs tells the MDT's part alone, which is no measure of the whole.
    cell: (object) => mapped(usage(object), ({ usedBytes, reliable }) => (reliable ? approximateSize(usedBytes) : "unknown")),
  },
  {
    heading: "USE",
    align: "right",
    cell: (object) =>
      mapped(usage(object), ({ usedBytes, blockHard, reliable }) => (reliable ? percent(usedBytes, blockHard) : "?")),
  },
  { heading: "INODES", align: "right", cell: (object) => mapped(usage(object), inodesText) },
  { heading: "PROJECT", align: "right", cell: ({ sight: share }) => String(share?.seen.record?.projectId ?? "-") },
  { heading: "STATE", cell: ({ sight: share }) => stateOf(share) },
  { heading: "REMOVAL", cell: ({ sight: share }) => removalText(share?.spec.removalPolicy, share?.spec.deletionProtection) },
  { heading: "PATH", cell: ({ sight: share }) => share?.spec.fileset ?? "-", shrinkTo: 8 },
];

function mapped<T>(value: T | undefined, text: (value: T) => string): string {
  return value === undefined ? "-" : text(value);
}

function inodesText({ usedInodes, inodeHard }: { usedInodes: bigint; inodeHard: bigint }): string {
  return inodeHard === 0n ? String(usedInodes) : `${usedInodes} of ${inodeHard}`;
}

function stateOf(share: ShareSight | undefined): string {
  if (!share?.seen.record) return share?.seen.directory ? "foreign" : "absent";
  return share.seen.record.state === "ready" && !share.seen.directory ? "missing" : share.seen.record.state;
}

function shareDocument({ sight: share }: Seen<ShareSight>): Record<string, unknown> {
  if (!share) return {};
  const { spec, seen } = share;
  return {
    path: spec.fileset,
    size: spec.size,
    usedBytes: seen.record && seen.quota?.reliable ? seen.quota.usedBytes : undefined,
    usedInodes: seen.record ? seen.quota?.usedInodes : undefined,
    inodes: spec.inodes,
    useIsReliable: seen.record ? seen.quota?.reliable : undefined,
    projectId: seen.record?.projectId,
    state: stateOf(share),
    removalPolicy: spec.removalPolicy,
    deletionProtection: spec.deletionProtection ?? false,
  };
}

const ruleColumns: Column<Seen<RuleSight>>[] = [
  { heading: "ACCESS RULE", cell: keyText, shrinkTo: 12 },
  { heading: "CHECK", cell: ({ verdict }) => markOf(verdict) },
  { heading: "LEVEL", cell: ({ sight: rule }) => rule?.spec.level ?? "-" },
  { heading: "IN FORCE", cell: ({ sight: rule }) => (rule?.inForce ? "yes" : "no") },
  { heading: "CLIENTS", cell: ({ sight: rule }) => rule?.spec.clients.join(", ") ?? "-", shrinkTo: 10, wrap: true },
  { heading: "NODEMAP", cell: ({ sight: rule }) => rule?.nodemaps.join(", ") || "-", shrinkTo: 15 },
];

function ruleDocument({ sight: rule }: Seen<RuleSight>): Record<string, unknown> {
  if (!rule) return {};
  return { clients: rule.spec.clients, level: rule.spec.level, inForce: rule.inForce, nodemaps: rule.nodemaps };
}

const shares: View<ShareSight> = {
  list: "shares",
  properties: shareMessage.table,
  columns: shareColumns,
  document: shareDocument,
};
const rules: View<RuleSight> = {
  list: "rules",
  properties: ruleMessage.table,
  who: "clients",
  columns: ruleColumns,
  document: ruleDocument,
};

export const views: Readonly<Record<LustreKind, View>> = { "lustre.share": shares, "lustre.access-rule": rules };
