// lfs getstripe: the default layout of a directory (-d), or the layout of a file with its objects (golden b078 to b092, dom-*, dg7-*, y365).
import { type Context, followPath, isOnLustre, mountDirectory } from "../context";
import { ENOTTY, strerror } from "../errno";
import { statOf } from "../inodes";
import { layoutOf, madeComponents } from "../layouts";
import { has, type Parsed, parseOptions } from "../options";
import type { Component, State } from "../state";
import { fidOf } from "./fid";

/** What the measured file system stripes with when nothing is set. */
const defaultSize = 4194304;

export function getstripe(context: Context, args: string[]): number {
  const parsed = parseOptions(args, [
    { name: "directory", short: "d", long: "directory" },
    { name: "raw", short: "R", long: "raw" },
    { name: "yaml", short: "y", long: "yaml" },
    { name: "verbose", short: "v", long: "verbose" },
    { name: "count", short: "c", long: "stripe-count" },
    { name: "size", short: "S", long: "stripe-size" },
    { name: "index", short: "i", long: "stripe-index" },
    { name: "pool", short: "p", long: "pool" },
    { name: "layout", short: "L", long: "layout" },
    { name: "end", short: "E", long: "component-end" },
    { name: "components", long: "component-count" },
  ]);
  let exit = 0;
  for (const path of parsed.operands) exit = one(context, parsed, path) || exit;
  return exit;
}

function one(context: Context, parsed: Parsed, path: string): number {
  const real = followPath(context, path);
  if (real === undefined || !isOnLustre(context, real)) {
    context.err(`lfs getstripe: cb_getstripe: '${path}' not on a Lustre fs?: ${strerror(ENOTTY)} (${ENOTTY})\n`);
    context.err(`lfs: getstripe for '${path}' failed: ${strerror(ENOTTY)}\n`);
    return ENOTTY;
  }
  const state = context.state();
  const layout = layoutOf(state, mountDirectory(context.dir), real);
  const stat = statOf(real);
  const isFile = stat?.isFile() ?? false;
  const sight: Sight = { ...formOf(parsed), layout, fid: fidOf(context, real), size: Number(stat?.size ?? 0), state };
  const single = oneField(parsed, isFile, sight);
  if (single !== undefined) context.out(single);
  else context.out(isFile ? ofFile(sight, path) : ofDirectory(sight, path));
  return 0;
}

interface Form {
  raw: boolean;
  yaml: boolean;
  verbose: boolean;
}

interface Sight extends Form {
  layout: readonly Component[];
  fid: string;
  size: number;
  state: State;
}

function formOf(parsed: Parsed): Form {
  return { raw: has(parsed, "raw"), yaml: has(parsed, "yaml"), verbose: has(parsed, "verbose") };
}

/** Of a composite layout the last component counts (golden y130, y131). */
function oneField(parsed: Parsed, isFile: boolean, { layout, raw, state, size }: Sight): string | undefined {
  const last = layout.at(-1);
  const fields = fieldsOf(last, raw);
  const values: Record<string, () => string> = {
    count: () => fields[0]?.[1] ?? "",
    size: () => fields[1]?.[1] ?? "",
    layout: () => last?.pattern ?? "raid0",
    end: () => last?.end ?? "0",
    components: () => String(layout.length),
    pool: () => last?.pool ?? "",
    index: () => String(isFile ? offsetOf(state, madeComponents(layout, size).at(-1)) : (last?.index ?? -1)),
  };
  const name = Object.keys(values).find((option) => has(parsed, option));
  return name === undefined ? undefined : `${values[name]?.()}\n\n`;
}

// ---- directories -----------------------------------------------------------------------------------------------------------

function ofDirectory(sight: Sight, path: string): string {
  const { layout, raw, yaml, verbose } = sight;
  const [first] = layout;
  const text = first?.end === undefined ? undefined : composite(sight, (component) => fieldsOf(component, raw), path);
  if (text !== undefined) return yaml || verbose ? text : text.replaceAll(/^components:\n/gm, "");
  const fields = fieldsOf(first, raw);
  if (yaml) return fields.map(([name, value]) => `${name.padEnd(14)} ${value}\n`).join("");
  return `${joined(fields, " ")}\n\n`;
}

