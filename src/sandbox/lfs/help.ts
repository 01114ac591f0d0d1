// `lfs help COMMAND`: the usage, on stderr, its first line led by the command's name (golden a038 to a040).
import type { Context } from "../context";
import { usage } from "./usage-texts";

export function help(context: Context, args: string[]): number {
  const [name = ""] = args;
  const text = Object.entries(usage).find(([command]) => command === name)?.[1];
  if (text === undefined) return 1;
  context.err(`${name}: ${text}`);
  return 0;
}
