// What get_param shows of a nodemap, in 2.17's form (golden d006, d028, d075, d123, d151, d171, d185) and 2.16's (from sources:
// nodemap_lproc.c of 2.16.1).
import type { Context } from "../context";
import { readNid } from "../nid-range";
import { nodemapOfNid } from "../nodemap-lookup";
import { isTwoSixteen, type NidRange, type Nodemap, type State } from "../state";

type Value = (context: Context, nodemap: Nodemap) => string;

const property =
  (name: string): Value =>
  (_context, nodemap) =>
    nodemap.properties[name] ?? "";

const properties = ["admin_nodemap", "audit_mode", "deny_unknown", "forbid_encryption", "map_mode", "readonly_mount"];
const squashes = ["squash_gid", "squash_projid", "squash_uid", "trusted_nodemap"];

const shared: Readonly<Record<string, Value>> = {
  ...Object.fromEntries([...properties, ...squashes].map((name) => [name, property(name)])),
  exports: exportsOf,
  fileset: (context, nodemap) => filesets(context.state(), nodemap),
  id: (_context, { id }) => String(id),
};

/** `default` has none of these (golden d123). */
const ofNamed: Readonly<Record<string, Value>> = {
  idmap: (context, { idmap }) =>
    list(
      context.state(),
      idmap.map(({ type, client, fs }) => `idtype: ${type}, client_id: ${client}, fs_id: ${fs}`),
    ),
  ranges: (context, { ranges }) => rangeList(context.state(), ranges),
  rbac: property("rbac"),
  sepol: (_context, { sepol }) => sepol,
};

const since217: Readonly<Record<string, Value>> = {
  banlist: (context, { banlist }) => rangeList(context.state(), banlist),
  child_raise_privileges: property("child_raise_privileges"),
  deny_mount: property("deny_mount"),
  enable_cap_mask: (_context, { capabilities }) => (capabilities === "" ? "off" : `\n${capabilities}`),
};

const ofNamedSince217: Readonly<Record<string, Value>> = {
  offset: (_context, { offset }) => `\n{\n${["uid", "gid", "projid"].map((kind) => offsetLines(kind, offset)).join(",\n")}\n}`,
  parent: (_context, { parent }) => parent,
};

const ofDefault: Readonly<Record<string, Value>> = { dt_stats: statistics, md_stats: statistics };

/** A host without targets counts nothing (golden y579). */
export function nodemapParameters(state: State, nodemap: Nodemap, counts: boolean): Readonly<Record<string, Value>> {
  const named = nodemap.name !== "default";
  const twoSixteen = isTwoSixteen(state);
  return {
    ...shared,
    ...(named ? ofNamed : counts ? ofDefault : {}),
    ...(twoSixteen ? {} : since217),
    ...(named && !twoSixteen ? ofNamedSince217 : {}),
  };
}

function offsetLines(kind: string, { start, limit }: Nodemap["offset"]): string {
  return ` start_${kind}: ${start},\n limit_${kind}: ${limit}`;
}

function statistics(): string {
  return "\nsnapshot_time             0.000000000 secs.nsecs\nstart_time                0.000000000 secs.nsecs\nelapsed_time              0.000000000 secs.nsecs";
}

/** Newest first (golden d075). A CIDR shows its base twice and no prefix (d048). */
function rangeList(state: State, ranges: readonly NidRange[]): string {
  const newestFirst = [...ranges].sort((a, b) => b.id - a.id);
  return list(
    state,
    newestFirst.map(({ id, net, start, end }) => `id: ${id}, start_nid: ${start}@${net}, end_nid: ${end}@${net}`),
  );
}

/** The empty list stands on one line, but for filesets (golden d028). */
function filesets(state: State, { filesets: all }: Nodemap): string {
  if (isTwoSixteen(state)) return all[0]?.path ?? "";
  const items = all.map(
    ({ path, primary, readOnly }) => `${primary ? "primary:    " : "alternate:  "} ${path}${readOnly ? ", mode: ro" : ""}`,
  );
  return items.length === 0 ? "\n[\n]" : list(state, items);
}

/** The empty list: `[]` on the line, on 2.16 three lines. */
function list(state: State, items: readonly string[]): string {
  if (items.length === 0 && !isTwoSixteen(state)) return "[]";
  return `\n[\n${items.map((item) => ` { ${item} }`).join(",\n")}\n]`;
}

/**
 * Who is connected to this host's targets: the live mounts, and the servers' own connections (golden f003, f006, f046). An MGS alone has none
 * (from sources: nm_member_list). 2.16: all on one line, no target.
 */
function exportsOf(context: Context, nodemap: Nodemap): string {
  const state = context.state();
  const here = state.targets.filter(({ kind }) => context.sight.targets.includes(kind));
  if (here.length === 0) return list(state, []);
  const devices = here.map(({ name }) => `${state.fsName}-${name}`);
  const own = [{ nid: "0@lo", uuid: "d11daf72-9fda-428c-a9e2-7e677434cf65" }];
  const connected = [...state.mounts, ...own].filter(({ nid }) => {
    const read = readNid(nid);
    return read !== undefined && nodemapOfNid(state, read) === nodemap;
  });
  if (isTwoSixteen(state)) return `\n[\n${connected.map(({ nid, uuid }) => ` { nid: ${nid}, uuid: ${uuid} },`).join("")}\n]`;
  return list(
    state,
    connected.flatMap(({ nid, uuid }) => devices.map((device) => `nid: ${nid}, uuid: ${uuid}, dev: ${device}`)),
  );
}
