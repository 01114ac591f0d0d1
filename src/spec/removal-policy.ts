// What becomes of the data of a share that is removed. Imports nothing.

export const removalPolicies = ["retain", "trash", "destroy"] as const;
export type RemovalPolicy = (typeof removalPolicies)[number];
