// The tree of server parameters: what a host shows under which name. Values are made when asked for.

import { upcallOf } from "../accounts";
import { fillOfTargets } from "../capacity";
import type { Context } from "../context";
import { mountDirectory } from "../context";
import { domLimit, domMaxKib, domParameter } from "../layouts";
import { findNodemap } from "../nodemaps";
import { type State, shownVersion, type Target } from "../state";
import { nodemapParameters } from "./nodemap-parameters";

export interface Parameter {
  /** `nodemap.nm1.ranges` */
  name: string;
  value: () => string;
  /** Set by set_param without further ado. */
  settable: boolean;
}

/** Of one command, which may ask for many names. */
const listed = new WeakMap<Context, Map<string, Parameter[]>>();

export function parameters(context: Context, family: string): Parameter[] {
  const families = listed.get(context) ?? new Map<string, Parameter[]>();
  listed.set(context, families);
  const known = families.get(family) ?? list(context, family);
  families.set(family, known);
  return known;
}

function list(context: Context, family: string): Parameter[] {
  const state = context.state();
  return [
    ...general(state),
    ...(mayBe(family, "osd-ldiskfs") || mayBe(family, "obdfilter") ? targetParameters(context) : []),
    ...(mayBe(family, "mdt") ? mdtParameters(context) : []),
    ...(mayBe(family, "nodemap") ? nodemapTree(context) : []),
    ...(context.sight.mgs ? servedFileSystems(state) : []),
    ...connectionParameters(context),
    ...(mayBe(family, "lod") || mayBe(family, "mdt") ? layoutParameters(context) : []),
    ...(["mdc", "osc", "osp"].some((name) => mayBe(family, name)) ? importParameters(context) : []),
  ];
}

/** One entry a log of the MGS: a file system, or `nodemap` or `params` (golden y163 to y173). `sandbox param` adds others. */
function servedFileSystems(state: State): Parameter[] {
  const others = Object.keys(state.parameters).flatMap((name) => /^mgs\.MGS\.live\.(\w+)$/.exec(name)?.[1] ?? []);
  const fileSystems = [state.fsName, ...others];
  return [
    ...[...fileSystems, "nodemap", "params"].map((log) => fixed(`mgs.MGS.live.${log}`, () => liveLog(state, log))),
    fixed("mgs.MGS.filesystems", () => `\n${["nodemap", ...fileSystems].join("\n")}`),
  ];
}

function liveLog(state: State, log: string): string {
  const targets = log === state.fsName ? state.targets.map(({ name }) => `${log}-${name}\n`).join("") : "";
  const recovery = ["state: full", "nonir_clients: 0", "nidtbl_version: 2", "notify_duration_total: 0.000000000"];
  const rest = ["notify_duation_max: 0.000000000", "notify_count: 0"];
  const lines = [...recovery, ...rest].map((line) => `    ${line}`).join("\n");
  const flags = log === "nodemap" ? "0x21" : "0x20";
  return `\nfsname: ${log}\nflags: ${flags}     gen: 1\n${targets}\nSecure RPC Config Rules:\n\nimperative_recovery_state:\n${lines}`;
}

/** Whether the first part of a pattern may mean this family. */
function mayBe(pattern: string, family: string): boolean {
  return pattern === family || pattern.includes("*") || pattern.includes("?");
}

function fixed(name: string, value: () => string): Parameter {
  return { name, value, settable: false };
}

function general(state: State): Parameter[] {
  return [
    fixed("version", () => shownVersion(state)),
    fixed("health_check", () => state.parameters["health_check"] ?? "healthy"),
    { name: "jobid_var", value: () => state.parameters["jobid_var"] ?? "disable", settable: true },
  ];
}

function targetParameters(context: Context): Parameter[] {
  const state = context.state();
  const seen = state.targets.filter(({ kind }) => context.sight.targets.some((sight) => sight === kind));
  return seen.filter(({ up }) => up).flatMap((target) => ofTarget(context, state, target));
}

