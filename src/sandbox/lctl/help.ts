// `lctl help COMMAND`: the usage, on stderr (golden a041).
import type { Context } from "../context";
import { usage } from "./usage-texts";

export function lctlHelp(context: Context, args: string[]): number {
  const [name = ""] = args;
  const text = usage[name];
  if (text === undefined) return 1;
  context.err(`${name}: ${text}`);
  return 0;
}
