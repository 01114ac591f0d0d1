// lctl list_param: names, one level deep, or with -R everything below (golden d002, d003, d027, d202).
import type { Context } from "../context";
import { ENOENT, strerror } from "../errno";
import { has, parseOptions } from "../options";
import { compareBytes, parameters, partsOf } from "./parameters";

export function listParam(context: Context, args: string[]): number {
  const parsed = parseOptions(args, [{ name: "recursive", short: "R" }]);
  let exit = 0;
  for (const pattern of parsed.operands) {
    const wanted = partsOf(pattern);
    const found = new Set<string>();
    for (const { name } of parameters(context, wanted[0] ?? "")) {
      const parts = partsOf(name);
      if (parts.length < wanted.length || !wanted.every((part, index) => part === "*" || part === parts[index])) continue;
      const depth = has(parsed, "recursive") ? parts.length : wanted.length;
      for (let length = wanted.length; length <= depth; length++) found.add(parts.slice(0, length).join("."));
    }
    if (found.size === 0) {
      context.err(`error: list_param: param_path '${wanted.join("/")}': ${strerror(ENOENT)}\n`);
      exit = ENOENT;
    }
    for (const name of [...found].sort(compareBytes)) context.out(`${name}\n`);
  }
  return exit;
}
