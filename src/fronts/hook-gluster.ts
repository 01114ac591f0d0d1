// What hooks of GlusterFS objects do.
import { applyRule, applyShare, applySnapshot, destroyRule, destroyShare, destroySnapshot } from "../backends/gluster/operations";
import type { Step } from "../core/plan";
import type { GlusterKind } from "../spec/kinds";
import { isGlusterRuleKey, isGlusterShareKey, isGlusterSnapshotKey } from "../spec/name";
import { withClusters } from "./clusters";
import type { Call } from "./hook";
import { claimOf, specText, stackOf } from "./request";
import { clustersOf, readGlusterRule, readGlusterShare, readGlusterSnapshot } from "./request-gluster";

const isKeyOf: Record<GlusterKind, (key: string) => boolean> = {
  "gluster.share": isGlusterShareKey,
  "gluster.access-rule": isGlusterRuleKey,
  "gluster.snapshot": isGlusterSnapshotKey,
};

export function isKey(kind: GlusterKind, key: string): boolean {
  return isKeyOf[kind](key);
}

const destroyers = {
  "gluster.share": destroyShare,
  "gluster.access-rule": destroyRule,
  "gluster.snapshot": destroySnapshot,
};

export async function perform(kind: GlusterKind, { action, key, environment, log }: Call): Promise<Step[]> {
  const clusters = clustersOf(environment);
  if (action === "destroy") {
    const claim = claimOf(environment);
    return withClusters(clusters, log, (accesses) => destroyers[kind](accesses, key, claim));
  }
  const text = specText(environment);
  const stack = stackOf(environment);
  switch (kind) {
    case "gluster.share": {
      const request = readGlusterShare(text, key);
      return withClusters(clusters, log, (accesses) => applyShare(accesses, { key, ...request, ...stack }));
    }
    case "gluster.access-rule": {
      const request = readGlusterRule(text, key);
      return withClusters(clusters, log, (accesses) => applyRule(accesses, { key, ...request, ...stack }));
    }
    case "gluster.snapshot": {
      const request = readGlusterSnapshot(text, key);
      return withClusters(clusters, log, (accesses) => applySnapshot(accesses, { key, ...request, ...stack }));
    }
  }
}
