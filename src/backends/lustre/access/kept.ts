// Who keeps a share although a rule takes it from him: another rule gives it to him as well. Pure.

import { intersect, type NidInterval, union } from "../../../spec/address";
import type { RuleRecord } from "../records";
import type { Site } from "../site";
import { intervalsOf } from "./clients";
import { subtract } from "./intervals";
import { ruleSpec } from "./observe";
import { allOf } from "./revocation";

/** Clients from whom a rule is taken, and the rule that still gives them its share. */
export interface StillGiven {
  key: string;
  path: string;
  clients: NidInterval[];
  by: { key: string; owner: string };
}

/** What a rule was, and what is to be of it: nothing, where it goes. */
export interface Ending {
  record: RuleRecord;
  wanted?: NonNullable<RuleRecord["live"]> | undefined;
}

export function stillGiven(site: Site, { record, wanted }: Ending, rules: readonly RuleRecord[]): StillGiven[] {
  const { key, live } = record;
  if (!live) return [];
  const clientsOf = (rule: RuleRecord, properties: RuleRecord["live"]) =>
    properties?.fileset === live.fileset ? intervalsOf(ruleSpec(rule, properties), site, rule.key) : [];
  const taken = subtract(clientsOf(record, live), clientsOf(record, wanted));
  return rules.flatMap((rule) => {
    if (rule.key === key || rule.leaving) return [];
    const others = clientsOf(rule, rule.pending ?? rule.live);
    const clients = union(taken.flatMap((one) => others.flatMap((other) => intersect(one, other) ?? [])));
    return clients.length === 0 ? [] : [{ key, path: live.fileset, clients, by: { key: rule.key, owner: rule.owner } }];
  });
}

export function stillGivenNote({ key, path, clients, by }: StillGiven): string {
  return `${allOf(clients)} keep ${path}, which ${by.key} of "${by.owner}" gives them as well as ${key}`;
}
