// The trash of clusters, and shares that are let go.

import { releasedElsewhere, releaseShare } from "../../backends/gluster/share/release";
import { purgeTrash, restoreFromTrash } from "../../backends/gluster/share/trash";
import { fault } from "../../core/errors";
import type { Log } from "../../core/log";
import type { ClusterSpec } from "../../spec/gluster";
import { isVolumeName } from "../../spec/name";
import { formatSize } from "../../spec/size";
import type { Released, Trash, TrashEntry } from "../desk";
import type { Stack } from "../stack";
import { chooseClusters } from "./choose";
import { withClusters } from "./clusters";
import { inspectAll } from "./look";
import { type PlacedShare, placedShares, shareDocument } from "./places";

interface Entry extends TrashEntry {
  share: PlacedShare;
}

/** A cluster that does not answer ends it: a list that leaves things out would mislead whoever purges by it. */
async function readShares(clusters: readonly ClusterSpec[], log: Log): Promise<PlacedShare[]> {
  const { seen, away } = await withClusters(clusters, log, inspectAll);
  const [first] = away;
  if (first) throw first.error;
  return seen.flatMap(placedShares);
}

function entryOf(share: PlacedShare): Entry {
  const { key, since } = share.record;
  return { name: key, since: since === undefined ? undefined : new Date(since), share };
}

export const trash: Trash<ClusterSpec, Entry> = {
  isName: isVolumeName,
  async read(clusters, log) {
    const shares = await readShares(clusters, log);
    return shares.filter(({ record }) => record.state === "trash").map(entryOf);
  },
  columns: [
    { heading: "NAME", cell: ({ name }) => name },
    { heading: "SINCE", cell: ({ share: { record } }) => (record.since ?? "-").slice(0, 16).replace("T", " ") },
    { heading: "SIZE", align: "right", cell: ({ share: { record } }) => formatSize(record.size) },
    { heading: "OF", cell: ({ share: { record } }) => record.owner, shrinkTo: 8 },
    { heading: "VOLUME", cell: ({ share: { volume } }) => volume.name, shrinkTo: 8 },
    { heading: "CLUSTER", cell: ({ share: { cluster } }) => cluster, shrinkTo: 8 },
  ],
  document: ({ name, share }) => ({ name, ...shareDocument(share) }),
  async restore(clusters, key, as, log) {
    if (as !== undefined) {
      throw fault("BAD_REQUEST", {
        summary: `--as ${as}: a share of GlusterFS comes back under its own name`,
        fix: "leave out --as",
      });
    }
    const steps = await withClusters(clusters, log, (accesses) => restoreFromTrash(accesses, key));
    const text = `${key} is back with its data and limit, open to nobody; nobody manages it until a construct with this key and adopt: true is applied`;
    return { key, text, steps };
  },
  purge(clusters, entry, log) {
    // Several may have the name: place and time tell which one.
    const share = "share" in entry ? entry.share : undefined;
    const meant = clusters.filter(({ name }) => share === undefined || name === share.cluster);
    return withClusters(meant, log, (accesses) => purgeTrash(accesses, entry.name, share?.record.since));
  },
};

/** Only of what is this stack's own. */
export async function release(stack: Stack, kind: string, key: string, named: string | undefined, log: Log): Promise<Released> {
  if (kind !== "gluster.share") {
    throw fault("BAD_REQUEST", {
      object: key,
      summary: "only a share can be released; its access rules and snapshots are removed, or go with it to who adopts it",
      fix: `write the key of the share: ${key.split(/[#@]/)[0]}`,
    });
  }
  const clusters = chooseClusters(stack, named);
  const records = (await readShares(clusters, log)).flatMap(({ record }) => (record.key === key ? [record] : []));
  const own = new Set(records.flatMap(({ claim }) => (claim !== undefined && stack.claims.has(claim) ? [claim] : [])));
  if (own.size > 1)
    throw fault("BAD_REQUEST", {
      object: key,
      summary: `the stack ${stack.name} has several shares "${key}"`,
      fix: `say on which cluster: --cluster ${clusters.map(({ name }) => name).join(" | ")}`,
    });
  const foreign = records.find(({ claim }) => claim !== undefined && !stack.claims.has(claim));
  if (foreign) throw releasedElsewhere(key, foreign.owner);
  if (records.length > 0 && records.every(({ claim }) => claim === undefined))
    return { text: `${key}: nobody manages it already`, steps: [] };
  await withClusters(clusters, log, (accesses) => releaseShare(accesses, key, stack.claims));
  const text = `${key}: released. Take it out of the code now: a later apply of its construct is refused, unless it says adopt: true.`;
  return { text, steps: [] };
}
