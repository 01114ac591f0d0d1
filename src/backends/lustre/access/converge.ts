// The access of the whole file system, brought to the compiled truth and looked at again.
import { converge, type Outcome } from "../../../core/engine";
import { ShareError } from "../../../core/errors";
import { noteOnce } from "../../../core/log";
import type { Step } from "../../../core/plan";
import { formatInterval, formatNid, lastAddress, type NidInterval, parseNid } from "../../../spec/address";
import { defined } from "../../../spec/defined";
import { ruleMessage } from "../../../spec/lustre";
import { fault } from "../faults";
import { probeFeatures } from "../features";
import { withAccessLock } from "../locks";
import type { AllRecords, RuleRecord } from "../records";
import { hostOf, type Site } from "../site";
import { type AccessLooks, accessLooks, infrastructureIntervals } from "./infrastructure";
import { overlaps } from "./intervals";
import { stillGiven, stillGivenNote } from "./kept";
import { nodemapsOf, observeAccess, type SeenAccess } from "./observe";
import { isShut, openerOf } from "./openers";
import { forgetRefused, refusedRange } from "./refused-range";
import { keptNotes, listed, type Revoked } from "./revocation";
import { leavingRecord, planAllAccess, qualified, type RuleWish, type WholePlan } from "./rules";
import { tenantNodemap } from "./steps";
import { type Touched, touchedNote } from "./touched";

interface Errand {
  /** The rule that a hook is about. */
  wish?: RuleWish;
  /** Clients whose bans an operator lifts. */
  lifted?: readonly NidInterval[];
  /** Key of a share or a rule that opens nothing any more, whether or not there was room to record that. */
  leaving?: string;
  /** The rule's record, where it gives less from now on and there was no room to write that. */
  unwritten?: RuleRecord | undefined;
  preflight?: () => Promise<void>;
  /** What the first look shares with the preflight. */
  looks?: AccessLooks;
  /** All records, just read. */
  records?: AllRecords;
}

export interface SettledAccess extends Outcome<SeenAccess> {
  /** The nodemap that each of some addresses falls into at the end. */
  fell: ReadonlyMap<string, string>;
}

/** Brings all nodemaps to the compiled truth and asks the MGS about the edges of every range that changed. */
export async function convergeAccess(
  site: Site,
  object: string,
  { wish, lifted, leaving, unwritten, preflight = async () => {}, looks = accessLooks(site), records }: Errand = {},
): Promise<SettledAccess> {
  let onlyConfirmed = false;
  const look = async (known: Parameters<typeof observeAccess>[1] = {}) => {
    const seen = asMeant(site, await observeAccess(site, known), leaving, unwritten);
    return onlyConfirmed ? confirmed(seen) : seen;
  };
  const [features, first] = await Promise.all([probeFeatures(site), look(defined({ nodemaps: looks.nodemaps(), records }))]);
  const planned = new WeakMap<object, WholePlan>();
  const planFor = (seen: Parameters<typeof planAllAccess>[1]) => {
    const plan = planned.get(seen) ?? planAllAccess(site, seen, features, wish, lifted);
    planned.set(seen, plan);
    return plan;
  };
  let changed: NidInterval[] = [];
  const revoked: Revoked[] = [];
  let infrastructure: NidInterval[] | undefined;
  const withInfrastructure = async (seen: Omit<SeenAccess, "infrastructure">): Promise<SeenAccess> => {
    try {
      // Who lets nobody in need not ask the hosts for their addresses: most hooks find everything in force, and removals only take.
      if (!infrastructure && !looks.hasNids() && planFor(seen).change.changed.length === 0) {
        const settled = { ...seen, infrastructure: [] };
        planned.set(settled, planFor(seen));
        return settled;
      }
      infrastructure ??= infrastructureIntervals(site, await looks.nids());
    } catch (error) {
      // A host that cannot tell them keeps nobody from taking access away; but then nobody is let in by the same run.
      if (leaving === undefined || !ShareError.isShareError(error)) throw error;
      site.log.note(`${error.summary}: rules that are not in force yet have to wait for another run`);
      [infrastructure, onlyConfirmed] = [[], true];
    }
    return { ...(onlyConfirmed ? confirmed(seen) : seen), infrastructure: infrastructure ?? [] };
  };
  const job = {
    object,
    observe: async () => withInfrastructure(await look()),
    plan: (seen: SeenAccess) => {
      const plan = planFor(seen);
      changed.push(...plan.changed);
      revoked.push(...plan.revoked);
      const all = plan.steps.length === 0 ? [] : plan.touched();
      touched = all.filter(({ key }) => key !== own);
      raised.push(...all.filter(({ key, effect }) => key === own && effect === "rw").flatMap(({ clients }) => clients));
      if (began) tellTouched();
      return plan.steps;
    },
  };
  let began = false;
  const own = wish?.key ?? leaving;
  const raised: NidInterval[] = [];
  let touched: Touched[] = [];
  // Before it is done: whoever is cut off has said whose clients they are.
  const tellTouched = () => {
    for (const one of touched) noteOnce(site.log, touchedNote(one, listed));
  };
  const begin = async () => {
    await preflight();
    began = true;
    tellTouched();
    tellStillGiven(site, first.records.rules, own, wish);
  };
  // Also of a run that fails on its way: the next one finds it taken already.
  const tell = () => keptNotes(began ? revoked : []).forEach(site.log.note);
  const settle = async (seen: SeenAccess): Promise<Outcome<SeenAccess>> => {
    try {
      return await converge({ ...job, seen }, hostOf(site), site.log, begin);
    } catch (error) {
      const refused = refusedRange(error);
      const forgotten = refused ? await forgetRefused(site, refused, await look(), wish) : [];
      if (forgotten.length === 0) throw error;
      changed = changed.filter((range) => !overlaps(range, forgotten));
      return settle(await job.observe());
    }
  };
  const outcome = await settle(await withInfrastructure(first)).catch((error: unknown) => {
    tell();
    throw error;
  });
  const fell = await verifyEdges(site, object, changed, outcome.seen);
  tell();
  if (leaving !== undefined) tellStillGiven(site, first.records.rules, leaving);
  // Who a client's users are follows its nodemap at once, its level does not (golden f007, f031).
  if (raised.length > 0) site.log.note(`clients that have it mounted keep their level until they mount again: ${listed(raised)}`);
  return { ...outcome, fell };
}

