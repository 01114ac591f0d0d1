// How a surveyed object is told: its verdict, its differences, what an apply would do and what mends it.
import { errorDocument } from "../../core/errors";
import type { Difference } from "../../core/plan";
import { quoteWord } from "../../core/quote";
import { defined } from "../../spec/defined";
import type { Stack } from "../stack";
import { keyText, type SurveyedObject, type Verdict } from "../surveyed";
import type { Colour, Terminal } from "./terminal";

const words: Record<Verdict, { mark: string; colour: Colour; text: string }> = {
  good: { mark: "ok", colour: "green", text: "as described" },
  new: { mark: "new", colour: "yellow", text: "not applied yet" },
  changed: { mark: "changed", colour: "yellow", text: "changed in the code, not applied yet" },
  drifted: { mark: "drift", colour: "red", text: "drifted: the storage differs from what was applied" },
  leaving: { mark: "leaving", colour: "yellow", text: "in no construct any more: the next apply removes it" },
  refused: { mark: "refused", colour: "red", text: "an apply would be refused" },
  unknown: { mark: "unknown", colour: "yellow", text: "some properties are known only to an apply" },
};

export function markOf(verdict: Verdict): string {
  return words[verdict].mark;
}

/** The command of Terraform that makes it so; undefined where nothing is to be done, or Terraform would be refused as well. */
function mendOf(stack: Stack, { verdict, object }: SurveyedObject): string | undefined {
  if (verdict === "good" || verdict === "refused") return undefined;
  return verdict === "drifted" && object ? `${applyOf(stack)} -replace=${quoteWord(object.address)}` : applyOf(stack);
}

export function applyOf(stack: Stack): string {
  return `${quoteWord(stack.binary)} -chdir=${quoteWord(stack.directory)} apply`;
}

/** A block of lines about one object. */
export function describe(terminal: Terminal, stack: Stack, surveyed: SurveyedObject): string {
  const { kind, verdict, differences, steps, refusal, object } = surveyed;
  const mend = mendOf(stack, surveyed);
  const changed = verdict === "changed" ? (object?.changed ?? []) : [];
  const lines = [
    `${terminal.paint("bold", keyText(surveyed))}  ${kind}  ${terminal.paint(words[verdict].colour, words[verdict].text)}`,
    ...(object?.unknown.length ? [`  only an apply can tell: ${object.unknown.join(", ")}`] : []),
    ...(changed.length > 0 && differences.length === 0 ? [`  the code differs in: ${changed.join(", ")}`] : []),
    ...differenceLines(differences),
    ...steps.map(({ say, risk }) => `  ${risk === "data" ? terminal.paint("red", "!") : "+"} ${say}`),
    ...(refusal ? refusalLines(refusal) : []),
    // What Terraform does by itself is told once, below all objects.
    ...(verdict === "drifted" ? [`  mend  ${mend}`] : []),
  ];
  return lines.join("\n");
}

function differenceLines(differences: readonly Difference[]): string[] {
  const width = Math.max(0, ...differences.map(({ attribute }) => attribute.length));
  return differences.map(({ attribute, wanted, found }) => `  ~ ${attribute.padEnd(width)}  ${found} -> ${wanted}`);
}

function refusalLines(refusal: NonNullable<SurveyedObject["refusal"]>): string[] {
  return [`  ${refusal.code}  ${refusal.summary}`, `  fix   ${refusal.fix}`];
}

export function objectDocument(stack: Stack, surveyed: SurveyedObject): Record<string, unknown> {
  const { kind, key, at, verdict, differences, steps, refusal, object } = surveyed;
  return {
    kind,
    key,
    ...defined({ at }),
    verdict,
    ...(object ? { address: object.address, claim: object.claim, changed: object.changed, unknown: object.unknown } : {}),
    differences,
    steps: steps.map(stepDocument),
    ...(refusal ? { refusal: errorDocument(refusal) } : {}),
    mend: mendOf(stack, surveyed),
  };
}

export function stepDocument({ id, say, risk }: { id: string; say: string; risk?: "data" }): Record<string, unknown> {
  return { id, say, ...(risk ? { risk } : {}) };
}

/** How a share goes, and whether it may. */
export function removalText(policy: string | undefined, isProtected: unknown): string {
  return `${policy ?? "-"}${isProtected ? ", protected" : ""}`;
}

/** Notes stand together, above everything else. */
export function noteBlock(notes: readonly string[]): string[] {
  return notes.length === 0 ? [] : [notes.map((note) => `note: ${note}`).join("\n")];
}
