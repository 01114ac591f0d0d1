// Fixes as commands.
import type { Command } from "../../core/command";
import { quote } from "../../core/quote";

/** A fix for who would rather not run bootstrap: words for a shell. */
export function byHand(where: string, ...commands: readonly Command[]): string {
  return `\`sharewright bootstrap\`, or ${where}: ${commands.map(({ argv }) => quote(argv)).join("; ")}`;
}