function ofTarget(context: Context, state: State, target: Target): Parameter[] {
  const device = `osd-ldiskfs.${state.fsName}-${target.name}`;
  const slave = `${device}.quota_slave`;
  const live = (name: string, initial: string): Parameter => ({
    name,
    value: () => state.parameters[name] ?? initial,
    settable: true,
  });
  const fill = () => fillOfTargets(state, mountDirectory(context.dir)).find((candidate) => candidate.target === target);
  const ost = `obdfilter.${state.fsName}-${target.name}`;
  return [
    ...(target.kind === "ost" ? ["degraded", "no_precreate", "readonly"].map((leaf) => live(`${ost}.${leaf}`, "0")) : []),
    live(`${slave}.enabled`, "none"),
    live(`${slave}.root_prj_enable`, "0"),
    fixed(`${slave}.info`, () => slaveInfo(state, target, state.parameters[`${slave}.enabled`] ?? "none")),
    fixed(`${device}.fstype`, () => "ldiskfs"),
    fixed(`${device}.kbytestotal`, () => String(target.kib)),
    fixed(`${device}.kbytesavail`, () => String(target.kib - (fill()?.usedKib ?? 0))),
  ];
}

function mdtParameters(context: Context): Parameter[] {
  const state = context.state();
  const seen = state.targets.filter(
    ({ kind, up }) => kind === "mdt" && up && context.sight.targets.some((sight) => sight === kind),
  );
  return seen.map(({ name }) => {
    return { name: `mdt.${state.fsName}-${name}.identity_upcall`, value: () => upcallOf(state, name), settable: true };
  });
}

/** Golden c001, c010. */
function slaveInfo(state: State, target: Target, enabled: string): string {
  const upToDate = enabled === "none" ? "glb[0],slv[0],reint[0]" : "glb[1],slv[1],reint[0]";
  return [
    "",
    `target name:    ${state.fsName}-${target.name}`,
    "pool ID:         0",
    `type:            ${target.kind === "mdt" ? "md" : "dt"}`,
    `quota enabled:   ${enabled}`,
    "conn to master:  setup",
    "glimpse_refresh: 0",
    "space acct:     ugp",
    `user uptodate:  ${upToDate}`,
    `group uptodate: ${upToDate}`,
    `project uptodate: ${upToDate}`,
  ].join("\n");
}

/** Who is connected to which targets: the client, and the MDT to its OSTs (golden a049). */
function connectionParameters({ sight, state }: Context): Parameter[] {
  const { fsName, instance, targets } = state();
  const ofKind = (kind: Target["kind"]) =>
    targets
      .filter((target) => target.kind === kind)
      .map(({ name }, index) => `${index}: ${fsName}-${name}_UUID ACTIVE`)
      .join("\n");
  const mdt = sight.targets.some((kind) => kind === "mdt");
  return [
    ...(mdt ? [fixed(`lov.${fsName}-MDT0000-mdtlov.target_obd`, () => ofKind("ost"))] : []),
    ...(sight.mount ? [fixed(`lov.${fsName}-clilov-${instance}.target_obd`, () => ofKind("ost"))] : []),
    ...(sight.mount ? [fixed(`lmv.${fsName}-clilmv-${instance}.target_obd`, () => ofKind("mdt"))] : []),
  ];
}

/** How the MDT lays out new files (golden y117). */
function layoutParameters({ sight, state: read }: Context): Parameter[] {
  if (!sight.targets.some((kind) => kind === "mdt")) return [];
  const state = read();
  const [name, lod, mdt] = [domParameter(state), `lod.${state.fsName}-MDT0000-mdtlov`, `mdt.${state.fsName}-MDT0000`];
  return [
    { name, value: () => String(domMaxKib(state) * 1024), settable: true },
    fixed(`${name}_cur_kb`, () => String(domLimit(state) / 1024)),
    fixed(`${name}_max_kb`, () => String(domMaxKib(state))),
    fixed(`${lod}.stripesize`, () => "4194304"),
    fixed(`${lod}.stripecount`, () => "1"),
    fixed(`${mdt}.dom_lock`, () => "trylock"),
    fixed(`${mdt}.dom_read_open`, () => "1"),
  ];
}

