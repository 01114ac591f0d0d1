// GlusterFS shares, access rules and snapshots: what hooks do with them.

import { applyRule } from "../../backends/gluster/access/apply";
import { destroyRule } from "../../backends/gluster/access/destroy";
import type { RuleWish } from "../../backends/gluster/access/plan";
import { applyShare } from "../../backends/gluster/share/apply";
import { destroyShare } from "../../backends/gluster/share/destroy";
import type { ShareWish } from "../../backends/gluster/share/steps";
import type { ClusterAccess } from "../../backends/gluster/site";
import { applySnapshot } from "../../backends/gluster/snapshot/apply";
import { destroySnapshot } from "../../backends/gluster/snapshot/destroy";
import type { SnapshotWish } from "../../backends/gluster/snapshot/plan";
import type { ClusterSpec } from "../../spec/gluster";
import type { GlusterKind } from "../../spec/kinds";
import { isGlusterRuleKey, isGlusterSnapshotKey, isVolumeName } from "../../spec/name";
import { env } from "../../spec/request";
import type { ManagedKind, System } from "../system";
import { withClusters } from "./clusters";
import { readClusters, readGlusterRule, readGlusterShare, readGlusterSnapshot } from "./request";

type At = readonly ClusterAccess[];

const share: ManagedKind<At, ShareWish> = {
  isKey: isVolumeName,
  read: ({ key, text, stack }) => ({ key, stack, ...readGlusterShare(text, key) }),
  apply: applyShare,
  destroy: destroyShare,
};

const rule: ManagedKind<At, RuleWish> = {
  isKey: isGlusterRuleKey,
  read: ({ key, text, stack }) => ({ key, stack, ...readGlusterRule(text, key) }),
  apply: applyRule,
  destroy: destroyRule,
};

const snapshot: ManagedKind<At, SnapshotWish> = {
  isKey: isGlusterSnapshotKey,
  read: ({ key, text, stack }) => ({ key, stack, ...readGlusterSnapshot(text, key) }),
  apply: applySnapshot,
  destroy: destroySnapshot,
};

/** An object may be on any of its clusters: of an apply those that are wished for, of a destroy all of the stack. */
export const gluster: System<ClusterSpec[], At> = {
  kinds: { "gluster.share": share, "gluster.access-rule": rule, "gluster.snapshot": snapshot } satisfies Record<
    GlusterKind,
    unknown
  >,
  placeVariable: env.clusters,
  readPlace: readClusters,
  open: withClusters,
};
