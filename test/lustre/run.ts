// Runs steps one after the other and tells what became of each: what was run, what was left out and why, how long it took.
import { renderError, ShareError } from "../../src/core/errors";

export interface Step<World> {
  title: string;
  /** Why it cannot be run here; undefined: it can. */
  unless?: (world: World) => string | undefined;
  /** Without it nothing behind it makes sense. */
  isNeeded?: true;
  /** Returns what a reader of the report should know. */
  run(world: World): Promise<string | undefined>;
}

export type Verdict = "passed" | "FAILED" | "skipped";

export interface Outcome {
  title: string;
  verdict: Verdict;
  /** Why it was skipped or has failed, or what it wants to be known. */
  note?: string;
  ms: number;
}

/** Thrown by a step that finds out only on its way that it cannot be run here. */
export class Skip extends Error {}

/** `told` hears of each as it ends; `isInterrupted` ends the run before the next. */
export async function runSteps<World>(
  steps: readonly Step<World>[],
  world: World,
  told: (outcome: Outcome) => void,
  isInterrupted: () => boolean = () => false,
): Promise<Outcome[]> {
  const outcomes: Outcome[] = [];
  let stopped: string | undefined;
  for (const step of steps) {
    stopped ??= isInterrupted() ? "the run was interrupted" : undefined;
    const outcome = await outcomeOf(step, world, stopped);
    if (outcome.verdict !== "passed" && step.isNeeded) stopped ??= `"${step.title}" has not passed`;
    outcomes.push(outcome);
    told(outcome);
  }
  return outcomes;
}

async function outcomeOf<World>({ title, unless, run }: Step<World>, world: World, stopped?: string): Promise<Outcome> {
  const why = stopped ?? unless?.(world);
  if (why !== undefined) return { title, verdict: "skipped", note: why, ms: 0 };
  const started = performance.now();
  const ended = (verdict: Verdict, note?: string): Outcome => ({
    title,
    verdict,
    ...(note ? { note } : {}),
    ms: performance.now() - started,
  });
  try {
    return ended("passed", await run(world));
  } catch (error) {
    if (error instanceof Skip) return ended("skipped", error.message);
    // A user whose commands sudo confines cannot do by hand all that a step does; the product's own commands report it otherwise.
    if (ShareError.isShareError(error) && error.code === "SUDO_REFUSED")
      return ended(
        "skipped",
        `sudo refuses \`${error.command?.join(" ")}\`, which the suite runs by itself: see SHAREWRIGHT_LUSTRE_ROOT_CLIENT`,
      );
    return ended("FAILED", textOf(error));
  }
}

function textOf(error: unknown): string {
  if (ShareError.isShareError(error)) return renderError(error);
  return error instanceof Error ? error.message : String(error);
}

// ---- report ----------------------------------------------------------------------------------------------------------------

export function outcomeText({ title, verdict, note, ms }: Outcome): string {
  const time = verdict === "skipped" ? "" : durationText(ms);
  const notes = note?.trimEnd().split("\n") ?? [];
  return [`${verdict.padEnd(7)}  ${time.padStart(8)}  ${title}`, ...notes.map((line) => `${" ".repeat(21)}${line}`)].join("\n");
}

export function summaryText(outcomes: readonly Outcome[]): string {
  const count = (verdict: Verdict) => outcomes.filter((outcome) => outcome.verdict === verdict).length;
  const total = outcomes.reduce((sum, { ms }) => sum + ms, 0);
  return `${count("passed")} passed, ${count("skipped")} skipped, ${count("FAILED")} failed, in ${durationText(total)}`;
}

export function durationText(ms: number): string {
  const seconds = ms / 1000;
  return seconds < 100 ? `${seconds.toFixed(1)} s` : `${(seconds / 60).toFixed(1)} min`;
}
