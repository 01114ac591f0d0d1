// What is written on volumes about shares, access rules and snapshots: options of the name space `user.`, which glusterd keeps on every server of
// the cluster and never reads itself. `gluster volume info` shows them. A value holds no blanks, quotes or line feeds: URL encoding.
//
// They cannot be reset (glusterd does not know them then), so "NONE" stands for nothing. A clone inherits all options of its parent: a record
// names the volume that it was written for, and says nothing on any other.

import type { Managed } from "../../core/manager";
import { maxOptionBytes } from "../../spec/gluster-options";
import { choice, mark, optional, orElse, property, readAll, text, type Values, writeAll } from "../../spec/property";
import { removalPolicies } from "../../spec/removal-policy";
import { formatSize, parseSize } from "../../spec/size";
import { fault } from "./faults";
import type { Volume } from "./parse";

export const markOption = "user.sharewright.share";
export const none = "NONE";
/** Manila's mark: its id of the share, or NONE. */
const manilaMark = "user.manila-share";

/**
 * taking: marked, nothing else is certain. closed: TLS is in force for nobody but the infrastructure. ready: may be opened.
 * leaving: its removal has begun. cut: no client has it any more. wiped: seen empty. retained, trash: removed, with its data.
 */
export const shareStates = ["taking", "closed", "ready", "leaving", "cut", "wiped", "retained", "trash"] as const;
export type ShareState = (typeof shareStates)[number];

/** Where the volume came from, and so where it goes. adopted: was there before, and stays without its mark. */
export const origins = ["pool", "made", "clone", "adopted"] as const;

// Nobody is told what to write in a mark.
const anything = text("", () => true);
const word = text("", (text) => text !== "");
const maybe = optional(anything);
const isSo = orElse(
  false,
  property("", (text) => text === "true", String),
);
const names = property(
  "",
  (text) => (text === "" ? [] : text.split(",")),
  (names) => names.join(","),
);
const query = property(
  "",
  (text): Record<string, string> => Object.fromEntries(new URLSearchParams(text)),
  (values) => new URLSearchParams(values).toString(),
);

/** What is said of a share, on its volume. */
const shareTable = {
  key: word,
  volume: word,
  /** Id of the claim that owns it; absent: nobody. */
  claim: maybe,
  /** Random id of the stack that it is or was of; records of earlier versions have none. */
  stack: maybe,
  /** Label of that stack, for people. */
  owner: { ...anything, absent: "" },
  state: choice(shareStates),
  origin: choice(origins),
  size: property("", parseSize, formatSize),
  removalPolicy: choice(removalPolicies),
  /** It is not removed until this has been taken back. */
  protected: optional(mark),
  /** Common names of servers and of the managing host, which always have access. */
  infrastructure: { ...names, absent: [] },
  /** Common names that an adopted volume let in: they stay until the share is removed. */
  kept: orElse([], names),
  /** It was seen to be empty, and is being closed. */
  looked: isSo,
  /** It was ready once: what is in it is the share's. */
  shown: isSo,
  /** Values that options had before, by name; absent ones were not set. For `pool` and `adopted`. */
  before: orElse({}, query),
  /** Names of options that were set because a person asked for them. */
  options: orElse([], names),
  /** When it went into the trash. */
  since: maybe,
  /** That of its cluster. */
  site: maybe,
};
export type ShareRecord = Omit<Values<typeof shareTable>, "stack" | "protected"> &
  Pick<Managed, "stack"> & { protected?: true | undefined };
const inMark = (name: string) => (name === "removalPolicy" ? "policy" : name);

/** undefined: the volume is nobody's. Throws for a mark that cannot be read: what it says may protect data. */
export function shareRecordOf(volume: Volume): ShareRecord | undefined {
  const text = volume.options[markOption];
  if (text === undefined || text === none) return undefined;
  // Inherited from the volume that this one is a clone of.
  if (inheritedFrom(volume) !== undefined) return undefined;
  const fields = new URLSearchParams(text);
  const record = readAll(shareTable, (name) => fields.get(inMark(name)) ?? undefined);
  if (record) return record;
  throw fault("RECORD_BROKEN", {
    object: volume.name,
    summary: `the option ${markOption} of volume ${volume.name} says "${text}", which sharewright cannot read`,
    fix: `find out who set it; if the volume is free: gluster volume set ${volume.name} ${markOption} ${none}`,
  });
}

