// sharewright explain: what an error code means and what usually mends it.
import { type FaultCode, fault, faults } from "../../core/errors";
import { exitCodes } from "../exit-codes";
import { type Answer, answering, type Context, type JsonFlags } from "./answer";
import { table } from "./table";

async function explain(context: Context, _flags: JsonFlags, code?: string): Promise<Answer> {
  return code === undefined ? everything(context) : one(context, code.toUpperCase());
}

function one({ terminal }: Context, code: string): Answer {
  if (!Object.hasOwn(faults, code)) {
    throw fault("BAD_REQUEST", { summary: `there is no error code "${code}"`, fix: "`sharewright explain` lists all" });
  }
  const { exit, summary, fix } = faults[code as FaultCode];
  const lines = [terminal.paint("bold", code), `  what  ${summary}`, `  fix   ${fix}`, `  exit  ${exit}, ${exitCodes[exit]}`];
  return { text: lines.join("\n"), document: { code, exit, summary, fix } };
}

function everything({ terminal }: Context): Answer {
  const all = Object.entries(faults).map(([code, meaning]) => ({ code, ...meaning }));
  const columns = [
    { heading: "CODE", cell: ({ code }: (typeof all)[number]) => code },
    { heading: "EXIT", align: "right" as const, cell: ({ exit }: (typeof all)[number]) => String(exit) },
    { heading: "WHAT", cell: ({ summary }: (typeof all)[number]) => summary, shrinkTo: 24, wrap: true as const },
  ];
  return { text: table(columns, all, terminal.columns), document: { codes: all } };
}

export default answering("explain", explain);
