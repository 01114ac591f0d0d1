// Drift by attribute: in what the storage differs from what is asked for. Pure.

import type { Difference } from "../../core/plan";
import type { NidInterval } from "../../spec/address";
import { formatInterval, intersect, union } from "../../spec/address";
import { formatLayout } from "../../spec/layout";
import { type AccessRuleSpec, formatMode, ruleProperties, type ShareSpec } from "../../spec/lustre";
import { formatSize } from "../../spec/size";
import { type AccessFeatures, compileAccess } from "./access/compiler";
import { overlaps, subtract } from "./access/intervals";
import { differingProperties, type LiveAccess, type LiveNodemap } from "./access/steps";
import type { Quota } from "./parse-quota";
import type { RuleRecord } from "./records";
import { describeLayout, sameLayout } from "./share/layout";
import { wantedLimits } from "./share/limits";
import type { Directory, SeenShare } from "./share/observe";

const differing = (differences: readonly Difference[]) => differences.filter(({ wanted, found }) => wanted !== found);

// ---- shares ----------------------------------------------------------------------------------------------------------------

/** Differences of a share that exists or should; [] for one that is still to be made. */
export function shareDifferences(spec: ShareSpec, seen: SeenShare): Difference[] {
  const { record, directory } = seen;
  if (!record) return [];
  if (!directory) return record.state === "creating" ? [] : [{ attribute: "directory", wanted: spec.path, found: "gone" }];
  return differing([
    { attribute: "directory", wanted: "directory", found: directory.type },
    { attribute: "state", wanted: "ready", found: record.state },
    ...(seen.quota ? limitDifferences(spec, seen.quota) : []),
    { attribute: "owner", wanted: `${spec.uid}:${spec.gid}`, found: `${directory.uid}:${directory.gid}` },
    { attribute: "mode", wanted: formatMode(spec.mode), found: formatMode(directory.mode) },
    ...projectDifferences(record.projectId, directory),
    ...layoutDifferences(spec, seen),
  ]);
}

function limitDifferences(spec: ShareSpec, quota: Quota): Difference[] {
  const wanted = wantedLimits(spec);
  const size = (bytes: bigint) => (bytes === 0n ? "none" : formatSize(bytes));
  const count = (inodes: bigint) => (inodes === 0n ? "none" : String(inodes));
  return [
    { attribute: "size", wanted: size(wanted.blockHard), found: size(quota.blockHard) },
    { attribute: "soft_size", wanted: size(wanted.blockSoft), found: size(quota.blockSoft) },
    { attribute: "inodes", wanted: count(wanted.inodeHard), found: count(quota.inodeHard) },
    { attribute: "soft_inodes", wanted: count(wanted.inodeSoft), found: count(quota.inodeSoft) },
  ];
}

function projectDifferences(id: number | undefined, { project }: Directory): Difference[] {
  const text = ({ id, inherit }: { id: number | undefined; inherit: boolean }) =>
    `${id ?? 0}${inherit ? "" : ", not inherited by new files"}`;
  return [{ attribute: "project", wanted: text({ id, inherit: true }), found: text(project) }];
}

function layoutDifferences(spec: ShareSpec, { layout }: SeenShare): Difference[] {
  if (!layout || !spec.layout || sameLayout(spec.layout, layout)) return [];
  return [{ attribute: "layout", wanted: formatLayout(spec.layout), found: describeLayout(layout) }];
}

// ---- access rules ----------------------------------------------------------------------------------------------------------

/** In what the record of a rule that is in force differs from what is asked for. */
export function recordDifferences(spec: AccessRuleSpec, record: RuleRecord): Difference[] {
  if (!record.live) return [{ attribute: "state", wanted: "in force", found: "never confirmed" }];
  const wanted: Record<string, string | undefined> = ruleProperties(spec);
  const found: Record<string, string | undefined> = record.live;
  const names = [...new Set([...Object.keys(wanted), ...Object.keys(found)])].filter((name) => name !== "adopt");
  return differing(names.map((name) => ({ attribute: name, wanted: wanted[name] ?? "none", found: found[name] ?? "none" })));
}

/** The nodemaps that a rule's clients are in, by name. */
export function nodemapsOf(intervals: readonly NidInterval[], live: LiveAccess): LiveNodemap[] {
  return [...live.nodemaps.values()].filter((nodemap) => nodemap.ranges.some((range) => overlaps(range, intervals)));
}

/** In what the live nodemaps differ from what a rule asks for: clients left out, a share not open, another level or identity. */
export function accessDifferences(
  key: string,
  spec: AccessRuleSpec,
  intervals: NidInterval[],
  live: LiveAccess,
  features: AccessFeatures,
): Difference[] {
  const nodemaps = nodemapsOf(intervals, live);
  const outside = subtract(
    union(intervals),
    nodemaps.flatMap(({ ranges }) => ranges),
  );
  const identity = compileAccess([{ key, spec, intervals }], features).groups[0]?.properties ?? new Map<string, string>();
  const banned = union(intervals).flatMap((interval) => live.banned.flatMap((ban) => intersect(interval, ban) ?? []));
  return [
    ...(outside.length === 0
      ? []
      : [{ attribute: "clients", wanted: spec.clients.join(", "), found: `${outside.map(formatInterval).join(", ")} left out` }]),
    ...(banned.length === 0 || outside.length === 0
      ? []
      : [{ attribute: "clients", wanted: "let in", found: `${banned.map(formatInterval).join(", ")} banned` }]),
    ...(live.shadowed ?? [])
      .filter(({ range }) => overlaps(range, intervals))
      .map(({ range, nodemap }) => ({
        attribute: "clients",
        wanted: "let in",
        found: `${formatInterval(range)} is in nodemap ${nodemap}`,
      })),
    ...nodemaps.flatMap((nodemap) => nodemapDifferences(spec, nodemap, identity, live.knows)),
  ];
}

function nodemapDifferences(
  spec: AccessRuleSpec,
  nodemap: LiveNodemap,
  identity: ReadonlyMap<string, string>,
  knows: ReadonlySet<string>,
): Difference[] {
  const within = ` (nodemap ${nodemap.name})`;
  const fileset = nodemap.filesets.find(({ path }) => path === spec.path);
  const opened = nodemap.filesets.map(({ path }) => path).join(", ") || "the whole file system";
  const level = nodemap.properties.get("readonly_mount") === "1" || fileset?.readOnly ? "ro" : "rw";
  const properties = differingProperties(identity, nodemap, knows).filter(([name]) => name !== "readonly_mount");
  return [
    ...(fileset ? [] : [{ attribute: "fileset", wanted: spec.path, found: `${opened}${within}` }]),
    ...(level === spec.level ? [] : [{ attribute: "level", wanted: spec.level, found: `${level}${within}` }]),
    ...properties.map(([attribute, wanted]) => {
      const live = nodemap.properties.get(attribute) ?? "none";
      return { attribute, wanted, found: `${live}${within}` };
    }),
  ];
}
