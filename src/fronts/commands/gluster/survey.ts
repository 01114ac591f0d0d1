// Compares the GlusterFS objects of a stack with the clusters: what plan and status show and repair mends. Changes nothing.
import { previewRemoval, previewRule, previewShare, previewSnapshot } from "../../../backends/gluster/operations";
import { checkTls } from "../../../backends/gluster/preflight";
import { type ClusterAccess, mounterOf, openCluster } from "../../../backends/gluster/site";
import { fault, type ShareError } from "../../../core/errors";
import type { Log } from "../../../core/log";
import type { Step } from "../../../core/plan";
import { sslAllow } from "../../../spec/gluster";
import { glusterKinds } from "../../../spec/kinds";
import { withClusters } from "../../clusters";
import { readGlusterRule, readGlusterShare, readGlusterSnapshot } from "../../request-gluster";
import type { LeavingObject, Stack, StackObject } from "../../stack";
import { isOnGluster, type OnGluster } from "../../stack-config";
import { checked } from "../checked";
import { bare, noClaim, notesOf, refused, type Survey, type SurveyedObject, verdictOf } from "../surveyed";
import { inspectAll } from "./look";
import { awayText, type PlacedShare, placedShares, unknownUseLines } from "./places";

type Wanted = StackObject & OnGluster;
type Leaving = LeavingObject & OnGluster;

/** Everything of a stack on all its clusters. `onProgress` hears of each object before it is looked at. */
export async function surveyClusters(stack: Stack, log: Log, onProgress: (key: string) => void): Promise<Survey> {
  return withClusters(stack.clusters, log, async (accesses) => {
    const { seen, away } = await inspectAll(accesses);
    const places = seen.flatMap(placedShares);
    const things: (Wanted | Leaving)[] = [...stack.objects.filter(isOnGluster), ...stack.leaving.filter(isOnGluster)];
    const objects: SurveyedObject[] = [];
    for (const kind of glusterKinds) {
      for (const thing of things.filter((each) => each.kind === kind).sort((a, b) => (a.key < b.key ? -1 : 1))) {
        onProgress(thing.key);
        const own = accesses.filter(({ spec }) => thing.clusters.some(({ name }) => name === spec.name));
        objects.push("address" in thing ? await surveyObject(own, thing, places) : await surveyLeaving(own, thing, places));
      }
    }
    const reachable = accesses.filter(({ spec }) => !away.some(({ cluster }) => cluster === spec.name));
    return {
      objects,
      accessSteps: [],
      notes: [
        ...away.map(awayText),
        ...objects.flatMap(unknownUseOf),
        ...(objects.some(isToBeMade) ? await preflightNotes(reachable) : []),
      ],
    };
  });
}

function unknownUseOf({ key, glusterShare }: SurveyedObject): string[] {
  const place = glusterShare?.place;
  return place ? unknownUseLines(place).map((line) => `${key}: ${line}`) : [];
}

/** Only of a share that is still to be made does an apply ask for certificates. */
const isToBeMade = ({ kind, verdict }: SurveyedObject) => kind === "gluster.share" && verdict === "new";

async function preflightNotes(accesses: readonly ClusterAccess[]): Promise<string[]> {
  const notes = await Promise.all(
    accesses.map(async (access) => {
      const { name, preflight } = access.spec;
      const checks = await checked(`cluster "${name}"`, async () => {
        const cluster = await openCluster(access);
        return (await checkTls(cluster, await mounterOf(cluster))).checks;
      });
      return notesOf(checks, `cluster "${name}"`, preflight);
    }),
  );
  return notes.flat();
}

async function surveyObject(
  accesses: readonly ClusterAccess[],
  object: Wanted,
  places: readonly PlacedShare[],
): Promise<SurveyedObject> {
  const { kind, key } = object;
  if (object.unknown.length > 0) return bare({ kind, key, object }, "unknown");
  const known: Known = { kind, key, object };
  try {
    const steps = await preview(accesses, object, places, known);
    if (kind === "gluster.share" && !object.isNew && !known.glusterShare?.place) throw lost(key, object.address);
    return { ...bare(known, verdictOf(object, steps.length > 0)), steps: steps.filter(({ quiet }) => !quiet) };
  } catch (error) {
    return refused(known, error);
  }
}

type Known = Parameters<typeof refused>[0];

/** All its clusters have been looked at. */
function lost(key: string, address: string): ShareError {
  return fault("VOLUME_MISSING", {
    object: key,
    summary: "it was applied, but no volume is marked for it any more; another one would be empty",
    fix: `find out what became of its volume; \`terraform apply -replace=${address}\` or \`sharewright repair --recreate ${key}\` gives it another one`,
  });
}

/** What an apply would do. What is found out on the way is put into `known`, since it holds even where the apply would be refused. */
async function preview(
  accesses: readonly ClusterAccess[],
  { kind, key, claim = noClaim, stack, triggers }: Wanted,
  places: readonly PlacedShare[],
  known: Known,
): Promise<Step[]> {
  const text = JSON.stringify({ ...triggers, claim });
  const placeOf = (share: string) => {
    const named = places.filter(({ record }) => record.key === share);
    return named.find(({ record }) => record.shown) ?? named[0];
  };
  switch (kind) {
    case "gluster.share": {
      const place = placeOf(key);
      if (place) known.glusterShare = { place };
      const { spec } = readGlusterShare(text, key);
      known.glusterShare = { ...known.glusterShare, spec };
      return previewShare(accesses, { key, claim, stack, spec });
    }
    case "gluster.access-rule": {
      const { spec } = readGlusterRule(text, key);
      known.glusterRule = { spec, inForce: isInForce(placeOf(spec.share), key, spec.commonName) };
      return previewRule(accesses, { key, claim, stack, spec });
    }
    case "gluster.snapshot": {
      const { spec } = readGlusterSnapshot(text, key);
      const place = placeOf(spec.share);
      const isNoted = place?.snapshots.some((slot) => slot.key === key);
      known.glusterSnapshot = { spec, ...(place && isNoted ? { cluster: place.cluster } : {}) };
      return previewSnapshot(accesses, { key, claim, stack, spec });
    }
  }
}

function isInForce(place: PlacedShare | undefined, key: string, commonName: string): boolean {
  if (!place?.rules.some((slot) => slot.key === key)) return false;
  return (place.volume.options[sslAllow] ?? "").split(",").includes(commonName);
}

async function surveyLeaving(
  accesses: readonly ClusterAccess[],
  { kind, key, claim }: Leaving,
  places: readonly PlacedShare[],
): Promise<SurveyedObject> {
  const place = kind === "gluster.share" ? places.find(({ record }) => record.key === key && record.claim === claim) : undefined;
  const known: Known = { kind, key, ...(place ? { glusterShare: { place } } : {}) };
  try {
    const steps = await previewRemoval(accesses, kind, key, claim);
    return { ...bare(known, "leaving"), steps: steps.filter(({ quiet }) => !quiet) };
  } catch (error) {
    return refused(known, error);
  }
}
