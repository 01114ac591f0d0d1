// How a request travels from the provisioner to the executor: names of environment variables, splitting of long values, context keys.
/** Environment variables of a hook. `spec` is the applied resource's triggers as JSON; `claim` (destroy) is the claim's id. */
export const env = {
  fileSystem: "SHAREWRIGHT_FILE_SYSTEM",
  /** JSON list of the GlusterFS clusters that an object may be on. */
  clusters: "SHAREWRIGHT_CLUSTERS",
  spec: "SHAREWRIGHT_SPEC",
  claim: "SHAREWRIGHT_CLAIM",
  /** Random id of the stack whose apply hook this is. */
  stack: "SHAREWRIGHT_STACK",
  /** What the stack asks of all its access rules on the file system, in numbered parts of JSON: SHAREWRIGHT_RULES_0, _1, ... */
  rules: "SHAREWRIGHT_RULES",
} as const;

/** Ids that Terraform gives its resources: of claims, and of the stack. */
export const idPattern = /^[A-Za-z0-9-]{1,64}$/;

/** Name of the resource whose id is the stack's. */
export const stackResource = "sharewright_stack";

/** Name of the output that tells the policies of a block of claims, where the claims themselves cannot. */
export function policiesOutput(claims: string): string {
  return claims.replace(/_claims$/, "_removal_policies");
}

/** One environment value holds at most 128 KiB (MAX_ARG_STRLEN of Linux); values above this many bytes are split. */
export const maxEnvBytes = 100_000;

/** All parts of a numbered variable, in order. */
export function numberedParts(environment: Record<string, string | undefined>, name: string): string[] {
  const parts: string[] = [];
  for (let part = environment[`${name}_0`]; part !== undefined; part = environment[`${name}_${parts.length}`]) parts.push(part);
  return parts;
}
