// Compares a stack with the storage, object by object: what plan and status show and repair mends. Changes nothing.

import { type Inventory, readInventory } from "../../backends/lustre/inspect";
import { proveAndCheckAccess, proveAndCheckLimits } from "../../backends/lustre/preflight";
import { shareDifferences } from "../../backends/lustre/share/differences";
import { judgeMdtPart, unprovenLayout } from "../../backends/lustre/share/layout-limit";
import { observeShare, recordedSpec, type SeenShare } from "../../backends/lustre/share/observe";
import { previewRemoval, previewShare } from "../../backends/lustre/share/preview";
import type { Site } from "../../backends/lustre/site";
import { fileSystemName } from "../../spec/lustre";
import { checked } from "../commands/checked";
import type { Call } from "../desk";
import type { LeavingObject, Stack, StackObject } from "../stack";
import { bare, hasWork, noClaim, notesOf, refused, type Survey, type SurveyedObject, verdictOf } from "../surveyed";
import { eachFileSystem, isOnLustre, isSame, type OnLustre } from "./choose";
import { readShare } from "./request";
import type { ShareSight } from "./sight";
import { surveyAccess } from "./survey-access";

export function survey(stack: Stack, { log, terminal }: Call): Promise<Survey[]> {
  return eachFileSystem(stack, log, async (site) => {
    const found = await surveySite(site, stack, (key) => terminal.progress(`looking at ${key}`));
    const at = fileSystemName(site.fileSystem);
    return { ...found, objects: found.objects.map((object) => ({ ...object, at })) };
  });
}

/** Everything of a stack on one file system. `onProgress` hears of each object before it is looked at. */
async function surveySite(site: Site, stack: Stack, onProgress: (key: string) => void): Promise<Survey> {
  const isMine = ({ place }: OnLustre) => isSame(place, site.fileSystem);
  const objects = stack.objects.filter(isOnLustre).filter(isMine);
  const leaving = stack.leaving.filter(isOnLustre).filter(isMine);
  const inventory = await readInventory(site);
  const shares: SurveyedObject<ShareSight>[] = [];
  // Ids that shares before it in this plan would take.
  const promised = new Set<number>();
  for (const object of objects.filter(({ kind }) => kind === "lustre.share")) {
    onProgress(object.key);
    shares.push(await surveyShare({ ...site, fileSystem: object.place }, object, promised));
  }
  for (const object of leaving.filter(({ kind }) => kind === "lustre.share")) {
    onProgress(object.key);
    shares.push(...(await surveyLeavingShare({ ...site, fileSystem: object.place }, object, inventory)));
  }
  onProgress("access");
  const access = await surveyAccess({
    site,
    inventory,
    objects,
    leaving,
    shares,
  });
  const found = [...shares, ...access.rules];
  const isDegraded = shares.some(({ sight }) => sight?.seen.quota?.reliable === false);
  const notes = [
    ...(isDegraded ? [targetAway(site)] : []),
    ...access.notes,
    ...(hasWork(found) ? await preflightNotes(site) : []),
  ];
  const { steps: accessSteps, kept, touched } = access;
  return { objects: found, accessSteps, notes, kept, touched };
}

function targetAway({ fileSystem }: Site): string {
  return `a target of ${fileSystemName(fileSystem)} does not answer (\`sharewright capacity\` names it): what shares use is not known, no limit can be lowered, no data deleted`;
}

/** An apply looks at the file system before its first change; so does its dry run. */
async function preflightNotes(site: Site): Promise<string[]> {
  const checks = [
    ...(await checked("limits", () => proveAndCheckLimits(site))),
    ...(await checked("access", () => proveAndCheckAccess(site))),
  ];
  return notesOf(checks, "the file system", site.fileSystem.preflight);
}

// ---- shares ----------------------------------------------------------------------------------------------------------------

async function surveyShare(
  site: Site,
  object: StackObject & OnLustre,
  promised: Set<number>,
): Promise<SurveyedObject<ShareSight>> {
  const { kind, key } = object;
  if (object.unknown.length > 0) return bare({ kind, key, object }, "unknown");
  let known: Parameters<typeof refused<ShareSight>>[0] = { kind, key, object };
  try {
    const claim = object.claim ?? noClaim;
    const { spec } = readShare(JSON.stringify({ ...object.triggers, claim }), key);
    const seen = withOwnId(await observeShare(site, key, spec), promised);
    const differences = shareDifferences(spec, seen);
    known = { ...known, sight: { spec, seen }, differences };
    const layout = unprovenLayout(spec, seen);
    if (layout) await judgeMdtPart(site, key, layout);
    const steps = await previewShare(site, { key, claim, stack: object.stack, spec }, seen);
    return { ...bare(known, verdictOf(object, steps.length + differences.length > 0 || !seen.record)), steps };
  } catch (error) {
    return refused(known, error);
  }
}

/** Shares that are planned together take different ids; which ones is known when they are applied. */
function withOwnId(seen: SeenShare, promised: Set<number>): SeenShare {
  let id = seen.freeId;
  if (id === undefined) return seen;
  while (promised.has(id)) id += 1;
  promised.add(id);
  return { ...seen, freeId: id };
}

async function surveyLeavingShare(
  site: Site,
  { kind, key, claim }: LeavingObject,
  { shares }: Inventory,
): Promise<SurveyedObject<ShareSight>[]> {
  const leaving = bare<ShareSight>({ kind, key }, "leaving");
  const record = shares.find((share) => share.key === key && share.claim === claim);
  if (!record) return [leaving];
  const seen = await observeShare(site, key, undefined);
  const known = { ...leaving, sight: { spec: recordedSpec(record), seen } };
  try {
    return [{ ...known, steps: await previewRemoval(site, key, seen) }];
  } catch (error) {
    return [refused(known, error)];
  }
}
