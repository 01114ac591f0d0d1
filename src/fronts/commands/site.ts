// From a command's arguments to the stack, and to what is told of the work on it.
import { fault } from "../../core/errors";
import { type Log, silentLog, textLog } from "../../core/log";
import type { Call, Desk } from "../desk";
import { readStack, requireStorage, type Stack } from "../stack";
import { findStack, readStackConfig, type StackConfig } from "../stack-config";
import { hasKind } from "../system";
import { type CommonFlags, type Context, environmentOf, type JsonFlags } from "./answer";

/** A stack is named by --stack; commands that take nothing else take it as an argument, too, as earlier versions did. */
export function stackNamed({ stack }: CommonFlags, directory: string | undefined): string | undefined {
  if (stack !== undefined && directory !== undefined && stack !== directory)
    throw fault("BAD_REQUEST", { summary: `two stacks are named: ${stack} and ${directory}`, fix: "name one, by --stack" });
  return stack ?? directory;
}

const systemsOf = async (context: Context) => (await context.desks()).map(({ system }) => system);

/** The stack with its state: what knows claims. */
export async function openStack(context: Context, named: string | undefined): Promise<Stack> {
  const directory = findStack(named, context.workingDirectory);
  context.terminal.progress("reading the state");
  return readStack(directory, environmentOf(context), await systemsOf(context), context.workingDirectory);
}

/** The stack as synthesized: what knows its file systems. Needs no Terraform. */
export async function openConfig(context: Context, named: string | undefined): Promise<StackConfig> {
  return readStackConfig(findStack(named, context.workingDirectory), await systemsOf(context));
}

/** Steps are told as they happen, except to machines. */
export function logOf(context: Context, json: boolean | undefined): Log {
  return json ? silentLog() : textLog(context.terminal, context.process.env["SHAREWRIGHT_LOG"] === "debug");
}

export function callOf(context: Context, { json }: JsonFlags): Call {
  return { log: logOf(context, json), terminal: context.terminal };
}

/** Of the systems that the stack has something on. @throws where that is none */
export async function desksOf(context: Context, stack: Pick<StackConfig, "name" | "placed">): Promise<Desk[]> {
  requireStorage(stack);
  const desks = await context.desks();
  return desks.filter(({ system }) => stack.placed.some(({ kind }) => hasKind(system, kind)));
}

/** What each of them says, one after the other. */
export async function eachDesk<T>(
  context: Context,
  stack: Pick<StackConfig, "name" | "placed">,
  ask: (desk: Desk) => Promise<T>,
): Promise<T[]> {
  const said: T[] = [];
  for (const desk of await desksOf(context, stack)) said.push(await ask(desk));
  return said;
}

/** A document with a list for each name of places. */
export async function byPlaces(context: Context, of: (name: string) => unknown[]): Promise<Record<string, unknown[]>> {
  return Object.fromEntries((await context.desks()).map(({ places }) => [places, of(places)]));
}

/** Of what several systems say: the first that is not good. */
export function worst(said: readonly { exitCode: number }[]): number {
  return said.find(({ exitCode }) => exitCode !== 0)?.exitCode ?? 0;
}