/** Plain, with -y (golden y127) and with -v (y128), which prints the words of the one and the lines of the other. */
function composite(sight: Sight, fieldsIn: (component: Component) => Field[], path = ""): string {
  const { layout, yaml, verbose, fid } = sight;
  const deep = yaml || verbose;
  const indent = yaml ? "" : "  ";
  const head = [
    ...(verbose ? [`lcm_magic:         0x0BD60BD0`, `lcm_size:          ${sizeOf(layout)}`, "lcm_flags:         "] : []),
    "lcm_layout_gen:    0",
    "lcm_mirror_count:  1",
    `lcm_entry_count:   ${layout.length}`,
  ].map((line) => `${indent}${line}\n`);
  const parts = layout.map((component, place) => {
    const lines = [
      "lcme_id:             N/A",
      "lcme_mirror_id:      N/A",
      "lcme_flags:          0",
      `lcme_extent.e_start: ${layout[place - 1]?.end ?? 0}`,
      `lcme_extent.e_end:   ${component.end}`,
      ...(verbose
        ? [`lcme_offset:         ${headBytes + entryBytes * layout.length + lovBytes * place}`, "lcme_size:           32"]
        : []),
    ].map((line, index) => `${deep && index === 0 ? "  - " : "    "}${line}\n`);
    const fields = fieldsIn(component);
    if (yaml)
      return [...lines, "    sub_layout:\n", ...fields.map(([name, value]) => `      ${name.padEnd(14)} ${value}\n`)].join("");
    const own = verbose ? `    sub_layout:\n      lmm_fid:           [${fid}]\n` : "";
    return `${lines.join("")}${own}      ${joined(fields, "       ")}\n\n`;
  });
  const begin = verbose ? `${path}\ncomposite_header:\n` : "";
  return `${begin}${head.join("")}components:\n${parts.join("")}`;
}

// The sizes of the structures (golden y128): 192 in all with two components.
const [headBytes, entryBytes, lovBytes] = [32, 48, 32];

function sizeOf(layout: readonly Component[]): number {
  return headBytes + (entryBytes + lovBytes) * layout.length;
}

type Field = readonly [name: string, value: string];

/** Nothing set: the file system's own values and pattern 0; with --raw zeros (golden b080, b081). */
function fieldsOf(component: Component | undefined, raw: boolean): Field[] {
  if (!component) {
    const [count, size] = raw ? [0, 0] : [1, defaultSize];
    return [
      ["stripe_count:", `${count}`],
      ["stripe_size:", `${size}`],
      ["pattern:", "0"],
      ["stripe_offset:", "-1"],
    ];
  }
  const isMdt = component.pattern === "mdt";
  return [
    ["stripe_count:", `${component.count || (raw || isMdt ? 0 : 1)}`],
    ["stripe_size:", `${sizeIn(component, raw)}`],
    ["pattern:", component.pattern],
    [isMdt ? "mdt_index:" : "stripe_offset:", `${component.index}`],
    ...(component.pool === undefined ? [] : [["pool:", component.pool] as const]),
  ];
}

function sizeIn(component: Component, raw = false): string {
  if (component.pattern === "mdt") return component.end ?? "0";
  return String(component.size || (raw ? 0 : defaultSize));
}

function joined(fields: readonly Field[], separator: string): string {
  return fields.map(([name, value]) => `${name.padEnd(14)} ${value}`).join(separator);
}

// ---- files -----------------------------------------------------------------------------------------------------------------

