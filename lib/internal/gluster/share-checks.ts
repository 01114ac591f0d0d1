// Checks of the properties of a share and of an access rule that are more than one text.
import { commonNamePattern, commonNameRule, isInfrastructureName, volumePatternOf } from "../../../src/spec/gluster";
import { formatVolumeOptions, volumeOptionProblem } from "../../../src/spec/gluster-options";
import type { Checks } from "../checks";
import { isToken } from "../tokens";
import * as errors from "./errors";
import type { BoundCluster } from "./gluster-stack";

export function volumeOptionsText(check: Checks, options: Readonly<Record<string, string>>): string {
  for (const [name, value] of Object.entries(options)) {
    check.literal(`volumeOptions["${name}"]`, [name, value]);
    const problem = typeof value === "string" ? volumeOptionProblem(name, value) : 'its value is to be a text, such as "on"';
    if (problem !== undefined) throw errors.badVolumeOption(check.path, name, value, problem);
  }
  return formatVolumeOptions(options);
}

/** @throws ShareSynthesisError for a share whose volume, which has its name, would be taken for one of the pool */
export function requireNotInPool(check: Checks, volume: string, clusters: readonly BoundCluster[]): void {
  for (const { spec, construct } of clusters) {
    const { volumePattern } = spec;
    if (volumePattern !== undefined && volumePatternOf(volumePattern).sizeOf(volume) !== undefined)
      throw errors.volumeInPool(check.path, volume, volumePattern, construct.node.path);
  }
}

/** A token is left to the executor. */
export function commonNameText(check: Checks, name: string, clusters: readonly BoundCluster[]): string {
  if (isToken(name)) return name;
  const problem = commonNameProblem(name);
  if (problem !== undefined) throw errors.badCommonName(check.path, name, problem, commonNameRule);
  for (const { spec, construct } of clusters) {
    const pattern = spec.infrastructureNames.find((one) => isInfrastructureName(name, [one]));
    if (pattern !== undefined) throw errors.infrastructureName(check.path, name, pattern, construct.node.path);
  }
  return name;
}

const reasons: readonly [RegExp, string][] = [
  [/^$/, "is empty"],
  [/[\s\p{Cc}]/u, "holds a blank or control character, which gluster strips or glusterfsd takes for the end of a name"],
  [/,/, "holds a comma, which separates names in auth.ssl-allow: write a rule for each name"],
  [/[*?[\]\\]/, "holds a character that glusterfsd takes for a pattern (fnmatch), so that it could let in other names too"],
  [/^[\dA-Fa-f.:]+\/\d+$/, "is a network, and clients are told apart by the certificates that they show, not by addresses"],
  [/[=/]/, "looks like the whole subject of a certificate, and only its CN is compared"],
  [/^.{65}/u, "is longer than the 64 characters that a common name can have"],
];

function commonNameProblem(name: string): string | undefined {
  if (typeof name === "string" && commonNamePattern.test(name)) return undefined;
  return reasons.find(([found]) => found.test(name))?.[1] ?? "cannot be used";
}
