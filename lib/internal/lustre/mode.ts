// Permission bits of a share's top directory: a mode that nobody means is refused, above all a decimal number for an octal one.
import { formatMode } from "../../../src/spec/lustre";
import type { Checks } from "../checks";
import { badMode } from "./errors";

const owner = 0o700;
const most = 0o7777;

/** @throws ShareSynthesisError for what are no permission bits, or such that lock out the owner or give others more than the group */
export function permissionBits(check: Checks, mode: number): number {
  check.literal("mode", mode);
  const problem = modeProblem(mode);
  if (problem !== undefined) throw badMode(check.path, mode, problem, meantBy(mode));
  return mode;
}

function modeProblem(mode: number): string | undefined {
  if (!Number.isInteger(mode) || mode < 0 || mode > most) return "is not a set of permission bits";
  const spelled = `is ${formatMode(mode)} in octal, which`;
  if ((mode & owner) !== owner) return `${spelled} keeps its owner from reading, writing or entering the share`;
  const [group, others] = [(mode >> 3) & 7, mode & 7];
  return (others & ~group) === 0 ? undefined : `${spelled} gives others more than the group`;
}

/** What the digits are in octal: of no mode that is taken do the decimal digits look like another that would be. */
function meantBy(mode: number): string | undefined {
  const digits = String(mode);
  if (!/^[0-7]{3,4}$/.test(digits)) return undefined;
  return modeProblem(Number.parseInt(digits, 8)) === undefined ? `0o${digits}` : undefined;
}
