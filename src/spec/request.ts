// How a request travels from the provisioner to the executor: names of environment variables, splitting of long values, context keys.
import * as z from "zod/mini";

/** Environment variables of a hook. `spec` is the applied resource's triggers as JSON; `claim` (destroy) is the claim's id. */
export const env = {
  fileSystem: "SHAREWRIGHT_FILE_SYSTEM",
  /** JSON list of the GlusterFS clusters that an object may be on. */
  clusters: "SHAREWRIGHT_CLUSTERS",
  spec: "SHAREWRIGHT_SPEC",
  claim: "SHAREWRIGHT_CLAIM",
  /** Numbered parts of the JSON list of all keys of the stack's claim map: SHAREWRIGHT_KEYS_0, _1, ... */
  keys: "SHAREWRIGHT_KEYS",
} as const;

/** A part of the list of all keys of a stack. */
export const keysSchema = z.array(z.string());

/** One environment value holds at most 128 KiB (MAX_ARG_STRLEN of Linux); values above this many bytes are split. */
export const maxEnvBytes = 100_000;

/** All parts of a numbered variable, in order. */
export function numberedParts(environment: Record<string, string | undefined>, name: string): string[] {
  const parts: string[] = [];
  for (let part = environment[`${name}_0`]; part !== undefined; part = environment[`${name}_${parts.length}`]) parts.push(part);
  return parts;
}
