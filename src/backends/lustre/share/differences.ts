// Drift of a share by attribute: in what the storage differs from what is asked for. Pure.

import { type Difference, differing } from "../../../core/plan";
import type { ShareSpec } from "../../../spec/lustre";
import { formatSize } from "../../../spec/size";
import type { Quota } from "../parse-quota";
import { type Directory, keptDifferences } from "./kept";
import { wantedLimits } from "./limits";
import type { SeenShare } from "./observe";

/** Differences of a share that exists or should; [] for one that is still to be made. */
export function shareDifferences(spec: ShareSpec, seen: SeenShare): Difference[] {
  const { record, directory } = seen;
  if (!record) return [];
  if (!directory) return record.state === "creating" ? [] : [{ attribute: "directory", wanted: spec.fileset, found: "gone" }];
  return differing([
    { attribute: "directory", wanted: "directory", found: directory.type },
    { attribute: "state", wanted: "ready", found: record.state },
    ...(seen.quota ? limitDifferences(spec, seen.quota) : []),
    ...projectDifferences(record.projectId, directory),
    ...keptDifferences(spec, directory, seen),
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
