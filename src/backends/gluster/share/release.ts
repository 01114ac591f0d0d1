// Lets a share go: what operators do by command.
import { converge, type Job } from "../../../core/engine";
import type { Step } from "../../../core/plan";
import { fault } from "../faults";
import { rulesOf, type ShareState } from "../records";
import type { ClusterAccess } from "../site";
import { type Found, mustHaveLooked, observeVolume, type SeenShare } from "./observe";
import { noteStep, startStep } from "./steps";
import { lockedShares } from "./volumes";

/**
 * Stops managing a share and touches nothing: it keeps volume, data and limit, and is picked by nobody. `claims`: whose share it may be.
 * @throws MANAGED_ELSEWHERE for a share of another claim; STILL_OPEN while rules let clients in
 */
export async function releaseShare(accesses: readonly ClusterAccess[], key: string, claims: ReadonlySet<string>): Promise<void> {
  const found = await lockedShare(accesses, key, ["ready", "retained"]);
  const { claim: claimed, owner } = found.record;
  if (claimed !== undefined && !claims.has(claimed)) throw releasedElsewhere(key, owner);
  if (found.record.protected && claimed !== undefined) throw fault("DELETION_PROTECTED", { object: key });
  const rules = rulesOf(found.volume, found.record);
  if (rules.length > 0) {
    throw fault("STILL_OPEN", {
      object: key,
      summary: `access rules let clients in: ${rules.map((rule) => `${rule.key} (${rule.name})`).join(", ")}`,
      fix: "remove the access rules from the code and apply, then release the share",
    });
  }
  if (found.record.state !== "ready" && found.record.state !== "retained") throw notInState(found, "ready");
  await keep(found);
}

export function releasedElsewhere(key: string, owner: string) {
  return fault("MANAGED_ELSEWHERE", {
    object: key,
    summary: `the share is managed by "${owner}", and its claim is not in this stack's state`,
    fix: "release it from the stack that manages it (--stack)",
  });
}

/** The volume of the share in the first of these states that one is in; several may bear its name, of which one is in use. */
export async function lockedShare(
  accesses: readonly ClusterAccess[],
  key: string,
  states: readonly ShareState[],
  since?: string,
): Promise<Found> {
  const shares = await lockedShares(accesses, key);
  const { reached } = shares;
  const found = shares.found.filter(({ record }) => since === undefined || record.since === since);
  const fitting = states.map((state) => found.filter(({ record }) => record.state === state)).find(({ length }) => length > 0);
  const [first, second] = fitting ?? [];
  if (first && second) {
    const places = [first, second].map(({ cluster, volume }) => `volume ${volume.name} of "${cluster.spec.name}"`);
    throw fault("BAD_REQUEST", {
      object: key,
      summary: `${places.join(" and ")} both are ${key}, ${first.record.state}`,
      fix: "say which one: --cluster NAME",
    });
  }
  if (first) return first;
  mustHaveLooked(reached, key);
  const [other] = found;
  if (other) throw notInState(other, states[0] === "trash" ? "in the trash" : "ready");
  throw fault("BAD_REQUEST", {
    object: key,
    summary: `no volume is marked for ${key}`,
    fix: "`sharewright list` shows what exists",
  });
}

export function notInState({ record }: Found, wanted: string) {
  return fault("BAD_REQUEST", {
    object: record.key,
    summary: `${record.key} is ${record.state}, not ${wanted}`,
    fix: "`sharewright list` shows what exists",
  });
}

/** With its data, and managed by nobody; started again where it was in the trash. */
export async function keep({ cluster, volume, record }: Found): Promise<Step[]> {
  const plan = ({ volume: now, record: seen }: SeenShare): Step[] => {
    if (!now || !seen || (seen.state === "retained" && seen.claim === undefined)) return [];
    const { claim: _, since: __, ...kept } = seen;
    const start = seen.state === "trash" && now.status !== "started" ? [startStep(now.name)] : [];
    return [...start, noteStep({ ...kept, state: "retained" })];
  };
  const observe = () => observeVolume(cluster, volume.name);
  const job: Job<SeenShare> = { object: record.key, seen: { volume, record }, observe, plan };
  return (await converge(job, () => cluster.server, cluster.log)).done;
}
