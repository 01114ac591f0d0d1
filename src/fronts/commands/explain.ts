// sharewright explain: what an error code means and what usually mends it.
import { coreFaults, fault, type Meaning } from "../../core/errors";
import { connectionFaults } from "../../transports/faults";
import { exitCodes } from "../exit-codes";
import { distinct } from "../stack-config";
import { type Answer, answering, type Context, type JsonFlags } from "./answer";
import { type Column, table } from "./table";

interface Code extends Meaning {
  code: string;
}

async function explain(context: Context, _flags: JsonFlags, code?: string): Promise<Answer> {
  const known = await codes(context);
  return code === undefined ? everything(context, known) : one(context, known, code.toUpperCase());
}

/** A code that several systems have means on each what that says. */
async function codes(context: Context): Promise<Code[]> {
  const tables = [coreFaults, connectionFaults, ...(await context.desks()).map(({ faults }) => faults)];
  const all = tables.flatMap((meanings) =>
    Object.entries<Meaning>(meanings).map(([code, { exit, summary, fix }]) => ({ code, exit, summary, fix })),
  );
  return distinct(all);
}

function one({ terminal }: Context, known: readonly Code[], code: string): Answer {
  const found = known.filter((each) => each.code === code);
  const [first] = found;
  if (!first) throw fault("BAD_REQUEST", { summary: `there is no error code "${code}"`, fix: "`sharewright explain` lists all" });
  const lines = [
    terminal.paint("bold", code),
    ...found.flatMap(({ summary, fix }) => [`  what  ${summary}`, `  fix   ${fix}`]),
    `  exit  ${first.exit}, ${exitCodes[first.exit]}`,
  ];
  return { text: lines.join("\n"), document: { ...first, ...(found.length > 1 ? { meanings: found } : {}) } };
}

const columns: Column<Code>[] = [
  { heading: "CODE", cell: ({ code }) => code },
  { heading: "EXIT", align: "right", cell: ({ exit }) => String(exit) },
  { heading: "WHAT", cell: ({ summary }) => summary, shrinkTo: 24, wrap: true },
];

function everything({ terminal }: Context, known: readonly Code[]): Answer {
  return { text: table(columns, known, terminal.columns), document: { codes: known } };
}

export default answering("explain", explain);
