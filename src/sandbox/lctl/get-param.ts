// lctl get_param: values by name or pattern (golden a000 to a049, c006, d000 to d041, e000 to e015).
import type { Context } from "../context";
import { ENOENT, strerror } from "../errno";
import { has, parseOptions } from "../options";
import { matching, partsOf } from "./parameters";

export function getParam(context: Context, args: string[]): number {
  const parsed = parseOptions(args, [
    { name: "values", short: "n" },
    { name: "names", short: "N" },
    { name: "recursive", short: "R" },
    { name: "slashes", short: "F" },
  ]);
  let exit = 0;
  for (const pattern of parsed.operands) {
    const found = matching(context, pattern);
    if (found.length === 0) exit = missing(context, pattern);
    for (const { name, value } of found) {
      if (has(parsed, "names")) context.out(`${name}\n`);
      else context.out(has(parsed, "values") ? `${value().replace(/^\n/, "")}\n` : `${name}=${value()}\n`);
    }
  }
  return exit;
}

/** Not a word to a user who asks for a nodemap (golden d031). */
function missing(context: Context, pattern: string): number {
  const hidden = context.uid !== 0 && pattern.startsWith("nodemap.");
  if (!hidden) context.err(`error: get_param: param_path '${partsOf(pattern).join("/")}': ${strerror(ENOENT)}\n`);
  return ENOENT;
}
