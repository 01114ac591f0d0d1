// Prepares a file system for sharewright: trusts the servers, shuts everybody else out, has limits enforced. Only what is missing is set.
import type { Check } from "../../core/check";
import { converge } from "../../core/engine";
import { run } from "../../core/host";
import type { Step } from "../../core/plan";
import { type NidInterval, parseNid } from "../../spec/address";
import { observeInfrastructure, reportedNids } from "./access/infrastructure";
import { overlaps } from "./access/intervals";
import { readNodemaps } from "./access/observe";
import { mgs } from "./access/steps";
import { planTrust, type SeenTrust } from "./access/trusted";
import * as cli from "./cli";
import { fault } from "./faults";
import { probeFeatures } from "./features";
import { withAccessLock } from "./locks";
import { proveLustre, statAll } from "./look";
import { parseFilesets } from "./parse";
import { parseGetParam } from "./parse-params";
import { checkLimits, proveMgs } from "./preflight";
import { closedDirectories, closedFileset, hostOf, type Site } from "./site";

export interface SeenSite extends SeenTrust {
  active: boolean;
  defaultClosed: boolean;
  /** Addresses of connected clients that are in no nodemap: they cannot mount again once `default` is closed. */
  exposed: string[];
  /** The `quota-...` checks of preflight. */
  quota: Check[];
  /** Directories on the way to the closed fileset that are not there yet. */
  missing: { path: string; mode: string }[];
}

export async function observeSite(site: Site): Promise<SeenSite> {
  await proveLustre(site);
  await proveMgs(site);
  const { nodemaps, knows } = await readNodemaps(site);
  const hasDenyMount = knows.has("deny_mount");
  const names = [
    "nodemap.active",
    "nodemap.default.fileset",
    "nodemap.default.exports",
    ...(hasDenyMount ? ["nodemap.default.deny_mount"] : []),
  ];
  const params = parseGetParam((await run(site.mgs, cli.lctlGetParam(...names))).stdout);
  const infrastructure = await observeInfrastructure(site, await reportedNids(site));
  const closed = closedDirectories(site);
  const entries = hasDenyMount
    ? new Map()
    : await statAll(
        site,
        closed.map(({ path }) => path),
      );
  return {
    infrastructure,
    nodemaps,
    knows,
    rbacRoles: (await probeFeatures(site)).rbacRoles,
    active: params.get("nodemap.active") === "1",
    defaultClosed: hasDenyMount
      ? params.get("nodemap.default.deny_mount") === "1"
      : parseFilesets(params.get("nodemap.default.fileset") ?? "").length > 0,
    exposed: clientsOf(params.get("nodemap.default.exports") ?? "").filter((nid) => !belongs(nid, infrastructure.intervals)),
    quota: (await checkLimits(site)).filter(({ id }) => id.startsWith("quota-")),
    missing: hasDenyMount ? [] : closed.filter(({ path }) => !entries.has(path)),
  };
}

/** " { nid: 192.168.77.2@tcp, uuid: ..., dev: lfs01-OST0001 }", once for each device (golden d123). */
function clientsOf(exports: string): string[] {
  const nids = [...exports.matchAll(/\bnid: ([^,\s]+)/g)].map((match) => match[1] ?? "");
  return [...new Set(nids)].filter((nid) => !nid.endsWith("@lo")).sort();
}

function belongs(nid: string, intervals: readonly NidInterval[]): boolean {
  const address = parseNid(nid);
  return address !== undefined && overlaps(address, intervals);
}

// ---- plan ------------------------------------------------------------------------------------------------------------------

/** In an order in which no server ever loses its own file system: nodemaps are put in force last. Pure. */
export function planBootstrap(site: Site, seen: SeenSite): Step[] {
  return [...planTrust(seen), ...closeDefault(seen), ...enforce(site, seen), ...activate(seen)];
}

function closeDefault({ defaultClosed, knows, missing }: SeenSite): Step[] {
  if (defaultClosed) return [];
  if (knows.has("deny_mount"))
    return [mgs("close-default", "shut out clients that are in no nodemap", cli.lctlNodemapModify("default", "deny_mount", "1"))];
  const param = "nodemap.default.fileset";
  return [
    ...missing.map(
      ({ path, mode }): Step => ({
        id: "make-closed",
        say: `make ${path}, mode ${mode}`,
        on: "client",
        commands: [cli.mkdir(mode, path)],
      }),
    ),
    {
      ...mgs(
        "close-default",
        `let clients that are in no nodemap see nothing but ${closedFileset}`,
        cli.lctlSetParamPersistent(param, closedFileset),
      ),
      until: {
        look: cli.lctlGetParam(param),
        holds: (result) => parseFilesets(parseGetParam(result.stdout).get(param) ?? "").length > 0,
        withinMs: settleWithinMs,
      },
    },
  ];
}

function enforce(site: Site, { quota }: SeenSite): Step[] {
  const isBad = (id: string) => quota.some((check) => check.id === id && check.verdict === "bad");
  const { fsName } = site.fileSystem;
  return [
    ...(isBad("quota-enabled")
      ? [
          mgs(
            "enforce-quota",
            `have limits enforced on all targets of ${fsName}`,
            cli.lctlConfParam(`${fsName}.quota.mdt`, "ugp"),
            cli.lctlConfParam(`${fsName}.quota.ost`, "ugp"),
          ),
        ]
      : []),
    ...(isBad("quota-root-prj-enable")
      ? [mgs("enforce-root", "have project limits hold for root, too", cli.lctlSetParamPersistent(rootLimit, "1"))]
      : []),
  ];
}

const rootLimit = "osd-*.*.quota_slave.root_prj_enable";

function activate({ active }: SeenSite): Step[] {
  return active ? [] : [mgs("activate", "put nodemaps in force", cli.lctlNodemapActivate())];
}

// ---- apply -----------------------------------------------------------------------------------------------------------------

const settleWithinMs = 60_000;

/** Sets what is missing, and looks again until all of it has taken effect. */
export async function bootstrap(site: Site): Promise<Step[]> {
  return withAccessLock(site, async () => {
    let asked: readonly Step[] = [];
    const job = {
      object: site.fileSystem.fsName,
      observe: () => settled(site, asked),
      plan: (seen: SeenSite) => {
        asked = planBootstrap(site, seen);
        return [...asked];
      },
    };
    return (await converge(job, hostOf(site), site.log)).done;
  });
}

/** Quota parameters are written to a log that the servers read some seconds later (golden c007 to c011, q022). */
async function settled(site: Site, asked: readonly Step[]): Promise<SeenSite> {
  const deadline = Date.now() + settleWithinMs;
  for (;;) {
    const seen = await observeSite(site);
    const waiting = enforce(site, seen).filter((step) => asked.some(({ id }) => id === step.id));
    if (waiting.length === 0) return seen;
    if (Date.now() > deadline) {
      throw fault("DEADLINE", {
        object: site.fileSystem.fsName,
        host: site.mgs.name,
        summary: `"${waiting.map(({ say }) => say).join('", "')}" has not taken effect after ${settleWithinMs / 1000} s`,
        fix: `an identical value in the log changes nothing: on every server run lctl set_param ${rootLimit}=1, and osd-*.*.quota_slave.enabled=ugp`,
      });
    }
    await new Promise((resolve) => setTimeout(resolve, 1000));
  }
}
