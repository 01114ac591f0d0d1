// How the trash of GlusterFS clusters is shown.
import { formatSize } from "../../../spec/size";
import { type Column, table } from "../table";
import { type PlacedShare, shareDocument } from "./places";

const columns: Column<PlacedShare>[] = [
  { heading: "NAME", cell: ({ record }) => record.key },
  { heading: "SINCE", cell: ({ record }) => (record.since ?? "-").slice(0, 16).replace("T", " ") },
  { heading: "SIZE", align: "right", cell: ({ record }) => formatSize(record.size) },
  { heading: "OF", cell: ({ record }) => record.owner, shrinkTo: 8 },
  { heading: "VOLUME", cell: ({ volume }) => volume.name, shrinkTo: 8 },
  { heading: "CLUSTER", cell: ({ cluster }) => cluster, shrinkTo: 8 },
];

export function clusterTrashTable(entries: readonly PlacedShare[], width: number): string {
  return table(columns, entries, width);
}

export function clusterTrashDocument(entry: PlacedShare): Record<string, unknown> {
  return { name: entry.record.key, ...shareDocument(entry) };
}
