// sharewright status: what a stack has, a table for each kind. Changes nothing.

import type { View } from "../desk";
import type { Survey } from "../surveyed";
import { type Answer, answering, type CommonFlags, type Context } from "./answer";
import { noteBlock, objectDocument } from "./objects";
import { exitOf, surveyStack } from "./plan";
import { stackNamed } from "./site";
import { table } from "./table";

async function status(context: Context, flags: CommonFlags, directory?: string): Promise<Answer> {
  const { stack, survey } = await surveyStack(context, stackNamed(flags, directory), flags.json);
  const views = (await context.desks()).flatMap((desk) => Object.entries(desk.views));
  const shown = views.map(([kind, view]) => ({ view, rows: survey.objects.filter((object) => object.kind === kind) }));
  const documentsOf = (list: View["list"]) =>
    shown
      .filter(({ view }) => view.list === list)
      .flatMap(({ view, rows }) => rows.map((object) => ({ ...objectDocument(stack, object), ...view.document(object) })));
  const shares = documentsOf("shares");
  const exitCode = exitOf(survey);
  const blocks = [
    ...noteBlock(survey.notes),
    ...(shares.length > 0 ? [] : [`${stack.name} has no share`]),
    ...shown.flatMap(({ view, rows }) => (rows.length > 0 ? [table(view.columns, rows, context.terminal.columns)] : [])),
    ...(exitCode === 0 ? [] : [hint(survey)]),
  ];
  return {
    text: blocks.join("\n\n"),
    document: {
      stack: stack.name,
      notes: survey.notes,
      shares,
      rules: documentsOf("rules"),
      snapshots: documentsOf("snapshots"),
      kept: survey.kept,
      touched: survey.touched,
    },
    exitCode,
  };
}

function hint({ objects }: Survey): string {
  const drifted = objects.some(({ verdict }) => verdict === "drifted" || verdict === "refused");
  return drifted
    ? "`sharewright plan` shows what differs, `sharewright repair` mends it"
    : "`sharewright plan` shows what an apply would do";
}

export default answering("status", status);