export function isManilas({ options }: Volume): boolean {
  return (options[manilaMark] ?? none) !== none;
}

/** The option that says it. */
export function shareMark(record: ShareRecord): Record<string, string> {
  return { [markOption]: encoded(record.key, markOption, writeAll(shareTable, record, inMark)) };
}

/** Whose volume this was when it was cloned; undefined for one that is no clone, or has a mark of its own. */
export function inheritedFrom(volume: Volume): string | undefined {
  const fields = new URLSearchParams(volume.options[markOption] ?? "");
  const parent = fields.get("volume") ?? "";
  return !fields.has("key") || parent === "" || parent === volume.name ? undefined : parent;
}

// ---- slots: records of which a volume has many --------------------------------------------------------------------------------

/** clone: a clone that is being made of one of the volume's snapshots, so that the next run knows whose it is. */
export const slotKinds = ["rule", "snapshot", "clone"] as const;
export type SlotKind = (typeof slotKinds)[number];

const slotTable = {
  key: { ...anything, absent: "" },
  volume: anything,
  claim: { ...anything, absent: "" },
  stack: maybe,
  owner: { ...anything, absent: "" },
  /** The common name of a rule; a snapshot's own name; the snapshot that a clone is made of. */
  name: { ...anything, absent: "" },
  /** Of a clone in the making: the snapshot was activated before, and is to stay so. */
  wasActive: optional(
    property<true>(
      "",
      () => true,
      () => "true",
    ),
  ),
};
export type SlotRecord = Omit<Values<typeof slotTable>, "stack"> & Pick<Managed, "stack">;

export interface Slot extends SlotRecord {
  option: string;
}

export function slotsOf(volume: Volume, kind: SlotKind): Slot[] {
  return Object.entries(volume.options).flatMap(([option, text]) => {
    if (!option.startsWith(slotPrefix(kind)) || text === none) return [];
    const fields = new URLSearchParams(text);
    const record = readAll(slotTable, (name) => fields.get(name) ?? undefined);
    return record?.volume === volume.name ? [{ ...record, option }] : [];
  });
}

/** Rules of the share that the volume is now; what an earlier share has left says nothing. */
export function rulesOf(volume: Volume, { key }: Pick<ShareRecord, "key">): Slot[] {
  return slotsOf(volume, "rule").filter((slot) => slot.key.startsWith(`${key}#`));
}

/** Writes over the slot of the same key, else into the first free one. */
export function slotMark(volume: Volume, kind: SlotKind, record: SlotRecord): Record<string, string> {
  const prefix = slotPrefix(kind);
  const own = slotsOf(volume, kind).find(({ key }) => key === record.key)?.option;
  const used = new Set(slotsOf(volume, kind).map(({ option }) => option));
  let number = 0;
  while (used.has(`${prefix}${number}`)) number += 1;
  const option = own ?? `${prefix}${number}`;
  return {
    [option]: encoded(
      record.key,
      option,
      writeAll(slotTable, record, (name) => name),
    ),
  };
}

/** Clears what slots say, inherited ones included. */
export function clearedSlots(volume: Volume, kinds: readonly SlotKind[] = slotKinds): Record<string, string> {
  const options = Object.keys(volume.options).filter(
    (option) => kinds.some((kind) => option.startsWith(slotPrefix(kind))) && volume.options[option] !== none,
  );
  return Object.fromEntries(options.map((option) => [option, none]));
}

function slotPrefix(kind: SlotKind): string {
  return `user.sharewright.${kind}.`;
}

function encoded(object: string, option: string, fields: Record<string, string>): string {
  const text = new URLSearchParams(fields).toString();
  if (option.length + text.length <= maxOptionBytes) return text;
  throw fault("BAD_REQUEST", {
    object,
    summary: `what has to be noted about it takes ${text.length} bytes, and an option of a volume holds ${maxOptionBytes - option.length}`,
    fix: "ask for fewer volumeOptions, or name fewer servers in auth.ssl-allow of the volume",
  });
}
