// A range that the MGS will not take, whatever the state of its nodemaps: of no use to try again, least of all for others.

import { ShareError } from "../../../core/errors";
import { run } from "../../../core/host";
import { type NidInterval, parseClient } from "../../../spec/address";
import { defined } from "../../../spec/defined";
import { fault } from "../faults";
import type { RuleRecord } from "../records";
import type { Site } from "../site";
import { intervalsOf } from "./clients";
import { overlaps } from "./intervals";
import { ruleSpec, type SeenAccess } from "./observe";
import { type RuleWish, withdrawRule } from "./rules";

export interface RefusedRange {
  nodemap: string;
  range: NidInterval;
  error: ShareError;
}

// Of 2.17 (golden d052 to d065, y474, y515), and exit codes of 2.16.1, which may say nothing (m216lctl-007).
const refusal = /Invalid argument|can't parse|must be contiguous|unsupported features|\(exit (?:22|34)\)/;

/** The range that a failed step would have added, if what failed is that. */
export function refusedRange(error: unknown): RefusedRange | undefined {
  if (!ShareError.isShareError(error) || error.code !== "COMMAND_FAILED" || !refusal.test(error.said ?? "")) return undefined;
  const words = error.command ?? [];
  const option = (name: string) => words[words.indexOf(name) + 1] ?? "";
  if (words[1] !== "nodemap_add_range") return undefined;
  return { nodemap: option("--name"), range: parseClient(option("--range"), "tcp"), error };
}

/**
 * Refuses the wish that asks for it. Of other runs, which ended before they were told, the wish is forgotten: returns the clients of such. `seen` has
 * just proven the MGS, which says the same of every range where it is none.
 */
export async function forgetRefused(
  site: Site,
  { nodemap, range, error }: RefusedRange,
  { records, live }: Omit<SeenAccess, "infrastructure">,
  wish: RuleWish | undefined,
): Promise<NidInterval[]> {
  // Somebody has removed it meanwhile.
  if (!live.nodemaps.has(nodemap)) return [];
  if (wish && overlaps(range, intervalsOf(wish.spec, site, wish.key))) throw refuse(wish.key, error);
  const asking = records.rules.flatMap((rule) => {
    const clients = rule.pending ? intervalsOf(ruleSpec(rule, rule.pending), site, rule.key) : [];
    return overlaps(range, clients) ? [{ rule, clients }] : [];
  });
  for (const { rule } of asking) await forget(site, rule);
  return asking.flatMap(({ clients }) => clients);
}

async function forget(site: Site, rule: RuleRecord): Promise<void> {
  for (const command of withdrawRule(site, rule).commands) await run(site.client, command);
  site.log.note(`${rule.key}: the MGS refuses clients that a run which was cut off had asked for: forgotten`);
}

function refuse(object: string, { host, command, said }: ShareError): ShareError {
  return fault("BAD_REQUEST", {
    object,
    summary: "clients: the MGS does not take them",
    fix: "write clients that `lctl nodemap_add_range` of its version takes",
    ...(host ? { host } : {}),
    ...defined({ command }),
    ...(said ? { said } : {}),
  });
}
