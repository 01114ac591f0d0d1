// Whether limits and access can hold on this file system: looked at before the first change, and by `sharewright doctor`.

import { bad, type Check, good, judgeAll, unknown } from "../../core/check";
import { ShareError } from "../../core/errors";
import { attempt, type Host, run } from "../../core/host";
import { quote } from "../../core/quote";
import { formatNid } from "../../spec/address";
import { type AccessLooks, accessLooks, observeInfrastructure } from "./access/infrastructure";
import { modifyNodemap, withAlways } from "./access/nodemap-properties";
import { nodemapsOf, readNodemaps } from "./access/observe";
import { differingProperties, tenantNodemap } from "./access/steps";
import { planTrust, type SeenTrust, whyNotTrusted } from "./access/trusted";
import { byHand } from "./by-hand";
import * as cli from "./cli";
import { fault } from "./faults";
import { probeFeatures } from "./features";
import { proveLustre } from "./look";
import { type Params, readParams, readParamsOf } from "./params";
import { parseTargets, parseVersion } from "./parse";
import { checkNodemaps } from "./preflight-open";
import type { Site } from "./site";

/** Limits: what a share needs, of what has been proven to be the file system. */
export async function checkLimits(site: Site): Promise<Check[]> {
  const checks = await Promise.all([checkVersion(site.client, "client-version"), checkLocking(site), checkEnforcement(site)]);
  return checks.flat();
}

/**
 * Access: what a rule needs, of what has been proven to be the MGS, in an order in which the fixes can be done: who is trusted is let in before
 * anybody is shut out.
 */
export async function checkAccess(site: Site, looks: AccessLooks = accessLooks(site)): Promise<Check[]> {
  const read = looks.nodemaps();
  const checks = await Promise.all([
    checkVersion(site.mgs, "mgs-version"),
    checkFeatures(site),
    checkTrusted(site, looks),
    read.then((seen) => checkNodemaps(site, seen)),
  ]);
  return checks.flat();
}

/** Refuses to change anything on a file system that is not in order, or only says so when preflight is "warn". */
export function judge(site: Site, checks: readonly Check[]): void {
  judgeAll(checks, site.fileSystem.preflight, site.log);
}

/** Both, of hosts that have yet to be proven. */
export async function proveAndCheckLimits(site: Site): Promise<Check[]> {
  const [, checks] = await Promise.all([proveLustre(site), checkLimits(site)]);
  return checks;
}

export async function proveAndCheckAccess(site: Site): Promise<Check[]> {
  const [, checks] = await Promise.all([proveMgs(site), checkAccess(site)]);
  return checks;
}

/** On any other node nodemaps can be read, with exit 0, and look like those of an empty MGS (golden e*). */
export async function proveMgs(site: Site): Promise<void> {
  const devices = (await run(site.mgs, cli.lctlDl())).stdout;
  if (!isMgs(devices)) throw fault("NOT_MGS", { host: site.mgs.name, command: cli.lctlDl().argv });
}

/** Judges what `lctl dl` said. */
export function isMgs(devices: string): boolean {
  return /^ *\d+ UP mgs MGS /m.test(devices);
}

const minVersion = [2, 16] as const;

async function checkVersion(host: Host, id: string): Promise<Check> {
  const about = `Lustre version of the ${host.role}`;
  const text = (await readParams(host, "version")).get("version")?.trim() ?? "";
  if (text === "") return bad(id, about, "it does not tell any", "load the modules of Lustre (`lctl get_param version`)");
  const version = parseVersion(text);
  if (!version) return bad(id, about, `"${text}" has no version in it`, "install the Lustre client tools");
  const old = version[0] < minVersion[0] || (version[0] === minVersion[0] && version[1] < minVersion[1]);
  return old ? bad(id, about, `${text} is older than 2.16`, "upgrade to 2.16 or later") : good(id, about, text);
}

async function checkFeatures(site: Site): Promise<Check> {
  const about = "features of the MGS";
  const features = await probeFeatures(site);
  const wanted = site.fileSystem.lustreVersion;
  if (wanted !== "2.16" && !features.alternateFilesets) {
    return bad(
      "mgs-features",
      about,
      `lustreVersion is ${wanted}, but it has one fileset a nodemap only`,
      'set lustreVersion: "2.16"',
    );
  }
  if (wanted === "2.16" && features.alternateFilesets) {
    return bad(
      "mgs-features",
      about,
      "lustreVersion is 2.16, but it has several filesets a nodemap: exports would be mounted otherwise",
      'set lustreVersion: "2.17"',
    );
  }
  return good("mgs-features", about, `as of ${wanted}`);
}

/** Our locks are files of the file system; with `localflock` they hold on one client only. */
async function checkLocking(site: Site): Promise<Check> {
  const about = "file locks of the client's mount";
  const result = await attempt(site.client, cli.findmnt(site.client.mount));
  const options = result.stdout.trim().split(/\s+/).at(-1)?.split(",") ?? [];
  if (options.includes("flock")) return good("locking", about, "flock");
  if (options.includes("noflock"))
    return bad("locking", about, "noflock: two runs at once cannot see each other", "mount with -o flock");
  if (!options.includes("localflock")) return unknown("locking", about, "cannot be seen");
  const { client } = site.fileSystem;
  if (client.type === "ssh" && client.hosts.length > 1)
    return bad(
      "locking",
      about,
      "localflock: locks hold on one client only, but the connection names several",
      "mount with -o flock on each of them",
    );
  return unknown("locking", about, "localflock: hold on this client only");
}

