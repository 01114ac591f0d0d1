// A plan is a list of steps; nothing in it has happened yet.
import type { Command, Result } from "./command";
import type { Host, Role } from "./host";

export interface Step {
  /** Stable name for tests and machines: "set-quota". */
  id: string;
  /** One line for people: "set limit 10 TiB on project 10003". */
  say: string;
  /** A host itself where a role has several. */
  on: Role | Host;
  /** `given` names commands of this step. The last one has none. */
  commands: readonly Command[];
  /** Removes or hides data. */
  risk?: "data";
  /** Our own book-keeping: run, but not worth a line. */
  quiet?: true;
  /** What a person can do where it fails. */
  fix?: string;
  /** Somebody else was faster: not a failure, look again and plan anew. */
  lost?: (result: Result) => boolean;
  /** Takes effect later: look with this command until it holds. */
  until?: { look: Command; holds: (result: Result) => boolean; withinMs: number };
}

/** In what something differs from what is asked for. */
export interface Difference {
  attribute: string;
  wanted: string;
  found: string;
}

export const differing = (differences: readonly Difference[]): Difference[] =>
  differences.filter(({ wanted, found }) => wanted !== found);