/** What the client and the MDT know of the OSTs: `active` is 1 also of a dead one, only its state tells (golden y342, y353, y355). */
function importParameters({ sight, state: read }: Context): Parameter[] {
  const { fsName, instance, targets } = read();
  const isMds = sight.targets.some((kind) => kind === "mdt");
  const osts = targets.filter(({ kind }) => kind === "ost");
  const ofImport = (device: string, up: boolean) => [
    fixed(`${device}.active`, () => "1"),
    fixed(`${device}.state`, () => importState(up)),
  ];
  return [
    ...(sight.mount ? [fixed(`mdc.${fsName}-MDT0000-mdc-${instance}.dom_min_repsize`, () => "8192")] : []),
    ...osts.flatMap(({ name, up }) => [
      ...(sight.mount ? ofImport(`osc.${fsName}-${name}-osc-${instance}`, up) : []),
      ...(isMds ? ["osc", "osp"].flatMap((type) => ofImport(`${type}.${fsName}-${name}-osc-MDT0000`, up)) : []),
      ...(isMds ? [fixed(`osp.${fsName}-${name}-osc-MDT0000.prealloc_status`, () => "0")] : []),
    ]),
  ];
}

/** A target that is away is tried again every five seconds. */
function importState(up: boolean): string {
  const tries = up ? ["CONNECTING", "FULL"] : Array.from({ length: 8 }, () => ["CONNECTING", "DISCONN"]).flat();
  const now = Math.floor(Date.now() / 1000);
  const history = tries.map((word, index) => ` - [ ${now - 5 * (tries.length - index)}, ${word} ]`);
  return ["", `current_state: ${tries.at(-1)}`, "state_history:", ...history].join("\n");
}

/** A client shows an MGS without nodemaps, and exit 0 (golden e000, e010). To a user every nodemap is closed (d031). */
function nodemapTree(context: Context): Parameter[] {
  const state = context.state();
  const sees = context.sight.nodemaps;
  const active = fixed("nodemap.active", () => (sees && state.nodemapActive ? "1" : "0"));
  if (context.uid !== 0) return [active];
  const ofDefault = findNodemap(state, "default");
  const seen = sees ? state.nodemaps : ofDefault ? [ofDefault] : [];
  return [
    active,
    ...seen.flatMap((nodemap) =>
      Object.entries(nodemapParameters(state, nodemap, sees)).map(([leaf, value]): Parameter => {
        return { name: `nodemap.${nodemap.name}.${leaf}`, value: () => value(context, nodemap), settable: leaf === "fileset" };
      }),
    ),
  ];
}

/** As glob(3) has it: in the order of bytes, parts apart; `*` does not cross a dot. */
export function matching(context: Context, pattern: string): Parameter[] {
  const [family = "", ...others] = partsOf(pattern);
  const parts = [family, ...others].map(globToRegExp);
  // All but those of a pattern's last word, which tells most apart, at the cost of one look.
  const [last] = parts.slice(-1);
  return parameters(context, family)
    .filter(({ name }) => last?.test(name.slice(Math.max(name.lastIndexOf("."), name.lastIndexOf("/")) + 1)))
    .filter(({ name }) => matches(partsOf(name), parts))
    .sort((a, b) => compareBytes(a.name, b.name));
}

// Names of devices hold no dots, so dots and slashes both part; messages show slashes (golden a045).
export function partsOf(name: string): string[] {
  return name.split(/[./]/);
}

function matches(name: readonly string[], pattern: readonly RegExp[]): boolean {
  return name.length === pattern.length && pattern.every((part, index) => part.test(name[index] ?? ""));
}

export function globToRegExp(glob: string): RegExp {
  const text = glob
    .replace(/[.+^${}()|\\]/g, "\\$&")
    .replaceAll("*", ".*")
    .replaceAll("?", ".");
  return new RegExp(`^${text}$`);
}

export function compareBytes(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
