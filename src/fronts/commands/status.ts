// sharewright status: shares, access rules and snapshots of a stack, a table each. Changes nothing.
import { type GlusterKind, isGlusterKind } from "../../spec/kinds";
import { approximateSize, formatSize } from "../../spec/size";
import { type Answer, answering, type CommonFlags, type Context } from "./answer";
import { glusterDocument, glusterTables } from "./gluster/status";
import { markOf, noteBlock, objectDocument } from "./objects";
import { exitOf, surveyStack } from "./plan";
import { stackNamed } from "./site";
import type { Survey, SurveyedObject } from "./surveyed";
import { type Column, percent, table } from "./table";

async function status(context: Context, flags: CommonFlags, directory?: string): Promise<Answer> {
  const { stack, survey } = await surveyStack(context, stackNamed(flags, directory), flags.json);
  const { columns } = context.terminal;
  const shares = survey.objects.filter(({ kind }) => kind === "lustre.share");
  const rules = survey.objects.filter(({ kind }) => kind === "lustre.access-rule");
  const onClusters = survey.objects.filter(({ kind }) => isGlusterKind(kind));
  const documentsOf = (kind: GlusterKind) =>
    onClusters
      .filter((object) => object.kind === kind)
      .map((object) => ({ ...objectDocument(stack, object), ...glusterDocument(object) }));
  const exitCode = exitOf(survey);
  const tables = [
    ...(shares.length > 0 ? [table(shareColumns, shares, columns)] : []),
    ...(rules.length > 0 ? [table(ruleColumns, rules, columns)] : []),
    ...glusterTables(onClusters, columns),
  ];
  const blocks = [
    ...noteBlock(survey.notes),
    ...(shares.length > 0 || onClusters.some(({ kind }) => kind === "gluster.share") ? [] : [`${stack.name} has no share`]),
    ...tables,
    ...(exitCode === 0 ? [] : [hint(survey)]),
  ];
  return {
    text: blocks.join("\n\n"),
    document: {
      stack: stack.name,
      notes: survey.notes,
      shares: [
        ...shares.map((object) => ({ ...objectDocument(stack, object), ...shareDocument(object) })),
        ...documentsOf("gluster.share"),
      ],
      rules: [
        ...rules.map((object) => ({ ...objectDocument(stack, object), ...ruleDocument(object) })),
        ...documentsOf("gluster.access-rule"),
      ],
      snapshots: documentsOf("gluster.snapshot"),
    },
    exitCode,
  };
}

function hint({ objects }: Survey): string {
  const drifted = objects.some(({ verdict }) => verdict === "drifted" || verdict === "refused");
  return drifted
    ? "`sharewright plan` shows what differs, `sharewright repair` mends it"
    : "`sharewright plan` shows what an apply would do";
}

// ---- shares ----------------------------------------------------------------------------------------------------------------

const usage = ({ share }: SurveyedObject) => {
  const quota = share?.seen.quota;
  if (!quota || !share.seen.record) return undefined;
  return quota;
};

const shareColumns: Column<SurveyedObject>[] = [
  { heading: "SHARE", cell: ({ key }) => key, shrinkTo: 12 },
  { heading: "CHECK", cell: ({ verdict }) => markOf(verdict) },
  { heading: "SIZE", align: "right", cell: ({ share }) => (share ? formatSize(share.spec.size) : "-") },
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
  { heading: "PROJECT", align: "right", cell: ({ share }) => String(share?.seen.record?.projectId ?? "-") },
  { heading: "STATE", cell: ({ share }) => stateOf(share) },
  { heading: "REMOVAL", cell: ({ share }) => share?.spec.removalPolicy ?? "-" },
  { heading: "PATH", cell: ({ share }) => share?.spec.path ?? "-", shrinkTo: 8 },
];

function mapped<T>(value: T | undefined, text: (value: T) => string): string {
  return value === undefined ? "-" : text(value);
}

function inodesText({ usedInodes, inodeHard }: { usedInodes: bigint; inodeHard: bigint }): string {
  return inodeHard === 0n ? String(usedInodes) : `${usedInodes} of ${inodeHard}`;
}

function stateOf(share: SurveyedObject["share"]): string {
  if (!share?.seen.record) return share?.seen.directory ? "foreign" : "absent";
  return share.seen.record.state === "ready" && !share.seen.directory ? "missing" : share.seen.record.state;
}

function shareDocument({ share }: SurveyedObject): Record<string, unknown> {
  if (!share) return {};
  const { spec, seen } = share;
  return {
    path: spec.path,
    size: spec.size,
    usedBytes: seen.record && seen.quota?.reliable ? seen.quota.usedBytes : undefined,
    usedInodes: seen.record ? seen.quota?.usedInodes : undefined,
    inodes: spec.inodes,
    useIsReliable: seen.record ? seen.quota?.reliable : undefined,
    projectId: seen.record?.projectId,
    state: stateOf(share),
    removalPolicy: spec.removalPolicy,
  };
}

// ---- access rules ----------------------------------------------------------------------------------------------------------

const ruleColumns: Column<SurveyedObject>[] = [
  { heading: "ACCESS RULE", cell: ({ key }) => key, shrinkTo: 12 },
  { heading: "CHECK", cell: ({ verdict }) => markOf(verdict) },
  { heading: "LEVEL", cell: ({ rule }) => rule?.spec.level ?? "-" },
  { heading: "IN FORCE", cell: ({ rule }) => (rule?.inForce ? "yes" : "no") },
  { heading: "CLIENTS", cell: ({ rule }) => rule?.spec.clients.join(", ") ?? "-", shrinkTo: 10, wrap: true },
  { heading: "NODEMAP", cell: ({ rule }) => rule?.nodemaps.join(", ") || "-", shrinkTo: 15 },
];

function ruleDocument({ rule }: SurveyedObject): Record<string, unknown> {
  if (!rule) return {};
  return { clients: rule.spec.clients, level: rule.spec.level, inForce: rule.inForce, nodemaps: rule.nodemaps };
}

export default answering("status", status);
