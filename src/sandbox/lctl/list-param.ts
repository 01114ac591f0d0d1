// lctl list_param: names, one level deep, or with -R everything below (golden d002, d003, d027, d202).
import type { Context } from "../context";
import { ENOENT, strerror } from "../errno";
import { has, parseOptions } from "../options";
import { compareBytes, globToRegExp, parameters, partsOf } from "./parameters";

export function listParam(context: Context, args: string[]): number {
  const parsed = parseOptions(args, [{ name: "recursive", short: "R" }]);
  let exit = 0;
  for (const pattern of parsed.operands) {
    const wanted = partsOf(pattern);
    const found = namesOf(context, wanted, has(parsed, "recursive"));
    for (const name of found) context.out(`${name}\n`);
    if (found.length > 0) continue;
    const path = wanted.join("/");
    for (const what of ["param_path", "listing"]) context.err(`error: list_param: ${what} '${path}': ${strerror(ENOENT)}\n`);
    exit = ENOENT;
  }
  return exit;
}

function namesOf(context: Context, wanted: readonly string[], recursive: boolean): string[] {
  const found = new Set<string>();
  for (const { name } of parameters(context, wanted[0] ?? "")) {
    const parts = partsOf(name);
    const isBelow = parts.length >= wanted.length && wanted.every((part, index) => globToRegExp(part).test(parts[index] ?? ""));
    const depth = !isBelow ? 0 : recursive ? parts.length : wanted.length;
    for (let length = wanted.length; length <= depth; length++) found.add(parts.slice(0, length).join("."));
  }
  return [...found].sort(compareBytes);
}
