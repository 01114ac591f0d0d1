// What is found out about a stack's shares and access rules on Lustre.
import type { SeenShare } from "../../backends/lustre/share/observe";
import type { AccessRuleSpec, ShareSpec } from "../../spec/lustre";

export interface ShareSight {
  spec: ShareSpec;
  seen: SeenShare;
}

export interface RuleSight {
  spec: AccessRuleSpec;
  nodemaps: string[];
  inForce: boolean;
}
