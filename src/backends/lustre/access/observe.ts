// Looks at all access of a file system: every rule and share record, every live nodemap. Changes nothing.

import { readingAgain } from "../../../core/again";
import { attempt, commandFault, saidBy } from "../../../core/host";
import { looksAt } from "../../../core/looks";
import { AddressError, formatNid, lastAddress, type NidInterval, parseClient, parseNid } from "../../../spec/address";
import { type AccessRuleSpec, ruleMessage } from "../../../spec/lustre";
import * as cli from "../cli";
import { fault } from "../faults";
import { askParams, type Told } from "../params";
import { type Fileset, lines, parseFilesets, parseRanges } from "../parse";
import { type AllRecords, type RuleRecord, readAllRecords } from "../records";
import type { Site } from "../site";
import { overlaps } from "./intervals";
import { nodemapProperties } from "./nodemap-properties";
import type { LiveAccess, LiveNodemap } from "./steps";

export interface SeenAccess {
  records: AllRecords;
  live: LiveAccess;
  /** Addresses of servers, executor and trusted clients: a tenant's nodemap would take their own file system from them. */
  infrastructure: NidInterval[];
}

/** What is known spares reading it again. */
export async function observeAccess(
  site: Site,
  known: { records?: AllRecords; nodemaps?: Promise<Nodemaps> } = {},
): Promise<Omit<SeenAccess, "infrastructure">> {
  known.nodemaps?.catch(() => {}); // told below, unless the records are at fault
  const records = known.records ?? (await readAllRecords(site));
  const { nodemaps, byDefault, active, knows, banned } = await (known.nodemaps ?? readNodemaps(site));
  for (const { key, prefixes } of records.nodemaps) {
    const nodemap = nodemaps.get(key);
    if (nodemap) measureIpv6(nodemap, prefixes ?? []);
  }
  const ourBans = parseRecorded(records.bans?.ranges ?? []);
  for (const nodemap of nodemaps.values()) nodemap.banned = nodemap.banned.map((ban) => withPrefix(ban, ourBans));
  const shadowed = await askIpv6(site, records, nodemaps);
  return {
    records,
    live: {
      knows,
      registered: new Map(records.nodemaps.map((record) => [record.key, record.prefixes ?? []])),
      nodemaps,
      active,
      byDefault,
      shadowed,
      banned: banned.map((ban) => withPrefix(ban, ourBans)),
      ourBans,
      held: new Map(Object.entries(records.bans?.held ?? {}).map(([name, ranges]) => [name, parseRecorded(ranges)])),
    },
  };
}

/**
 * IPv6 prefixes of two nodemaps may overlap, the last one added wins, and no length is printed (golden y553 to y567): the MGS itself is
 * asked where the first and last addresses of all rules fall, and the one behind each network. Only where there are such. What of our own
 * nodemaps is not as the records say is unclear.
 */
async function askIpv6(
  site: Site,
  { rules, nodemaps: registered }: AllRecords,
  nodemaps: ReadonlyMap<string, LiveNodemap>,
): Promise<NonNullable<LiveAccess["shadowed"]>> {
  const texts = rules.flatMap(({ pending, live }) => [pending, live].flatMap((rule) => rule?.clients.split(", ") ?? []));
  const clients = texts.filter((text) => /^[0-9a-fA-F]*:[^@]*@[^:]*$/.test(text)).flatMap(readable);
  const nids = clients.flatMap((interval) => [formatNid(interval, interval.start), formatNid(interval, interval.end)]);
  if (nids.length === 0) return [];
  const behind = clients.flatMap((interval) =>
    interval.start < interval.end && interval.end < lastAddress(6) ? [formatNid(interval, interval.end + 1n)] : [],
  );
  const ours = new Map(registered.map(({ key }) => [key, nodemaps.get(key)]));
  const isRules = new Set(nids);
  return [...(await nodemapsOf(site, [...nids, ...behind]))].flatMap(([nid, name]) => {
    const range = parseNid(nid);
    if (!range || name === "") return [];
    if (name !== "default" && !ours.has(name)) return isRules.has(nid) ? [{ range, nodemap: name }] : [];
    const expected = [...ours.values()].find((nodemap) => overlaps(range, nodemap?.ranges ?? []));
    if (expected?.name === name || (!expected && name === "default")) return [];
    for (const nodemap of [expected, ours.get(name)]) if (nodemap) nodemap.unclear = true;
    return [];
  });
}

