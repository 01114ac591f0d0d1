// What is kept as it is asked for on the directory of a share, one entry a property: what is asked about it, how it differs, what mends it. Pure.
import type { Command } from "../../../core/command";
import type { Difference, Step } from "../../../core/plan";
import { formatLayout } from "../../../spec/layout";
import { formatMode, type ShareSpec } from "../../../spec/lustre";
import * as cli from "../cli";
import { type Entry, type ProjectOf, parseLfsGetstripe } from "../parse";
import type { ShareRecord } from "../records";
import { describeLayout, sameLayout } from "./layout";

/** A directory with what Lustre knows about it. */
export interface Directory extends Entry {
  project: Pick<ProjectOf, "id" | "inherit">;
  empty: boolean;
}

export interface LookFor {
  at(path: string): Command;
  parse(text: string): unknown;
}
/** Looks at directories for those who ask for the property of that name. */
export const looksFor = {
  layout: { at: cli.lfsGetstripe, parse: parseLfsGetstripe },
} satisfies { [K in keyof ShareSpec]?: LookFor };
/** What they told. */
export type Told = { [K in keyof typeof looksFor]?: ReturnType<(typeof looksFor)[K]["parse"]> };

interface Kept {
  /** Of a directory that is there. */
  differences(spec: ShareSpec, directory: Directory, told: Told): Difference[];
  /** `directory`: undefined where it is still to be made. */
  steps(spec: ShareSpec, at: Told & { path: string; directory: Directory | undefined }, record: ShareRecord): Step[];
}

export function client(id: string, say: string, ...commands: Step["commands"]): Step {
  return { id, say, on: "client", commands };
}

const layout: Kept = {
  differences: ({ layout: wanted }, _, { layout: found }) =>
    !found || !wanted || sameLayout(wanted, found)
      ? []
      : [{ attribute: "layout", wanted: formatLayout(wanted), found: describeLayout(found) }],
  steps({ layout: wanted }, { path, directory, layout: found }, record) {
    if (!wanted) {
      return record.spec.layout !== undefined && directory
        ? [client("set-layout", `back to the default layout for new files in ${path}`, cli.lfsSetstripeDelete(path))]
        : [];
    }
    if (directory && found && sameLayout(wanted, found)) return [];
    return [client("set-layout", `set layout ${formatLayout(wanted)} for new files in ${path}`, cli.lfsSetstripe(wanted, path))];
  },
};

// Owner before mode: changing the owner clears set-id bits.
const owner: Kept = {
  differences: ({ owner: { uid, gid }, mode }, found) => [
    { attribute: "owner", wanted: `${uid}:${gid}`, found: `${found.uid}:${found.gid}` },
    { attribute: "mode", wanted: formatMode(mode), found: formatMode(found.mode) },
  ],
  steps({ owner: { uid, gid }, mode }, { path, directory }) {
    const isOwned = directory?.uid === uid && directory.gid === gid;
    const text = formatMode(mode);
    return [
      ...(isOwned ? [] : [client("set-owner", `give ${path} to ${uid}:${gid}`, cli.chown(uid, gid, path))]),
      ...(isOwned && directory.mode === mode ? [] : [client("set-mode", `set mode ${text} on ${path}`, cli.chmod(text, path))]),
    ];
  },
};

/** In the order in which they are set. */
const kept = [layout, owner];

export const keptDifferences: Kept["differences"] = (...found) => kept.flatMap(({ differences }) => differences(...found));
export const keep: Kept["steps"] = (...wanted) => kept.flatMap(({ steps }) => steps(...wanted));
