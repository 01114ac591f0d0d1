// The watch: after every command the invariants of watch-rules.ts are checked; what is newly broken goes to D/violations.ndjson.
import { appendFileSync } from "node:fs";
import { join } from "node:path";
import { type Context, mountDirectory } from "./context";
import type { Command } from "./faults";
import type { State } from "./state";
import { files, readState } from "./store";
import { countBelow, fingerprints, openedDirectories, type Violation, violations, type Watch } from "./watch-rules";

export function newWatch(state: State, ours: string, foreign: string[]): Watch {
  const known = Object.entries(fingerprints(state)).filter(([name]) => !name.startsWith(ours) || foreign.includes(name));
  return { ours, foreign, fingerprints: Object.fromEntries(known), broken: [] };
}

/** Directories that clients see through a fileset, with the number of entries below. */
type Opened = ReadonlyMap<string, number>;

const removers = ["rm", "rmdir", "unlink", "mv", "find"];

export function before(context: Context, { tool }: Command): Opened {
  if (!removers.includes(tool)) return new Map();
  const root = mountDirectory(context.dir);
  return new Map(openedDirectories(readState(context.dir), root).map((path) => [path, countBelow(path)]));
}

export function after(context: Context, command: Command & { n: number }, watch: Watch, opened: Opened): void {
  const root = mountDirectory(context.dir);
  const found = [...violations(readState(context.dir), root, watch), ...removals(opened)];
  for (const { invariant, detail } of found) {
    if (watch.broken.includes(detail)) continue;
    const line = { n: command.n, command: [command.tool, ...command.args], invariant, detail };
    appendFileSync(join(context.dir, files.violations), `${JSON.stringify(line)}\n`);
  }
  watch.broken = found.map(({ detail }) => detail);
}

function removals(opened: Opened): Violation[] {
  return [...opened]
    .map(([path, count]) => ({ path, count, now: countBelow(path) }))
    .filter(({ count, now }) => now < count)
    .map(({ path, count, now }) => ({
      invariant: "no-removal-while-open",
      detail: `${path} had ${count} entries and has ${now} while a nodemap opens it`,
    }));
}
