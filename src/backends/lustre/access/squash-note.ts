// What is to be known of a rule that squashes everybody: it does not let everybody in. Pure.
import type { AccessRuleSpec } from "../../../spec/lustre";
import { squashEffect } from "../../../spec/squash";
import type { ShareRecord } from "../records";
import { recordedSpec } from "../share/observe";

export function squashNote(key: string, { squash, level, share }: AccessRuleSpec, shares: readonly ShareRecord[]): string[] {
  const record = shares.find((candidate) => candidate.key === share);
  if (squash.kind !== "all" || !record) return [];
  const { owner, mode } = recordedSpec(record);
  return [`${key}: ${squashEffect(squash, level, { ...owner, mode }).words}`];
}
