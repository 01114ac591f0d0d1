// Compares the GlusterFS objects of a stack with the clusters: what plan and status show and repair mends. Changes nothing.

import { fault } from "../../backends/gluster/faults";
import { checkTls } from "../../backends/gluster/preflight";
import { previewRemoval, previewRule, previewSnapshot } from "../../backends/gluster/preview";
import { previewShare } from "../../backends/gluster/share/apply";
import { type ClusterAccess, mounterOf, openCluster } from "../../backends/gluster/site";
import type { ShareError } from "../../core/errors";
import type { Step } from "../../core/plan";
import { type GlusterRuleSpec, type GlusterShareSpec, type GlusterSnapshotSpec, sslAllow } from "../../spec/gluster";
import { type GlusterKind, glusterKinds } from "../../spec/kinds";
import { checked } from "../commands/checked";
import type { Call } from "../desk";
import type { LeavingObject, Stack, StackObject } from "../stack";
import { bare, noClaim, notesOf, refused, type Survey, type SurveyedObject, verdictOf } from "../surveyed";
import { clustersIn, isOnGluster, type OnGluster } from "./choose";
import { withClusters } from "./clusters";
import { inspectAll } from "./look";
import { awayText, type PlacedShare, placedShares, unknownUseLines } from "./places";
import { readGlusterRule, readGlusterShare, readGlusterSnapshot } from "./request";

type Wanted = StackObject & OnGluster;
type Leaving = LeavingObject & OnGluster;

export interface ShareSight {
  spec?: GlusterShareSpec;
  /** Absent: not on any cluster that could be looked at. */
  place?: PlacedShare;
}

export interface RuleSight {
  spec: GlusterRuleSpec;
  inForce: boolean;
}

export interface SnapshotSight {
  spec: GlusterSnapshotSpec;
  cluster?: string;
}

/** Everything of a stack on all its clusters. */
export async function survey(stack: Stack, { log, terminal }: Call): Promise<Survey[]> {
  return withClusters(clustersIn(stack), log, async (accesses) => {
    const { seen, away } = await inspectAll(accesses);
    const places = seen.flatMap(placedShares);
    const things: (Wanted | Leaving)[] = [...stack.objects.filter(isOnGluster), ...stack.leaving.filter(isOnGluster)];
    const objects: SurveyedObject[] = [];
    for (const kind of glusterKinds) {
      for (const thing of things.filter((each) => each.kind === kind).sort((a, b) => (a.key < b.key ? -1 : 1))) {
        terminal.progress(`looking at ${thing.key}`);
        const own = accesses.filter(({ spec }) => thing.place.some(({ name }) => name === spec.name));
        const names = own.map(({ spec }) => spec.name);
        // Clusters of another site may have a share of that name.
        const there = places.filter(({ cluster }) => names.includes(cluster));
        const surveyed = "address" in thing ? await surveyObject(own, thing, there) : await surveyLeaving(own, thing, there);
        objects.push({ ...surveyed, at: names.join(", ") });
      }
    }
    const reachable = accesses.filter(({ spec }) => !away.some(({ cluster }) => cluster === spec.name));
    const notes = [
      ...away.map(awayText),
      ...objects.flatMap(unknownUseOf),
      ...(objects.some(isToBeMade) ? await preflightNotes(reachable) : []),
    ];
    return [{ objects, accessSteps: [], notes }];
  });
}

function unknownUseOf({ kind, key, sight }: SurveyedObject): string[] {
  const place = kind === "gluster.share" ? (sight as ShareSight | undefined)?.place : undefined;
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
    const isLost = kind === "gluster.share" && !object.isNew && !(known.sight as ShareSight | undefined)?.place;
    if (isLost) throw lost(key, object.address);
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
  switch (kind as GlusterKind) {
    case "gluster.share": {
      const place = placeOf(key);
      const sight: ShareSight = place ? { place } : {};
      known.sight = sight;
      const { spec } = readGlusterShare(text, key);
      sight.spec = spec;
      return previewShare(accesses, { key, claim, stack, spec });
    }
    case "gluster.access-rule": {
      const { spec } = readGlusterRule(text, key);
      known.sight = { spec, inForce: isInForce(placeOf(spec.share), key, spec.commonName) };
      return previewRule(accesses, { key, claim, stack, spec });
    }
    case "gluster.snapshot": {
      const { spec } = readGlusterSnapshot(text, key);
      const place = placeOf(spec.share);
      const isNoted = place?.snapshots.some((slot) => slot.key === key);
      known.sight = { spec, ...(place && isNoted ? { cluster: place.cluster } : {}) };
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
  const known: Known = { kind, key, ...(place ? { sight: { place } } : {}) };
  try {
    const steps = await previewRemoval(accesses, kind as GlusterKind, key, claim);
    return { ...bare(known, "leaving"), steps: steps.filter(({ quiet }) => !quiet) };
  } catch (error) {
    return refused(known, error);
  }
}
