// Drift of a rule by attribute: in what its record and the live nodemaps differ from what is asked for. Pure.

import { type Difference, differing } from "../../../core/plan";
import type { NidInterval } from "../../../spec/address";
import { formatInterval, intersect, union } from "../../../spec/address";
import { type AccessRuleSpec, ruleMessage } from "../../../spec/lustre";
import type { RuleRecord } from "../records";
import { type AccessFeatures, compileAccess } from "./compiler";
import { overlaps, subtract } from "./intervals";
import { differingProperties, type LiveAccess, type LiveNodemap } from "./steps";

/** In what the record of a rule that is in force differs from what is asked for. */
export function recordDifferences(spec: AccessRuleSpec, record: RuleRecord): Difference[] {
  if (!record.live) return [{ attribute: "state", wanted: "in force", found: "never confirmed" }];
  const wanted: Record<string, string | undefined> = ruleMessage.write(spec);
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
  const fileset = nodemap.filesets.find(({ path }) => path === spec.fileset);
  const opened = nodemap.filesets.map(({ path }) => path).join(", ") || "the whole file system";
  const level = nodemap.properties.get("readonly_mount") === "1" || fileset?.readOnly ? "ro" : "rw";
  const properties = differingProperties(identity, nodemap, knows).filter(([name]) => name !== "readonly_mount");
  return [
    ...(fileset ? [] : [{ attribute: "fileset", wanted: spec.fileset, found: `${opened}${within}` }]),
    ...(level === spec.level ? [] : [{ attribute: "level", wanted: spec.level, found: `${level}${within}` }]),
    ...properties.map(([attribute, wanted]) => {
      const live = nodemap.properties.get(attribute) ?? "none";
      return { attribute, wanted, found: `${live}${within}` };
    }),
  ];
}
