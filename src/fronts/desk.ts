// What a storage system offers to commands.
import type { Check } from "../core/check";
import type { Meaning } from "../core/errors";
import type { Log } from "../core/log";
import type { Step } from "../core/plan";
import type { Properties } from "../spec/property";
import type { CapacityView } from "./commands/capacity-view";
import type { ConnectionReport } from "./commands/doctor-connection";
import type { Column } from "./commands/table";
import type { Terminal } from "./commands/terminal";
import type { Stack } from "./stack";
import type { StackConfig } from "./stack-config";
import type { Survey, SurveyedObject } from "./surveyed";
import type { System } from "./system";
import type { Without } from "./without-rules";

/** What a command works with. */
export interface Call {
  log: Log;
  terminal: Terminal;
}

/** How `status` and `review` show objects of a kind. */
export interface View<Sight = unknown> {
  /** The list of the document that they are in. */
  list: "shares" | "rules" | "snapshots";
  properties: Properties;
  /** Which of them says who is let in. */
  who?: string;
  columns: readonly Column<SurveyedObject<Sight>>[];
  document(object: SurveyedObject<Sight>): Record<string, unknown>;
}

/** A place, told to people and to machines. */
interface Told {
  /** Where there are several to tell apart. */
  heading?: string;
  text: string;
  document: Record<string, unknown>;
}

/** What was not seen must not pass for absent: `exitCode` says that a place did not answer. */
export interface Listed {
  places: Told[];
  exitCode: number;
}

/** What no claim explains. */
export interface Leftover {
  kind: string;
  name: string;
  why: string;
}

export interface Unclaimed {
  leftovers: Leftover[];
  notes: string[];
  exitCode: number;
}

export interface Capacities {
  places: { view?: CapacityView; text?: string; document: Record<string, unknown> }[];
  exitCode: number;
}

export interface Looked {
  checks: Check[];
  connections: ConnectionReport[];
}

export interface Released {
  text: string;
  steps: Step[];
}

export interface TrashEntry {
  name: string;
  since?: Date | undefined;
}

interface Restored {
  key: string;
  text: string;
  steps: Step[];
}

/** What removal policy `trash` keeps. */
export interface Trash<Place = unknown, Entry extends TrashEntry = TrashEntry> {
  /** Whether that can be the name of an entry, where several systems keep some. */
  isName(name: string): boolean;
  read(places: readonly Place[], log: Log): Promise<Entry[]>;
  columns: readonly Column<Entry>[];
  document(entry: Entry): Record<string, unknown>;
  restore(places: readonly Place[], name: string, as: string | undefined, log: Log): Promise<Restored>;
  /** For good. An entry that was read says more than its name where several share that. */
  purge(places: readonly Place[], entry: Entry | { name: string }, log: Log): Promise<Step[]>;
}

/** Everything that commands need. */
export interface Desk<Place = unknown> {
  system: System;
  /** What can be told by `sharewright explain`, by code. */
  faults: Readonly<Record<string, Meaning>>;
  /** In the order of their tables. */
  views: Readonly<Record<string, View>>;
  /** What its places are called in documents. */
  places: "fileSystems" | "clusters";
  /** The flag that names one of them. */
  flag: "fileSystem" | "cluster";
  /** The places that a command is about: what the flag names, else all there are, or the only one. @throws where that is none, or cannot be told */
  choose(config: StackConfig, named: string | undefined): Place[];
  survey(stack: Stack, call: Call): Promise<Survey[]>;
  list(config: StackConfig, call: Call): Promise<Listed>;
  unclaimed(stack: Stack, call: Call): Promise<Unclaimed>;
  capacity(config: StackConfig, call: Call): Promise<Capacities>;
  check(config: StackConfig, call: Call): Promise<Looked[]>;
  /** Lets go of an object of this kind. */
  release(stack: Stack, kind: string, key: string, named: string | undefined, log: Log): Promise<Released>;
  trash: Trash<Place>;
  /** Connections for which `sharewright sudoers` has no rules. */
  withoutRules?(config: StackConfig, role: string | undefined): Without[];
}
