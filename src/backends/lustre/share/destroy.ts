// Removes a share by the policy last applied: its access is closed first.
import { converge, runStep } from "../../../core/engine";
import { leftAlone } from "../../../core/manager";
import type { Step } from "../../../core/plan";
import { closeShare } from "../access/converge";
import { fault } from "../faults";
import { mark, note, nothingRecorded } from "../leaving";
import { type Guard, lockAndLook } from "../locks";
import { statAll } from "../look";
import { removeRecord } from "../records";
import { hostOf, onClient, type Site } from "../site";
import { type Expectation, observeShare } from "./observe";
import { mayRemove, planLeaving, planRemoval } from "./removal";

/** Removes the share of a claim by the policy last applied. What is not the claim's own is left alone. */
export async function destroyShare(site: Site, key: string, claim: string): Promise<Step[]> {
  let leavingId: number | undefined;
  let policy: NonNullable<Expectation["removal"]> = "announced";
  const look = async (guard: Guard) => {
    const seen = await observeShare(site, key, undefined, { guard, leavingId, removal: policy });
    leavingId = seen.record?.projectId;
    policy = seen.record?.spec.removal_policy ?? policy;
    return seen;
  };
  const first = await lockAndLook(site, key, look);
  if (!first) {
    const nothing = await nothingRecorded(site, key);
    await guardAbsent(site, key);
    return nothing;
  }
  const { seen, guard } = first;
  const observe = () => look(guard);
  if (!seen.record) return noRecord(site, key);
  if (!mayRemove(seen.record, claim)) return note(site, key, leftAlone(seen.record, site.fileSystem.owner));
  // Looked at again once its access is closed; which comes first where there is no room to record that.
  const unmarked = await mark(site, planLeaving(site, seen));
  const neverShown = seen.record.state === "creating" && !seen.directory;
  const closed = neverShown
    ? []
    : await closeShare(site, key, seen.record.spec.fileset, seen.record.spec.removal_policy !== "retain");
  if (unmarked) throw unmarked;
  const removal = await converge({ object: key, observe, plan: (now) => planRemoval(site, key, now) }, hostOf(site), site.log);
  return [...closed, ...removal.done];
}

async function noRecord(site: Site, key: string): Promise<Step[]> {
  await guardAbsent(site, key);
  return forgetShare(site, key);
}

/** All records may be lost, and the share is there all the same. */
async function guardAbsent(site: Site, key: string): Promise<void> {
  const path = onClient(site, `/${key}`);
  if (!(await statAll(site, [path])).has(path)) return;
  throw fault("FOREIGN_DIRECTORY", {
    object: key,
    summary: `${path} exists, but no record says that it is this share: nothing was touched`,
    fix: "look at it; adopt it again, or let Terraform forget it with `terraform state rm`",
  });
}

/** There is no record; but a run that was killed while it wrote the first one leaves half of it. */
async function forgetShare(site: Site, key: string): Promise<Step[]> {
  await runStep(site.client, removeRecord(site, "shares", key));
  return [];
}