async function checkEnforcement(site: Site): Promise<Check[]> {
  const hosts = site.servers.length > 0 ? site.servers : [site.mgs, site.mds];
  const mine = `osd-*.${site.fileSystem.fsName}-*.quota_slave`;
  const [targets, params] = await Promise.all([
    allTargets(site),
    readParamsOf(hosts, `${mine}.enabled`, `${mine}.root_prj_enable`),
  ]);
  const { fsName } = site.fileSystem;
  return [
    enforcementCheck(params, targets, {
      name: "enabled",
      about: "project quota enforced",
      holds: (value) => value.includes("p"),
      fix: byHand("on the MGS", cli.lctlConfParam(`${fsName}.quota.mdt`, "ugp"), cli.lctlConfParam(`${fsName}.quota.ost`, "ugp")),
    }),
    enforcementCheck(params, targets, {
      name: "root_prj_enable",
      about: "project quota enforced for root",
      holds: (value) => value === "1",
      fix: byHand("on the MGS", cli.lctlSetParamPersistent("osd-*.*.quota_slave.root_prj_enable", "1")),
    }),
  ];
}

async function allTargets(site: Site): Promise<string[]> {
  const names = cli.targetParameters(site.fileSystem.fsName);
  const params = await readParams(site.client, ...names);
  return names.flatMap((name) => {
    const start = name.slice(0, name.indexOf("*"));
    const told = [...params].filter(([param]) => param.startsWith(start) && param.endsWith(".target_obd"));
    if (told.length === 0)
      throw fault("COMMAND_FAILED", { host: site.client.name, summary: `the client does not tell its targets (${name})` });
    return told.flatMap(([, text]) => parseTargets(text));
  });
}

interface Enforcement {
  name: string;
  about: string;
  holds: (value: string) => boolean;
  fix: string;
}

function enforcementCheck(params: Params, targets: readonly string[], { name, about, holds, fix }: Enforcement): Check {
  const id = `quota-${name.replaceAll("_", "-")}`;
  const seen = new Map(
    [...params]
      .filter(([param]) => param.endsWith(`.quota_slave.${name}`))
      .map(([param, value]) => [param.split(".")[1] ?? "", value]),
  );
  if (seen.size === 0)
    return unknown(id, about, "no server parameters can be read here; name the servers in `servers` to have it checked");
  const off = [...seen].filter(([, value]) => !holds(value)).map(([target]) => target);
  if (off.length > 0) return bad(id, about, `not on ${off.join(", ")}`, fix);
  const unseen = targets.filter((target) => !seen.has(target));
  if (unseen.length > 0)
    return unknown(
      id,
      about,
      `on ${seen.size} targets, but ${unseen.join(", ")} cannot be seen: away, or on a host that is not in \`servers\``,
    );
  return good(id, about, `on ${seen.size} targets`);
}

async function checkTrusted(site: Site, looks: AccessLooks): Promise<Check[]> {
  const about = "servers and executor in a trusted nodemap";
  const [infrastructure, { nodemaps, knows }, { rbacRoles }] = await Promise.all([
    looks.nids().then((reports) => observeInfrastructure(site, reports)),
    looks.nodemaps(),
    probeFeatures(site),
  ]);
  // Of a range the two ends stand for the rest.
  const ends = infrastructure.intervals.flatMap((interval) => [
    formatNid(interval, interval.start),
    formatNid(interval, interval.end),
  ]);
  const untrusted = [...(await nodemapsOf(site, ends)), ...infrastructure.unread].flatMap(([nid, name]) => {
    const nodemap = nodemaps.get(name);
    const why = nodemap ? whyNotTrusted(nodemap) : [];
    return nodemap && why.length === 0 ? [] : [`${nid} (in ${[name || "no nodemap that the MGS can tell", ...why].join(", ")})`];
  });
  untrusted.push(...infrastructure.silent.map((host) => `${host} (tells no NID of its own)`));
  if (ends.length === 0) untrusted.push("no host tells any");
  if (untrusted.length === 0) return [good("trusted", about, "all of them, and all may mount")];
  return [bad("trusted", about, `not so: ${untrusted.join(", ")}`, trustFix({ infrastructure, nodemaps, knows, rbacRoles }))];
}

function trustFix(seen: SeenTrust): string {
  try {
    const commands = planTrust(seen).flatMap((step) => step.commands);
    if (commands.length > 0) return byHand("on the MGS", ...commands);
  } catch (error) {
    // It is in a nodemap of somebody else.
    if (ShareError.isShareError(error)) return error.fix;
    throw error;
  }
  return "look at the ranges of these nodemaps: they do not hold what they show (`lctl nodemap_test_nid NID` tells)";
}

/** Nodemaps of ours as they are made; an apply of any rule mends them. */
export async function checkOwnNodemaps(site: Site): Promise<Check> {
  const [id, about] = ["own-nodemaps", "nodemaps of access rules"];
  const { nodemaps, knows } = await readNodemaps(site);
  const ours = [...nodemaps.values()].filter(({ name }) => tenantNodemap.test(name));
  const wanted = withAlways({});
  const differing = ours.flatMap((nodemap) => {
    const found = differingProperties(wanted, nodemap, knows);
    return found.map(([property, value]) => ({ nodemap, property, value }));
  });
  if (differing.length === 0) return good(id, about, ours.length === 0 ? "none" : `${ours.length}, all as they are made`);
  const found = differing.map(({ nodemap, property }) => `${nodemap.name} (${property}=${nodemap.properties.get(property)})`);
  const commands = differing.map(({ nodemap, property, value }) => modifyNodemap(nodemap.name, property, value));
  const fix = `\`sharewright repair\`, or on the MGS: ${commands.map(({ argv }) => quote(argv)).join("; ")}`;
  return bad(id, about, `not as they are made: ${found.join(", ")}`, fix);
}
