// What hooks of Lustre objects do.
import { applyRule, applyShare, destroyRule, destroyShare } from "../backends/lustre/operations";
import type { Step } from "../core/plan";
import type { LustreKind } from "../spec/kinds";
import { isRuleKey, isShareKey } from "../spec/name";
import type { Call } from "./hook";
import { claimOf, specText, stackOf } from "./request";
import { fileSystemOf, readRule, readShare, ruleIntents } from "./request-lustre";
import { withSite } from "./site";

// Hosts that every such hook has to do with, whatever it finds.
const rolesOfShare = ["client", "mds"] as const;
const rolesOfRule = ["client", "mgs"] as const;

export function isKey(kind: LustreKind, key: string): boolean {
  return kind === "lustre.share" ? isShareKey(key) : isRuleKey(key);
}

export async function perform(kind: LustreKind, { action, key, environment, log }: Call): Promise<Step[]> {
  const fileSystem = fileSystemOf(environment);
  if (action === "destroy") {
    const claim = claimOf(environment);
    return kind === "lustre.share"
      ? withSite(fileSystem, log, (site) => destroyShare(site, key, claim), rolesOfShare)
      : withSite(fileSystem, log, (site) => destroyRule(site, key, claim), rolesOfRule);
  }
  if (kind === "lustre.share") {
    const request = { ...readShare(specText(environment), key), ...stackOf(environment) };
    return withSite(fileSystem, log, async (site) => (await applyShare(site, { key, ...request })).done, rolesOfShare);
  }
  const request = { ...readRule(specText(environment), key), ...stackOf(environment) };
  const intents = ruleIntents(environment);
  const asked = intents ? { intents, keys: [...intents.keys()] } : {};
  return withSite(fileSystem, log, (site) => applyRule(site, { key, ...request, ...asked }), rolesOfRule);
}
