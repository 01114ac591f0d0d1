// Makes a share as its claim wants it, or brings it there.
import { converge, type Outcome, runStep } from "../../../core/engine";
import { once } from "../../../core/once";
import type { Step } from "../../../core/plan";
import { limitDoubts, shareMessage } from "../../../spec/lustre";
import { convergeAccess } from "../access/converge";
import { accessLooks } from "../access/infrastructure";
import { type Guard, lockAndLook, withAccessLock } from "../locks";
import { checkAccess, checkLimits, judge } from "../preflight";
import { checkPlace } from "../preflight-open";
import { guardRecordSize, moveRecords, openRecords } from "../record-folders";
import { type ShareRecord, writeRecord } from "../records";
import { hostOf, type Site } from "../site";
import { checkOwners } from "../users";
import { judgeMdtPart, proveInStaging, unprovenLayout } from "./layout-limit";
import { guardOrder, guardSmall, isShrink, limitsOf, wantedLimits } from "./limits";
import { observeShare, type SeenShare, type Still } from "./observe";
import { planShare } from "./plan";
import type { ShareWish } from "./steps";

export async function applyShare(site: Site, wish: ShareWish): Promise<Outcome<SeenShare>> {
  guardRecordSize(wish.key, shareMessage.write(wish.spec));
  let latest: SeenShare | undefined;
  let mdtPart: "holds" | "unknown" = "holds";
  const preflight = once(async () => {
    // An owner that has been there before was asked about then.
    const owners = latest?.record?.spec.owner === `${wish.spec.owner.uid}:${wish.spec.owner.gid}` ? [] : [wish.spec.owner.uid];
    const isSeen = latest?.record?.state === "ready" && latest.directory !== undefined;
    const place = isSeen ? [] : [checkPlace(site, wish.key, wish.spec.fileset)];
    judge(site, (await Promise.all([checkLimits(site), checkOwners(site, owners), ...place])).flat());
    const layout = unprovenLayout(wish.spec, latest);
    if (layout) mdtPart = await judgeMdtPart(site, wish.key, layout);
  });
  // Its refusal is told before the first change.
  const soon = () => void preflight().catch(() => {});
  const look = async (guard: Guard, isBehindSteps = false) => {
    const projectId = latest?.freeId ?? latest?.record?.projectId;
    const still = isBehindSteps && latest ? stillSo(latest, planShare(site, wish, latest)) : {};
    latest = await observeShare(site, wish.key, wish.spec, { soon, projectId, still, guard });
    return latest;
  };
  const beforeChange = async (steps: readonly Step[]) => {
    // A limit may be raised whatever state the file system is in.
    if (latest && onlyRaises(wish, latest, steps)) return;
    await preflight();
    for (const { property, found, fix } of limitDoubts(wish.spec)) site.log.note(`${property} ${found}; ${fix}`);
    if (mdtPart === "unknown" && wish.spec.layout) await proveInStaging(site, wish.key, wish.spec.layout);
  };
  let first = await lockAndLook(site, wish.key, look);
  if (!first) {
    guardOrder(wish.key, wish.spec);
    if (!wish.spec.adopt) guardSmall(wish.key, wish.spec, undefined);
    await openRecords(site, preflight);
    first = await lockAndLook(site, wish.key, look, true);
  }
  const { seen, guard } = first as NonNullable<typeof first>;
  const observe = (expected?: unknown) => look(guard, expected !== undefined);
  const job = { object: wish.key, seen, observe, plan: (now: SeenShare) => planShare(site, wish, now) };
  const outcome = await converge(job, hostOf(site), site.log, beforeChange);
  if (!outcome.seen.recordsOnMdt) await moveRecords(site, wish.key);
  return outcome.seen.record?.closed ? reopen(site, outcome, outcome.seen.record) : outcome;
}

/** Steps that leave the project of the share's directory, and its limits, as they are. */
const touchingNeither = new Set(["make-base", "show", "set-layout", "set-owner", "set-mode", "write-record", "settle-record"]);

/** What has just been seen of a share and these steps do not change: what they do is looked at again. */
function stillSo({ directory, staging, quota, record }: SeenShare, steps: readonly Step[]): Still {
  const ids = new Set(steps.map(({ id }) => id));
  const others = [...ids].filter((id) => !touchingNeither.has(id));
  const isSame = others.length === 0;
  const shown = directory ?? (ids.has("show") ? staging : undefined);
  return {
    ...(shown && (isSame || others.join() === "set-limits") ? { project: shown.project } : {}),
    ...(quota && record?.projectId !== undefined && isSame ? { quota } : {}),
  };
}

function onlyRaises(wish: ShareWish, { record, quota }: SeenShare, steps: readonly Step[]): boolean {
  if (record?.state !== "ready" || !quota || isShrink(wantedLimits(wish.spec), limitsOf(quota))) return false;
  return steps.every(({ id, quiet }) => quiet || id === "set-limits" || id === "settle-record");
}

/** Rules that outlived the removal of their share, of another stack or because only the share's claim was replaced, let clients in again. */
async function reopen(site: Site, { seen, done }: Outcome<SeenShare>, record: ShareRecord): Promise<Outcome<SeenShare>> {
  const { closed: _, ...open } = record;
  const access = await withAccessLock(site, () => {
    const looks = accessLooks(site);
    return convergeAccess(site, record.key, { preflight: async () => judge(site, await checkAccess(site, looks)), looks });
  });
  await runStep(site.client, writeRecord(site, "shares", open));
  return { seen: { ...seen, record: open }, done: [...done, ...access.done] };
}
