// sharewright plan: what an apply would do, and what has drifted where Terraform cannot look. Changes nothing.

import { type Survey, type SurveyedObject, toldApart, type Verdict } from "../surveyed";
import { type Answer, answering, type CommonFlags, type Context } from "./answer";
import { applyOf, describe, noteBlock, objectDocument, stepDocument } from "./objects";
import { callOf, eachDesk, openStack, stackNamed } from "./site";
import { count } from "./table";

export const driftExit = 9;

/** Everything of a stack, on all systems. */
export async function surveyStack(context: Context, named: string | undefined, json = false) {
  const stack = await openStack(context, named);
  const call = callOf(context, { json });
  const surveys = (await eachDesk(context, stack, (desk) => desk.survey(stack, call))).flat();
  const whole: Survey = {
    objects: toldApart(surveys.flatMap(({ objects }) => objects)),
    accessSteps: surveys.flatMap(({ accessSteps }) => accessSteps),
    notes: [...stack.notes, ...surveys.flatMap(({ notes }) => notes)],
    kept: surveys.flatMap(({ kept = [] }) => kept),
    touched: surveys.flatMap(({ touched = [] }) => touched),
  };
  return { stack, survey: whole };
}

/** Exit 9 as long as anything is not as described. */
export function exitOf({ objects, accessSteps }: Survey): number {
  return objects.every(({ verdict }) => verdict === "good") && accessSteps.length === 0 ? 0 : driftExit;
}

async function plan(context: Context, flags: CommonFlags, directory?: string): Promise<Answer> {
  const { stack, survey } = await surveyStack(context, stackNamed(flags, directory), flags.json);
  const { objects, accessSteps, notes } = survey;
  const open = objects.filter(({ verdict }) => verdict !== "good");
  const blocks = [
    ...noteBlock(notes),
    ...open.map((object) => describe(context.terminal, stack, object)),
    ...(accessSteps.length > 0 ? [accessBlock(accessSteps)] : []),
    ...(open.some(({ verdict }) => byApply.includes(verdict)) ? [`next  ${applyOf(stack)}`] : []),
    summary(stack.name, objects, accessSteps.length),
  ];
  return {
    text: blocks.join("\n\n"),
    document: {
      stack: stack.name,
      notes,
      objects: objects.map((object) => objectDocument(stack, object)),
      accessSteps: accessSteps.map(stepDocument),
      kept: survey.kept,
      touched: survey.touched,
    },
    exitCode: exitOf(survey),
  };
}

/** What an ordinary apply brings about, since Terraform's own plan shows it. */
const byApply: readonly Verdict[] = ["new", "changed", "leaving", "unknown"];

function accessBlock(steps: Survey["accessSteps"]): string {
  return ["access as a whole (an apply of any rule does all of it)", ...steps.map(({ say }) => `  + ${say}`)].join("\n");
}

function summary(stack: string, objects: readonly SurveyedObject[], accessSteps: number): string {
  const good = objects.filter(({ verdict }) => verdict === "good").length;
  if (objects.length === 0) return `${stack}: no share, access rule or snapshot in it`;
  if (good === objects.length && accessSteps === 0)
    return `${stack}: ${count(objects.length, "object")} as described, nothing to do`;
  const tally = (["new", "changed", "drifted", "leaving", "refused", "unknown"] as const).flatMap((verdict) => {
    const number = objects.filter((object) => object.verdict === verdict).length;
    return number > 0 ? [`${number} ${verdict}`] : [];
  });
  return `${stack}: ${[...tally, `${good} as described`].join(", ")}`;
}

export default answering("plan", plan);
