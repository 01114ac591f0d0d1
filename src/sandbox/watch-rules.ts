// What has to hold after every single command of an executor.
import { join } from "node:path";
import { entries, ownProject, projectOf, statOf, walk } from "./inodes";
import { limitsOf } from "./limits";
import { isInfrastructure, isOn } from "./nodemaps";
import type { Nodemap, State } from "./state";

export interface Watch {
  /** Nodemaps of the executor under test begin so; all others that were there at the start are foreign. */
  ours: string;
  /** Nodemaps made later that are foreign too. */
  foreign: string[];
  /** What the foreign nodemaps were when the watch was switched on. */
  fingerprints: Record<string, string>;
  /** Broken at the last look; told once, until mended. */
  broken: string[];
}

export interface Violation {
  invariant: "limit-before-sight" | "no-removal-while-open" | "foreign-unchanged" | "no-root-or-records" | "own-project-id";
  detail: string;
}

const records = "/.sharewright";

export function violations(state: State, root: string, watch: Watch): Violation[] {
  return [
    ...sightWithoutLimit(state, root, watch),
    ...foreignChanged(state, watch),
    ...rootOrRecords(state, watch),
    ...sharedIds(state, root),
  ];
}

/** Nodemaps that let somebody in. `default` has no ranges: whether it is closed is the site's affair (see doctor). */
function open(state: State): Nodemap[] {
  return state.nodemapActive ? state.nodemaps.filter(({ ranges }) => ranges.length > 0) : [];
}

function ofExecutor(state: State, watch: Watch): Nodemap[] {
  return open(state).filter(({ name }) => !Object.hasOwn(watch.fingerprints, name) && !watch.foreign.includes(name));
}

/** No client sees a share before its limit holds. */
function sightWithoutLimit(state: State, root: string, watch: Watch): Violation[] {
  return ofExecutor(state, watch).flatMap((nodemap) =>
    nodemap.filesets
      .filter(({ path }) => statOf(join(root, path)))
      .filter(({ path }) => !isLimited(state, root, join(root, path)))
      .map(({ path }) => ({
        invariant: "limit-before-sight",
        detail: `nodemap ${nodemap.name} opens ${path}, which has no limit`,
      })),
  );
}

function isLimited(state: State, root: string, path: string): boolean {
  const { id, inherit } = projectOf(state, root, path);
  return inherit && id !== 0 && limitsOf(state, id).blockHard > 0;
}

/** No other tenant's nodemap changed. */
function foreignChanged(state: State, watch: Watch): Violation[] {
  const now = fingerprints(state);
  return Object.entries(watch.fingerprints)
    .filter(([name, before]) => now[name] !== before)
    .map(([name]) => ({
      invariant: "foreign-unchanged",
      detail: `nodemap ${name}, which is not ours, ${now[name] ? "changed" : "is gone"}`,
    }));
}

/** Without the banlist of `default`, which belongs to no tenant: whoever is cut off is banned there. */
export function fingerprints(state: State): Record<string, string> {
  const ofOthers = (nodemap: State["nodemaps"][number]) => (nodemap.name === "default" ? { ...nodemap, banlist: [] } : nodemap);
  return Object.fromEntries(state.nodemaps.map((nodemap) => [nodemap.name, JSON.stringify(ofOthers(nodemap))]));
}

/** Neither the root, which is what a nodemap without filesets opens, nor the records. */
function rootOrRecords(state: State, watch: Watch): Violation[] {
  return ofExecutor(state, watch)
    .filter((nodemap) => !isInfrastructure(nodemap) && !isOn(nodemap, "deny_mount"))
    .flatMap((nodemap) => {
      const paths =
        nodemap.filesets.length === 0 ? ["/"] : nodemap.filesets.map(({ path }) => join("/", path, "/").slice(0, -1) || "/");
      return paths
        .filter((path) => path === "/" || path === records || path.startsWith(`${records}/`))
        .map((path): Violation => ({ invariant: "no-root-or-records", detail: `nodemap ${nodemap.name} opens ${path}` }));
    });
}

/** Two directories, neither inside the other, do not carry the same id. */
function sharedIds(state: State, root: string): Violation[] {
  const tops = new Map<number, { path: string; ino: bigint }>();
  const found: Violation[] = [];
  walk(state, root, root, ({ path, stat, inode }) => {
    const own = ownProject(inode);
    if (!own?.inherit || own.id === 0 || !stat.isDirectory()) return;
    const top = tops.get(own.id);
    if (top === undefined) tops.set(own.id, { path, ino: stat.ino });
    // A directory has one name: one that is met again was moved while the tree was walked.
    else if (top.ino !== stat.ino && !path.startsWith(`${top.path}/`)) {
      found.push({
        invariant: "own-project-id",
        detail: `project ${own.id} is on ${top.path.slice(root.length)} and on ${path.slice(root.length)}`,
      });
    }
  });
  return found;
}

/** Everything that a client may see through a fileset. Whoever may see the root sees every removal: that does not count. */
export function openedDirectories(state: State, root: string): string[] {
  const paths = open(state).flatMap(({ filesets }) => filesets.map(({ path }) => join(root, path).replace(/\/$/, "")));
  return [...new Set(paths)].filter((path) => path !== root && statOf(path));
}

export function countBelow(path: string): number {
  const stat = statOf(path);
  if (!stat) return 0;
  if (!stat.isDirectory()) return 1;
  return entries(path).reduce((count, name) => count + countBelow(join(path, name)), 1);
}
