// lfs getstripe -d: the default layout of a directory (golden b078 to b092). Layouts of files are not kept.
import { type Context, followPath, isOnLustre } from "../context";
import { ENOTTY, strerror } from "../errno";
import { inodeOf } from "../inodes";
import { has, type Parsed, parseOptions } from "../options";
import type { Component } from "../state";

/** What the measured file system stripes with when nothing is set. */
const defaultSize = 4194304;

export function getstripe(context: Context, args: string[]): number {
  const parsed = parseOptions(args, [
    { name: "directory", short: "d", long: "directory" },
    { name: "raw", short: "R", long: "raw" },
    { name: "yaml", short: "y", long: "yaml" },
    { name: "count", short: "c", long: "stripe-count" },
    { name: "size", short: "S", long: "stripe-size" },
  ]);
  const [path = ""] = parsed.operands;
  const real = followPath(context, path);
  if (real === undefined || !isOnLustre(context, real)) {
    context.err(`lfs getstripe: cb_getstripe: '${path}' not on a Lustre fs?: ${strerror(ENOTTY)} (${ENOTTY})\n`);
    context.err(`lfs: getstripe for '${path}' failed: ${strerror(ENOTTY)}\n`);
    return ENOTTY;
  }
  context.out(print(parsed, inodeOf(context.state(), real)?.layout ?? []));
  return 0;
}

function print(parsed: Parsed, layout: readonly Component[]): string {
  const raw = has(parsed, "raw");
  const [first] = layout;
  const yaml = has(parsed, "yaml");
  if (first?.end !== undefined) return composite(layout, raw, yaml);
  const fields = fieldsOf(first, raw);
  if (has(parsed, "count")) return `${fields[0]?.[1]}\n\n`;
  if (has(parsed, "size")) return `${fields[1]?.[1]}\n\n`;
  if (yaml) return fields.map(([name, value]) => `${name.padEnd(14)} ${value}\n`).join("");
  return `${joined(fields, " ")}\n\n`;
}

function composite(layout: readonly Component[], raw: boolean, yaml: boolean): string {
  let text = `  lcm_layout_gen:    0\n  lcm_mirror_count:  1\n  lcm_entry_count:   ${layout.length}\n`;
  let start = "0";
  for (const component of layout) {
    text += "    lcme_id:             N/A\n    lcme_mirror_id:      N/A\n    lcme_flags:          0\n";
    text += `    lcme_extent.e_start: ${start}\n    lcme_extent.e_end:   ${component.end}\n`;
    const fields = fieldsOf(component, raw);
    // the YAML form of a composite layout was not measured: from sources
    text += yaml
      ? `${fields.map(([name, value]) => `      ${name.padEnd(14)} ${value}\n`).join("")}`
      : `      ${joined(fields, "       ")}\n\n`;
    start = component.end ?? start;
  }
  return text;
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
  const fields: Field[] = [
    ["stripe_count:", `${component.count || (raw || isMdt ? 0 : 1)}`],
    ["stripe_size:", `${component.size || (isMdt ? component.end : raw ? 0 : defaultSize)}`],
    ["pattern:", component.pattern],
    ["stripe_offset:", `${component.index}`],
  ];
  if (component.pool !== undefined) fields.push(["pool:", component.pool]); // place and width: from sources
  return fields;
}

function joined(fields: readonly Field[], separator: string): string {
  return fields.map(([name, value]) => `${name.padEnd(14)} ${value}`).join(separator);
}