/** A file's components say whether they have objects yet (golden y148 to y151, y155, y158), or -y (y149). */
function ofFile(sight: Sight, path: string): string {
  const { layout, yaml } = sight;
  const [first = { count: 0, size: 0, index: -1, pattern: "raid0" } satisfies Component] = layout;
  if (first.end === undefined) return `${path}\n${lines("", fileFields(sight, first, true))}${objectTable(sight, first)}\n`;
  const made = madeComponents(layout, sight.size);
  const indent = yaml ? "" : "  ";
  let text = yaml ? "" : `${path}\n`;
  for (const line of [`lcm_layout_gen:    ${made.length + 1}`, "lcm_mirror_count:  1", `lcm_entry_count:   ${layout.length}`])
    text += `${indent}${line}\n`;
  if (yaml) text += "components:\n";
  for (const [place, component] of layout.entries()) {
    const isMade = made.includes(component);
    text += `${yaml ? "  - " : "    "}lcme_id:             ${place + 1}\n    lcme_mirror_id:      0\n`;
    text += `    lcme_flags:          ${isMade ? "init" : "0"}\n`;
    text += `    lcme_extent.e_start: ${layout[place - 1]?.end ?? 0}\n    lcme_extent.e_end:   ${component.end}\n`;
    text += `${yaml ? "    sub_layout:\n" : ""}${lines("      ", fileFields(sight, component, isMade))}`;
    if (isMade && component.pattern !== "mdt") text += `      lmm_objects:\n${objectList(sight, component)}`;
    if (!yaml) text += "\n";
  }
  return text;
}

function fileFields({ state }: Sight, component: Component, isMade: boolean): Field[] {
  const isMdt = component.pattern === "mdt";
  return [
    ["lmm_stripe_count:", String(isMdt ? 0 : stripesOf(state, component))],
    ["lmm_stripe_size:", sizeIn(component)],
    ["lmm_pattern:", component.pattern],
    ["lmm_layout_gen:", "0"],
    isMdt ? ["lmm_mdt_index:", "0"] : ["lmm_stripe_offset:", isMade ? String(offsetOf(state, component)) : "-1"],
  ];
}

function lines(indent: string, fields: readonly Field[]): string {
  return fields.map(([name, value]) => `${indent}${name.padEnd(18)} ${value}\n`).join("");
}

function stripesOf({ targets }: State, { count }: Component): number {
  return count === -1 ? targets.filter(({ kind }) => kind === "ost").length : count || 1;
}

/** Of a file that nobody has placed: the first OST that takes new objects (golden y300, y312, y324). */
function offsetOf(state: State, component: Component | undefined): number {
  if (component?.pattern === "mdt") return 0;
  return component && component.index >= 0 ? component.index : Math.max(0, freeOsts(state)[0] ?? 0);
}

/** Indexes of the OSTs that get objects of files that do not ask for a certain one: not those that are degraded, or closed to new ones. */
export function freeOsts({ targets, parameters, fsName }: State, leaves = ["degraded", "no_precreate", "readonly"]): number[] {
  return targets
    .filter(({ kind }) => kind === "ost")
    .flatMap(({ name }, index) =>
      leaves.some((leaf) => (parameters[`obdfilter.${fsName}-${name}.${leaf}`] ?? "0") !== "0") ? [] : [index],
    );
}

function objectsOf(sight: Sight, component: Component): { ost: number; object: number }[] {
  const osts = sight.state.targets.filter(({ kind }) => kind === "ost").length;
  const object = Number.parseInt(sight.fid.split(":")[1] ?? "0", 16);
  const first = offsetOf(sight.state, component);
  const stripes = Math.min(osts, stripesOf(sight.state, component));
  return Array.from({ length: stripes }, (_, stripe) => ({ ost: (first + stripe) % osts, object }));
}

const sequence = (ost: number) => `0x${(0x240000400 + ost * 0x40000000).toString(16)}`;

function objectTable(sight: Sight, component: Component): string {
  const cell = (value: string) => `\t${value.padStart(14)}`;
  const rows = objectsOf(sight, component).map(
    ({ ost, object }) =>
      `\t${String(ost).padStart(6)}${cell(String(object))}${cell(`0x${object.toString(16)}`)}${cell(sequence(ost))}\n`,
  );
  return `\tobdidx\t\t objid\t\t objid\t\t group\n${rows.join("")}`;
}

function objectList(sight: Sight, component: Component): string {
  return objectsOf(sight, component)
    .map(({ ost, object }, stripe) => {
      const fid = `[${sequence(ost)}:0x${object.toString(16)}:0x0]`;
      return `      - ${String(stripe).padStart(3)}: { l_ost_idx: ${String(ost).padStart(3)}, l_fid: ${fid} }\n`;
    })
    .join("");
}