/** Who keeps what the run's own rule takes, by rules of others. */
function tellStillGiven(site: Site, rules: readonly RuleRecord[], own: string | undefined, wish?: RuleWish): void {
  const record = rules.find(({ key }) => key === own);
  const wanted = wish && ruleMessage.write(qualified(site, wish.spec));
  for (const one of record ? stillGiven(site, { record, wanted }, rules) : []) noteOnce(site.log, stillGivenNote(one));
}

/** What is removed by this run opens nothing, and a rule goes by the policy of now, whatever could be noted of that; so one that gives less. */
function asMeant(
  site: Site,
  seen: Omit<SeenAccess, "infrastructure">,
  key: string | undefined,
  unwritten: RuleRecord | undefined,
): typeof seen {
  const { records } = seen;
  const shares = records.shares.map((share) => (share.key === key ? { ...share, state: "leaving" as const } : share));
  const rules = records.rules.map((rule) => {
    if (rule.key === unwritten?.key) return unwritten;
    return rule.key === key && !rule.leaving ? leavingRecord(site, rule) : rule;
  });
  return { ...seen, records: { ...records, shares, rules } };
}

/** Rules as they were confirmed: what is only asked for has not been judged. */
function confirmed<Seen extends Omit<SeenAccess, "infrastructure">>(seen: Seen): Seen {
  const rules = seen.records.rules.map(({ pending: _, ...rule }) => rule);
  return { ...seen, records: { ...seen.records, rules } };
}

/** Exit 0 is not success: the first and last address of each changed range and their neighbours must fall where the ranges say. */
async function verifyEdges(
  site: Site,
  object: string,
  changed: readonly NidInterval[],
  seen: SeenAccess,
): Promise<SettledAccess["fell"]> {
  const edges = changed.flatMap((range) =>
    [range.start - 1n, range.start, range.end, range.end + 1n]
      .filter((address) => address >= 0n && address <= lastAddress(range.family))
      .map((address) => formatNid(range, address)),
  );
  const fell = await nodemapsOf(site, edges);
  for (const [nid, found] of fell) {
    const interval = parseNid(nid);
    if (!interval) continue;
    const holders = [...seen.live.nodemaps.values()].filter(({ ranges }) => overlaps(interval, ranges)).map(({ name }) => name);
    const [expected = "default"] = holders;
    if (found === expected || holders.includes(found)) continue;
    // How far an IPv6 prefix of others reaches is not to be seen, and the last one added wins (golden y553 to y567). It keeps a wish from being granted by
    // itself, but it is no failure of ours.
    if (interval.family === 6 && seen.live.nodemaps.has(found) && !seen.live.registered.has(found)) continue;
    throw fault("NOT_CONVERGED", {
      object,
      host: site.mgs.name,
      summary: `${formatInterval(interval)} should be in nodemap "${expected}", but the MGS puts it into "${found}"`,
    });
  }
  return fell;
}

/** Takes a share out of every nodemap of ours and proves that no other opens it. */
export async function closeShare(site: Site, key: string, path: string, dataGoes: boolean): Promise<Step[]> {
  return withAccessLock(site, async () => {
    const { done, seen } = await convergeAccess(site, `access to ${path}`, { leaving: key });
    const { nodemaps, byDefault } = seen.live;
    // Whoever mounted it by one that is shut keeps it; but nobody may ever have been in `default` before that was shut.
    const opener = openerOf([...nodemaps.values(), ...(byDefault && !isShut(byDefault) ? [byDefault] : [])], path);
    if (!opener) return done;
    const what = `nodemap "${opener.nodemap}" still opens ${path}${opener.fileset === path ? "" : ` (by ${opener.fileset})`}`;
    // Of others it is the administrator's to say; what is named as ours has lost its record.
    if (dataGoes || tenantNodemap.test(opener.nodemap)) throw fault("STILL_OPEN", { object: path, summary: what });
    site.log.note(`${what}, and is not ours`);
    return done;
  });
}
