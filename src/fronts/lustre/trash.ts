// The trash of a file system, and shares that are let go.
import { releaseShare } from "../../backends/lustre/share/release";
import { purge, readTrashEntries, restore, type TrashEntry } from "../../backends/lustre/share/trash";
import { fault } from "../../core/errors";
import type { Log } from "../../core/log";
import type { FileSystemSpec } from "../../spec/lustre";
import type { Released, Trash } from "../desk";
import type { Stack } from "../stack";
import { fileSystemOfKey } from "./choose";
import { withSite } from "./site";

/** A command is about one file system; `choose` has seen to it that there is one. */
const only = ([fileSystem]: readonly FileSystemSpec[]): FileSystemSpec => fileSystem as FileSystemSpec;

export const trash: Trash<FileSystemSpec, TrashEntry> = {
  // The key's "/" is ":" in it.
  isName: (name) => name.includes(":"),
  read: (places, log) => withSite(only(places), log, readTrashEntries),
  columns: [
    { heading: "NAME", cell: ({ name }) => name },
    { heading: "SINCE", cell: ({ since }) => since.toISOString().slice(0, 16).replace("T", " ") },
    { heading: "LIMIT", align: "right", cell: ({ record }) => record.spec.size },
    { heading: "PROJECT", align: "right", cell: ({ record }) => String(record.projectId ?? "-") },
    { heading: "OF", cell: ({ record }) => record.owner, shrinkTo: 8 },
    { heading: "WAS", cell: ({ record }) => record.spec.fileset, shrinkTo: 8 },
  ],
  document: ({ name, since, record }) => ({
    name,
    since: since.toISOString(),
    key: record.key,
    managedBy: record.owner,
    projectId: record.projectId,
    ...record.spec,
  }),
  async restore(places, name, as, log) {
    const { key, done } = await withSite(only(places), log, (site) => restore(site, name, as));
    const text = `${key} is back with its data, limits and project id; nobody manages it until a construct with this key is applied`;
    return { key, text, steps: done };
  },
  purge: (places, { name }, log) => withSite(only(places), log, (site) => purge(site, name)),
};

export async function release(stack: Stack, kind: string, key: string, named: string | undefined, log: Log): Promise<Released> {
  if (kind === "lustre.access-rule") {
    throw fault("BAD_REQUEST", {
      object: key,
      summary: "an access rule cannot be released: access is compiled from the records, so what no record asks for is closed",
      fix: "take the rule out of the code and apply; to keep its nodemap, make one of your own with other ranges",
    });
  }
  const steps = await withSite(fileSystemOfKey(stack, key, named), log, (site) => releaseShare(site, key, stack.claims));
  const text =
    steps.length === 0
      ? `${key}: nobody manages it already`
      : `${key}: released. Take it out of the code now: a later apply of its construct would take it over again.`;
  return { text, steps };
}