/** What cannot be read is refused where it is compiled, with the name of its rule. */
function readable(client: string): NidInterval[] {
  try {
    return [parseClient(client, "tcp")];
  } catch (error) {
    if (error instanceof AddressError) return [];
    throw error;
  }
}

/** Ranges as we record them: each with its network. */
function parseRecorded(ranges: readonly string[]): NidInterval[] {
  return ranges.map((range) => parseClient(range, "tcp"));
}

/** An IPv6 prefix is printed as its first address alone: our record tells its length. */
function withPrefix(ban: NidInterval, ours: readonly NidInterval[]): NidInterval {
  if (ban.family !== 6) return ban;
  return ours.find(({ family, net, start }) => family === 6 && net === ban.net && start === ban.start) ?? ban;
}

export interface Nodemaps {
  /** All but `default`. */
  nodemaps: Map<string, LiveNodemap>;
  byDefault: LiveNodemap;
  /** Whether nodemaps are in force at all. */
  active: boolean;
  /** What `default` has is what this MGS knows. */
  knows: Set<string>;
  banned: NidInterval[];
}

/** All nodemaps of the MGS. One command: only what is compared, not the exports, which grow with the number of clients. */
export async function readNodemaps(site: Site): Promise<Nodemaps> {
  const { params, nodemaps: told } = await readNodemapParams(site);
  const [ranges, filesets] = [readRanges(site), readFilesets(site)];
  const read = [...told].map(([name, { ranges: held = "", fileset = "", banlist = "", properties }]): [string, LiveNodemap] => [
    name,
    { name, ranges: ranges(held), filesets: filesets(fileset), properties, banned: ranges(banlist) },
  ]);
  const nodemaps = new Map(read);
  const byDefault = nodemaps.get("default") as LiveNodemap;
  nodemaps.delete("default");
  const known = nodemapProperties.filter(({ name, optional }) => !optional || byDefault.properties.has(name));
  return {
    nodemaps,
    byDefault,
    active: params.get("nodemap.active") === "1",
    knows: new Set(known.map(({ name }) => name)),
    banned: byDefault.banned,
  };
}

const readRanges = readingAgain<Site, NidInterval[]>(parseRanges);
const readFilesets = readingAgain<Site, Fileset[]>(parseFilesets);

/** `default` has neither: where it is alone, as on a fresh MGS, there is no such parameter at all (golden d123). */
const ofOthers = ["ranges", "rbac"];

/**
 * On any other node nodemaps can be read, with exit 0, and look like those of an empty MGS (golden e*), and the MGS may move in any moment: so the same
 * command proves it, before and behind what it reads.
 */
async function readNodemapParams(site: Site): Promise<Told> {
  const parameters = ["id", "ranges", "fileset", ...nodemapProperties.map(({ parameter }) => parameter)];
  if (site.fileSystem.lustreVersion !== "2.16") parameters.push("banlist");
  const names = ["nodemap.active", ...parameters.map((name) => `nodemap.*.${name}`)];
  const told = await askParams(site.mgs, { names, framed: true });
  const { command, result, nodemaps, others } = told;
  if (!isOfMgs(result.stdout)) throw fault("NOT_MGS", saidBy(site.mgs, command, result));
  const isAlone = [...nodemaps.keys()].every((name) => name === "default");
  const optional = nodemapProperties.filter((property) => property.optional).map(({ parameter }) => parameter);
  const mayLack = new Set([...optional, "banlist", ...(isAlone ? ofOthers : [])]);
  const isOthers = (line: string) =>
    others.some((name) => line.endsWith(`'${name.replaceAll(".", "/")}': No such file or directory`));
  const said = lines(result.stderr).filter((line) => !isOthers(line));
  const lacks = said.map((line) => /'nodemap\/\*\/(\w+)': No such file or directory$/.exec(line)?.[1]);
  const isAnswer = nodemaps.get("default")?.id !== undefined && lacks.every((name) => name !== undefined && mayLack.has(name));
  if (!isAnswer || (result.exitCode !== 0 && result.stderr === ""))
    throw commandFault("COMMAND_FAILED", site.mgs, command, result);
  return told;
}

