// What a storage system offers to hooks. The fronts know no more of it; a folder beside this file holds what fits a backend to it.
import type { Log } from "../core/log";
import type { Step } from "../core/plan";
import type { Environment } from "./request";

interface ApplyRequest {
  key: string;
  /** Properties and claim, as the triggers of its applied resource say them: JSON. */
  text: string;
  /** Random id of the stack. */
  stack?: string | undefined;
  /** Of a hook: in it is what else the stack asks for. */
  environment?: Environment;
  /** Where no hook says that: keys of all objects of the kind in the stack. */
  keys?: readonly string[];
  /** What was lost is made anew, empty. */
  recreate?: boolean;
}

/** One kind of objects. `At`: their places, opened. */
export interface ManagedKind<At, Wish = unknown> {
  isKey(key: string): boolean;
  /** @throws BAD_REQUEST, before anything is opened */
  read(request: ApplyRequest): Wish;
  apply(at: At, wish: Wish): Promise<Step[]>;
  destroy(at: At, key: string, claim: string): Promise<Step[]>;
}

/** What hooks need, and no more: a hook's process loads one system. */
export interface System<Place = unknown, At = unknown> {
  kinds: Readonly<Record<string, ManagedKind<At>>>;
  /** The environment variable that says where objects are. */
  placeVariable: string;
  readPlace(text: string): Place;
  /** Runs work with connections, which are closed however it ends. `kind`: which hosts will surely be needed. */
  open<T>(place: Place, log: Log, work: (at: At) => Promise<T>, kind?: string): Promise<T>;
}

export function hasKind({ kinds }: Pick<System, "kinds">, kind: string): boolean {
  return Object.hasOwn(kinds, kind);
}
