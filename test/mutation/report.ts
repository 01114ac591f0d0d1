// What came of a run, as a table and a list.
import { dirname } from "node:path/posix";
import { accepted } from "./accepted";
import type { Mutant } from "./mutants";
import type { Outcome } from "./run";

type Kind = "killed" | "accepted" | "survived" | "not tried by all";
const kinds: readonly Kind[] = ["killed", "accepted", "survived", "not tried by all"];

/** A mutant survives only where everything that runs its function was asked. */
export function kindOf({ key }: Mutant, outcome: Outcome | undefined): Kind {
  if (key in accepted) return "accepted";
  if (outcome?.kill) return "killed";
  return outcome && outcome.asked > 0 && outcome.untried.length === 0 ? "survived" : "not tried by all";
}

/** Whether all are killed or accepted. */
export function report(mutants: readonly Mutant[], outcomes: ReadonlyMap<string, Outcome>): boolean {
  const found = mutants.map((mutant) => ({
    mutant,
    kind: kindOf(mutant, outcomes.get(mutant.key)),
    outcome: outcomes.get(mutant.key),
  }));
  printTable([
    ["folder", "mutants", ...kinds],
    ...[...new Set(mutants.map(folderOf))].map((folder) => rowOf(folder, found)),
    rowOf("", found),
  ]);
  for (const kind of ["survived", "not tried by all"] as const)
    for (const { mutant, outcome } of found.filter((one) => one.kind === kind)) console.log(lineOf(kind, mutant, outcome));
  const killed = found.filter(({ kind }) => kind === "killed");
  const hung = killed.filter(({ outcome }) => outcome?.kill?.title === "(hangs)").length;
  console.log(`\n${((100 * killed.length) / mutants.length).toFixed(1)} % killed, ${hung} of them hung.`);
  return found.every(({ kind }) => kind === "killed" || kind === "accepted");
}

interface Found {
  mutant: Mutant;
  kind: Kind;
}

const folderOf = ({ file }: Mutant) => dirname(file);

/** Of all for "". */
function rowOf(folder: string, found: readonly Found[]): string[] {
  const own = found.filter(({ mutant }) => folder === "" || folderOf(mutant) === folder);
  return [folder || "all", String(own.length), ...kinds.map((kind) => String(own.filter((one) => one.kind === kind).length))];
}

function printTable(rows: readonly string[][]): void {
  const widths = (rows[0] ?? []).map((_, column) => Math.max(...rows.map((cells) => cells[column]?.length ?? 0)));
  const padded = (cell: string, column: number) =>
    column === 0 ? cell.padEnd(widths[0] ?? 0) : cell.padStart(widths[column] ?? 0);
  for (const cells of rows) console.log(cells.map(padded).join("  "));
}

function lineOf(kind: Kind, { file, line, key }: Mutant, outcome: Outcome | undefined): string {
  const { asked = 0, untried = [] } = outcome ?? {};
  const why = untried.length > 0 ? `not tried by all of ${untried.join(", ")}` : "no test that is asked runs it";
  return `\n${kind}: ${file}:${line}\n  ${key.slice(file.length + 1)}\n  ${asked} tests${kind === "survived" ? "" : `; ${why}`}`;
}
