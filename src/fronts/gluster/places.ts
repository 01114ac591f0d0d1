// Shares where they are, and clusters that could not be looked at.
import type { ClusterInspection, InspectedShare } from "../../backends/gluster/inspect";
import type { Quota } from "../../backends/gluster/parse";
import { errorDocument, exitCodeOf, type ShareError } from "../../core/errors";
import { approximateSize } from "../../spec/size";

/** A share where it is. */
export interface PlacedShare extends InspectedShare {
  cluster: string;
}

export function placedShares({ cluster, shares }: ClusterInspection): PlacedShare[] {
  return shares.map((share) => ({ ...share, cluster: cluster.spec.name }));
}

/** Why that cannot be told of a share, and what to do: a line, or none. */
export function unknownUseLines({ unknownUse }: InspectedShare): string[] {
  return unknownUse ? [`${unknownUse.found}; ${unknownUse.fix}`] : [];
}

/** What is in use, as far as it is known. */
export function usedText(quota: Quota | undefined): string {
  if (!quota) return "-";
  return quota.used === undefined ? "unknown" : approximateSize(quota.used);
}

/** Where clients find a share, as the attributes of its construct are called. */
export function locationDocument({ location, volume, cluster }: PlacedShare): Record<string, unknown> {
  return {
    cluster,
    volume: volume.name,
    exportLocation: location.export_location,
    mountCommand: location.mount_command,
    fstabEntry: location.fstab_entry,
  };
}

export function shareDocument(share: PlacedShare): Record<string, unknown> {
  const { key, state, claim, owner, origin, size, removalPolicy, since } = share.record;
  return {
    key,
    state,
    claim,
    managedBy: owner,
    origin,
    size,
    usedBytes: share.quota?.used,
    removalPolicy,
    deletionProtection: share.record.protected ?? false,
    since,
    ...locationDocument(share),
    notes: [...share.notes, ...(share.unknownUse ? [share.unknownUse.found] : [])],
  };
}

/** A cluster that does not answer. */
export interface Away {
  cluster: string;
  error: ShareError;
}

export function awayText({ cluster, error }: Away): string {
  return `cluster "${cluster}" cannot be looked at: ${error.code}  ${error.summary}`;
}

export function awayDocument({ cluster, error }: Away): Record<string, unknown> {
  return { cluster, error: errorDocument(error) };
}

/** What was not seen must not pass for absent. */
export function exitOf([first]: readonly Away[]): number {
  return first ? exitCodeOf(first.error) : 0;
}
