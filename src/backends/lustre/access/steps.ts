// Steps on one nodemap: register it, make it, change what it opens and to whom, remove it. Pure.
import type { Step } from "../../../core/plan";
import { type NidInterval, parseClient, rangeText } from "../../../spec/address";
import * as cli from "../cli";
import { type Fileset, parseFilesets } from "../parse";
import { parseGetParam } from "../parse-params";
import { removeRecord, writeRecord } from "../records";
import type { Site } from "../site";
import type { AccessFeatures, AccessGroup } from "./compiler";
import { modifyNodemap, nodemapProperties, sameProperty } from "./nodemap-properties";

/** Names that plan.ts gives. What has one may still be somebody else's: records decide. */
export const tenantNodemap = /^sw_[a-z2-7]{12}$/;

export interface LiveNodemap {
  name: string;
  ranges: NidInterval[];
  filesets: Fileset[];
  /** By the names of nodemap-properties.ts. */
  properties: ReadonlyMap<string, string>;
  /** Of its clients, those that are cut off. */
  banned: NidInterval[];
  /** It holds IPv6 addresses of which neither record nor MGS tell how far they reach: it is made anew rather than changed. */
  unclear?: true;
}

/** Clients held for what they may still have mounted: "rw /shares/a". */
export type Held = ReadonlyMap<string, readonly NidInterval[]>;

export interface LiveAccess {
  /** Properties that nodemaps of this MGS have. */
  knows: ReadonlySet<string>;
  /** Nodemaps that our records name, whether they exist already or not, with the IPv6 prefixes they were given. */
  registered: ReadonlyMap<string, readonly string[]>;
  nodemaps: ReadonlyMap<string, LiveNodemap>;
  /** Whether nodemaps are in force at all. @default they are */
  active?: boolean;
  /** That of clients which are in no other; it has no ranges. */
  byDefault?: LiveNodemap;
  /** IPv6 addresses of rules that the MGS puts into a nodemap that is not ours. */
  shadowed?: readonly { range: NidInterval; nodemap: string }[];
  /** Addresses banned from `default` now. */
  banned: NidInterval[];
  /** Addresses that our records say we banned, wherever they are. */
  ourBans: NidInterval[];
  /** Why, of those that stay banned until an operator lifts it. */
  held: Held;
}

/** A group and the nodemap that carries it. */
export interface Target {
  name: string;
  group: AccessGroup;
  live: LiveNodemap;
  isNew: boolean;
  add: NidInterval[];
  remove: NidInterval[];
}

export function mgs(id: string, say: string, ...commands: Step["commands"]): Step {
  return { id, say, on: "mgs", commands };
}

/** Whether a live fileset is just what the group asks for. */
export function isWanted(fileset: Fileset, group: AccessGroup): boolean {
  return !fileset.primary && group.filesets.get(fileset.path) === fileset.readOnly;
}

export interface PrefixNotes {
  /** Before anything is done to a nodemap. */
  first: (target: Target) => Step[];
  /** Right before a range is added, once what looks like it has been taken out. */
  before: (nodemap: string, range: NidInterval) => Step[];
  /** When everything is done. */
  last: (target: Target) => Step[];
}

/**
 * A nodemap is ours from before it exists. `get_param` prints IPv6 prefixes without their length: they are noted before they are added and forgotten once
 * they are gone, and of two with one first address never both are noted, so that at any moment the record tells which of them is meant.
 */
export function prefixNotes(site: Site, live: LiveAccess): PrefixNotes {
  const noted = new Map([...live.registered].map(([name, prefixes]) => [name, new Set(prefixes)]));
  const write = (name: string, prefixes: readonly string[]): Step[] => {
    const known = noted.get(name);
    const all = new Set(prefixes);
    if (known && known.size === all.size && prefixes.every((prefix) => known.has(prefix))) return [];
    noted.set(name, all);
    const sorted = all.size > 0 ? { prefixes: [...all].sort() } : {};
    return [
      writeRecord(site, "nodemaps", { format: 1, kind: "lustre.nodemap", key: name, fsName: site.fileSystem.fsName, ...sorted }),
    ];
  };
  const others = (name: string, range: NidInterval) =>
    [...(noted.get(name) ?? [])].filter((text) => text === rangeText(range) || !isAlike(text, range));
  return {
    first: ({ name, add }) => {
      const known = [...(noted.get(name) ?? [])];
      const plain = add.filter((range) => isPrefix(range) && !known.some((text) => isAlike(text, range)));
      return write(name, [...known, ...plain.map(rangeText)]);
    },
    before: (name, range) => (isPrefix(range) ? write(name, [...others(name, range), rangeText(range)]) : []),
    last: ({ name, live: { ranges }, remove, add }) => {
      const stays = [...ranges.filter((range) => isPrefix(range) && !remove.includes(range)), ...add.filter(isPrefix)];
      return write(name, stays.map(rangeText));
    },
  };
}

function isPrefix({ family }: NidInterval): boolean {
  return family === 6;
}

/** Whether a noted prefix would be printed as this range is. */
function isAlike(text: string, { net, start }: NidInterval): boolean {
  const prefix = parseClient(text, "tcp");
  return prefix.net === net && prefix.start === start;
}

