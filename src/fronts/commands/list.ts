// sharewright list: everything that is recorded on the storage, of all owners; or what nobody is known to manage.
import type { Leftover } from "../desk";
import { type Answer, answering, type CommonFlags, type Context } from "./answer";
import { byPlaces, callOf, eachDesk, openConfig, openStack, stackNamed, worst } from "./site";
import { type Column, table } from "./table";

interface ListFlags extends CommonFlags {
  readonly unclaimed?: boolean;
}

async function list(context: Context, flags: ListFlags, directory?: string): Promise<Answer> {
  const named = stackNamed(flags, directory);
  return flags.unclaimed ? listUnclaimed(context, flags, named) : listAll(context, flags, named);
}

async function listAll(context: Context, flags: ListFlags, named: string | undefined): Promise<Answer> {
  const config = await openConfig(context, named);
  const call = callOf(context, flags);
  const listed = await eachDesk(context, config, async (desk) => ({ desk, ...(await desk.list(config, call)) }));
  const places = listed.flatMap((each) => each.places);
  return {
    text: places
      .map(({ heading, text }) => (heading !== undefined && places.length > 1 ? `${heading}\n\n${text}` : text))
      .join("\n\n"),
    document: await byPlaces(context, (name) =>
      listed.filter(({ desk }) => desk.places === name).flatMap((each) => each.places.map(({ document }) => document)),
    ),
    exitCode: worst(listed),
  };
}

const columns: Column<Leftover>[] = [
  { heading: "KIND", cell: ({ kind }) => kind },
  { heading: "NAME", cell: ({ name }) => name, shrinkTo: 16 },
  { heading: "WHY", cell: ({ why }) => why, shrinkTo: 20, wrap: true },
];

async function listUnclaimed(context: Context, flags: ListFlags, named: string | undefined): Promise<Answer> {
  const stack = await openStack(context, named);
  const call = callOf(context, flags);
  const found = await eachDesk(context, stack, (desk) => desk.unclaimed(stack, call));
  const leftovers = found.flatMap((each) => each.leftovers);
  const notes = [...stack.notes, ...found.flatMap((each) => each.notes)];
  const text =
    leftovers.length === 0
      ? "nothing is left over: a claim of this stack explains everything"
      : table(columns, leftovers, context.terminal.columns);
  return {
    text: [...notes.map((note) => `note: ${note}\n`), text].join("\n"),
    document: { stack: stack.name, notes, unclaimed: leftovers },
    exitCode: worst(found),
  };
}

export default answering("list", list);