/** Whether it begins and ends with what the MGS alone can say. */
function isOfMgs(text: string): boolean {
  const last = text.lastIndexOf("\nmgs.") + 1;
  const [before, after] = [text.slice(0, last), text.slice(last)];
  return (
    /^mgs\.[^\n=]*=/.test(before) &&
    /^(?!mgs\.)[A-Za-z]+\.[^\n=]*=/m.test(before) &&
    [...after.matchAll(/^[A-Za-z]+\.[^\n=]*=/gm)].length === 1
  );
}

/** An IPv6 prefix is printed as its first address alone (golden g015): the record tells its length, or else nothing does. */
function measureIpv6(nodemap: LiveNodemap, prefixes: readonly string[]): void {
  const noted = parseRecorded(prefixes);
  nodemap.ranges = nodemap.ranges.map((range) => {
    if (range.family !== 6) return range;
    const alike = noted.filter((prefix) => prefix.net === range.net && prefix.start === range.start);
    if (alike.length !== 1) nodemap.unclear = true;
    return alike.sort((a, b) => (a.end < b.end ? 1 : -1))[0] ?? range;
  });
}

/**
 * The nodemap that each address falls into now: `lctl nodemap_test_nid` (golden d076); "" for one that means nothing to the MGS, as on a network that
 * its version does not know: nobody comes from there.
 */
export async function nodemapsOf(site: Site, nids: readonly string[]): Promise<Map<string, string>> {
  const looks = looksAt(site.mgs);
  const answers = [...new Set(nids)].map((nid) => ({
    nid,
    nodemap: looks.ask(cli.lctlNodemapTestNid(nid), (result, command) => {
      if (result.exitCode === 0) return result.stdout.trim();
      if (/Invalid argument/.test(result.stderr)) return "";
      throw commandFault("COMMAND_FAILED", site.mgs, command, result);
    }),
  }));
  await looks.send();
  const found = new Map(answers.map(({ nid, nodemap }) => [nid, nodemap() ?? ""]));
  // Any other host says so of every address (golden y583).
  if ([...found.values()].includes("")) await proveStillMgs(site);
  return found;
}

async function proveStillMgs(site: Site): Promise<void> {
  const command = cli.lctlGetParam(cli.mgsParameter);
  const result = await attempt(site.mgs, command);
  if (!result.stdout.startsWith(`${cli.mgsParameter}=`)) throw fault("NOT_MGS", saidBy(site.mgs, command, result));
}

/** The network of clients that are written without one. */
export function defaultNet({ fileSystem: { exportNids } }: Site): string {
  const known = defaultNets.get(exportNids);
  if (known !== undefined) return known;
  const [first = ""] = (exportNids[0] ?? "").split(",");
  const net = parseNid(first)?.net ?? first.split("@")[1] ?? "tcp";
  defaultNets.set(exportNids, net);
  return net;
}

/** Asked for with every rule. */
const defaultNets = new WeakMap<readonly string[], string>();

/** The spec of a rule record, as recorded. */
export function ruleSpec(record: RuleRecord, properties: NonNullable<RuleRecord["live"]>): AccessRuleSpec {
  const known = specs.get(properties);
  if (known) return known;
  const read = ruleMessage.read(properties);
  if (read.misfit)
    throw fault("RECORD_BROKEN", { object: record.key, summary: `the record of ${record.key} holds a spec that cannot be read` });
  specs.set(properties, read.spec);
  return read.spec;
}

/** Of many rules all but one are as they were at the look before. */
const specs = new WeakMap<object, AccessRuleSpec>();
