// sharewright repair: brings what has drifted back to what was applied last, without Terraform.
import { errorDocument, exitCodeOf, fault, renderError, ShareError } from "../../core/errors";
import type { Step } from "../../core/plan";
import type { Desk } from "../desk";
import type { Stack, StackObject } from "../stack";
import { keyText, type SurveyedObject } from "../surveyed";
import { hasKind, type ManagedKind } from "../system";
import { type Answer, answering, type CommonFlags, type Context } from "./answer";
import { stepDocument } from "./objects";
import { surveyStack } from "./plan";
import { logOf } from "./site";
import { count } from "./table";

interface RepairFlags extends CommonFlags {
  readonly recreate?: readonly string[];
}

interface Mended {
  key: string;
  done: Step[];
  error?: ShareError;
}

async function repair(context: Context, flags: RepairFlags, ...keys: string[]): Promise<Answer> {
  const { recreate = [] } = flags;
  const { stack, survey } = await surveyStack(context, flags.stack, flags.json);
  const named = new Set([...keys, ...recreate]);
  for (const name of named) requireOne(stack, survey.objects.filter(isCalled(name)), name);
  const asked = survey.objects.filter((surveyed) => named.size === 0 || [...named].some((name) => isCalled(name)(surveyed)));
  const mended: Mended[] = [];
  for (const { object } of asked.filter((surveyed) => canMend(surveyed, recreate))) {
    if (object) mended.push(await mend(context, stack, object, flags));
  }
  const left = asked.filter((surveyed) => surveyed.verdict !== "good" && !canMend(surveyed, recreate));
  const failed = mended.filter(({ error }) => error !== undefined);
  return {
    text: [
      ...failed.map(({ error }) => renderError(error)),
      ...left.map(leftLine),
      summary(mended.length - failed.length, failed.length, left.length),
    ].join("\n"),
    document: {
      stack: stack.name,
      repaired: mended.map(({ key, done, error }) => ({
        key,
        steps: done.map(stepDocument),
        ...(error ? { error: errorDocument(error) } : {}),
      })),
      left: left.map(({ key, verdict }) => ({ key, verdict })),
    },
    exitCode: failed[0] ? exitCodeOf(failed[0].error) : left.length > 0 ? 9 : 0,
  };
}

/** By its key, or by its address, where several file systems have the key. */
function isCalled(name: string): (named: Pick<SurveyedObject, "key" | "object">) => boolean {
  return ({ key, object }) => key === name || object?.address === name;
}

function requireOne(stack: Stack, called: readonly SurveyedObject[], name: string): void {
  if (called.length === 0) throw unknownKey(stack, name);
  if (called.length === 1) return;
  const addresses = called.flatMap(({ at, object }) => (object ? [`${object.address} (${at})`] : []));
  throw fault("BAD_REQUEST", {
    summary: `the stack ${stack.name} has several objects "${name}"`,
    fix: `name one by its address: ${addresses.join(", ")}`,
  });
}

/** What has drifted since the last apply; what differs in the code is Terraform's to apply. */
function canMend(surveyed: SurveyedObject, recreate: readonly string[]): boolean {
  const { verdict, refusal, object } = surveyed;
  if (object?.claim === undefined || object.isNew || object.changed.length > 0) return false;
  return verdict === "drifted" || (isMissing(refusal) && recreate.some((name) => isCalled(name)(surveyed)));
}

function isMissing(refusal: ShareError | undefined): boolean {
  return refusal?.lost !== undefined;
}

async function mend(context: Context, stack: Stack, object: StackObject, flags: RepairFlags): Promise<Mended> {
  const { kind, key, claim, triggers, place, among } = object;
  if (!flags.json) context.terminal.stdout(`${key}\n`);
  try {
    const { system } = (await context.desks()).find((desk) => hasKind(desk.system, kind)) as Desk;
    const managed = system.kinds[kind] as ManagedKind<unknown>;
    const text = JSON.stringify({ ...triggers, claim });
    const wish = managed.read({
      key,
      text,
      stack: stack.id,
      keys: among,
      recreate: flags.recreate?.some((name) => isCalled(name)({ key, object })) ?? false,
    });
    // A connection for each object: its locks are let go of before the next one's are taken.
    const done = await system.open(place, logOf(context, flags.json), (at) => managed.apply(at, wish), kind);
    if (!flags.json && done.length === 0) context.terminal.stdout("  mended along with the others\n");
    return { key, done };
  } catch (error) {
    if (!ShareError.isShareError(error)) throw error;
    return { key, done: [], error };
  }
}

function leftLine(surveyed: SurveyedObject): string {
  const { verdict, refusal, object, at } = surveyed;
  const key = keyText(surveyed);
  if (isMissing(refusal))
    return `${key}: its ${refusal?.lost} is gone; \`sharewright repair --recreate ${at === undefined ? key : object?.address}\` makes it anew, empty`;
  if (refusal) return `${key}: ${refusal.code}  ${refusal.summary}`;
  if (verdict === "drifted") return `${key}: drifted`;
  return `${key}: ${verdict === "leaving" ? "no construct asks for it any more" : "not applied yet"}; \`terraform apply\` does it`;
}

function summary(mended: number, failed: number, left: number): string {
  if (mended + failed + left === 0) return "everything is as described, nothing to repair";
  return [
    `${count(mended, "object")} repaired`,
    ...(failed > 0 ? [`${failed} failed`] : []),
    ...(left > 0 ? [`${left} left as they are`] : []),
  ].join(", ");
}

function unknownKey(stack: Stack, key: string): ShareError {
  const keys = [...stack.objects, ...stack.leaving].map((object) => object.key);
  return fault("BAD_REQUEST", {
    summary: `the stack ${stack.name} has no object "${key}"`,
    fix: `${keys.length === 0 ? "it is empty" : `it has: ${keys.join(", ")}`}; another stack is named by --stack`,
  });
}

export default answering("repair", repair);