/** Properties and filesets before the first range: nobody is ever in a half-made nodemap. */
export function createNodemap(target: Target, features: AccessFeatures, knows: ReadonlySet<string>): Step[] {
  const { name } = target;
  return [mgs("add-nodemap", `make nodemap ${name}`, cli.lctlNodemapAdd(name)), ...contentSteps(target, features, knows)];
}

export function dropNodemap(site: Site, name: string, live: LiveAccess, features: AccessFeatures): Step[] {
  const forget = features.alternateFilesets ? [] : [cli.lctlSetParamPersistentDelete(`nodemap.${name}.fileset`)];
  return [
    ...(live.nodemaps.has(name) ? [mgs("remove-nodemap", `remove nodemap ${name}`, ...forget, cli.lctlNodemapDel(name))] : []),
    removeRecord(site, "nodemaps", name),
  ];
}

type Properties = ReadonlyMap<string, string>;
interface Compared {
  knows: ReadonlySet<string>;
  differing: [string, string][];
}

/** Most groups want the same, and most nodemaps have the same: maps are compared once. */
const compared = new WeakMap<Properties, WeakMap<Properties, Compared>>();

/** Properties of which a live nodemap, or one that is still to be made, has another value. */
export function differingProperties(
  wanted: Properties,
  live: LiveNodemap | undefined,
  knows: ReadonlySet<string>,
): [string, string][] {
  const has = live?.properties ?? none;
  const known = compared.get(wanted) ?? new WeakMap<Properties, Compared>();
  compared.set(wanted, known);
  const before = known.get(has);
  if (before?.knows === knows) return before.differing;
  const differing = [...wanted].filter(([name, value]) => knows.has(name) && !sameProperty(name, value, has.get(name)));
  known.set(has, { knows, differing });
  return differing;
}

const none: Properties = new Map();

/** Closes first, then sets properties, then opens. */
export function contentSteps(target: Target, features: AccessFeatures, knows: ReadonlySet<string>): Step[] {
  const { name, group, live } = target;
  const properties = differingProperties(group.properties, live, knows);
  const modify =
    properties.length === 0 ? [] : [target.isNew ? setWhatDiffers(name, properties) : setProperties(name, properties)];
  if (!features.alternateFilesets) return [...modify, ...onlyFileset(target)];
  const gone = live.filesets.filter((fileset) => !isWanted(fileset, group));
  const missing = [...group.filesets].filter(
    ([path]) => !live.filesets.some((fileset) => fileset.path === path && isWanted(fileset, group)),
  );
  return [
    ...gone.map(({ path }) => mgs("close-fileset", `close ${path} to nodemap ${name}`, cli.lctlNodemapFilesetDel(name, path))),
    ...modify,
    ...missing.map(([path, readOnly]) =>
      mgs(
        "open-fileset",
        `open ${path}${readOnly ? " (read-only by advice)" : ""} to nodemap ${name}`,
        cli.lctlNodemapFilesetAdd(name, path, readOnly),
      ),
    ),
  ];
}

export function setProperties(name: string, properties: readonly [string, string][]): Step {
  const words = properties.map(([property, value]) => `${property}=${value}`).join(" ");
  const commands = properties.map(([property, value]) => modifyNodemap(name, property, value));
  return mgs("set-properties", `set ${words} on nodemap ${name}`, ...commands);
}

/**
 * `nodemap_add` copies most of them from `default`: they are read once, and what is so already is not set. The last one always is, since what ends a step
 * is a command that is run.
 */
function setWhatDiffers(name: string, properties: readonly [string, string][]): Step {
  const step = setProperties(name, properties);
  const parameters = properties.map(([property]) => `nodemap.${name}.${parameterOf.get(property)}`);
  const commands = step.commands.map((command, index) => {
    const says = `${parameters[index]}=${properties[index]?.[1]}\n`;
    return index === properties.length - 1 ? command : { ...command, given: { of: 0, says, not: true as const } };
  });
  return { ...step, commands: [cli.lctlGetParam(...parameters), ...commands] };
}

const parameterOf = new Map(nodemapProperties.map(({ name, parameter }) => [name, parameter]));

const persistWithinMs = 60_000;

/**
 * 2.16: one fileset. `nodemap_set_fileset` changes only the running MGS; `set_param -P` persists, returns before it takes effect, and does
 * nothing at all for a value it has persisted before (golden i001, h003; sanity-sec 27a): so both, and a look.
 */
function onlyFileset({ name, group, live }: Target): Step[] {
  const [path = ""] = [...group.filesets.keys()];
  if (live.filesets.length === 1 && live.filesets[0]?.path === path) return [];
  const param = `nodemap.${name}.fileset`;
  const holds = (text: string) => parseFilesets(parseGetParam(text).get(param) ?? "").some((fileset) => fileset.path === path);
  return [
    {
      ...mgs(
        "open-fileset",
        `open ${path} to nodemap ${name}`,
        cli.lctlSetParamPersistent(param, path),
        cli.lctlNodemapSetFileset(name, path),
      ),
      until: { look: cli.lctlGetParam(param), holds: (result) => holds(result.stdout), withinMs: persistWithinMs },
    },
  ];
}
