// What was measured, as one table, beside what another run has measured.
import { readFileSync, writeFileSync } from "node:fs";

/** Figures of one thing, by what they are. */
export interface Line {
  what: string;
  figures: Record<string, number>;
}

/** Lines with the same figures. */
export interface Block {
  title: string;
  lines: Line[];
}

export function save(file: string, blocks: readonly Block[]): void {
  writeFileSync(file, `${JSON.stringify(blocks, null, 2)}\n`);
}

export function load(file: string): Block[] {
  return JSON.parse(readFileSync(file, "utf8")) as Block[];
}

/** With `before`, each figure as "before > now". */
export function table(blocks: readonly Block[], before?: readonly Block[]): string {
  return blocks
    .map((block) =>
      blockText(
        block,
        before?.find(({ title }) => title === block.title),
      ),
    )
    .join("\n");
}

function blockText({ title, lines }: Block, before: Block | undefined): string {
  const names = [...new Set(lines.flatMap(({ figures }) => Object.keys(figures)))];
  const rows = lines.map(({ what, figures }) => {
    const old = before?.lines.find((line) => line.what === what)?.figures;
    return [what, ...names.map((name) => cellOf(figures[name], before && (old?.[name] ?? Number.NaN)))];
  });
  return [[title, ...names], ...rows].map((cells) => `${rowText(cells)}\n`).join("");
}

function cellOf(now: number | undefined, before: number | undefined): string {
  if (now === undefined) return "";
  return before === undefined ? textOf(now) : `${textOf(before)} > ${textOf(now)}`;
}

/** Three digits, or all of a whole number; "-" where nothing was measured. */
function textOf(value: number): string {
  if (Number.isNaN(value)) return "-";
  if (Number.isInteger(value) || Math.abs(value) >= 100) return value.toFixed(0);
  return value.toFixed(Math.abs(value) >= 10 ? 1 : 2);
}

function rowText([first = "", ...cells]: readonly string[]): string {
  return `${first.padEnd(46)}${cells.map((cell) => cell.padStart(18)).join("")}`.trimEnd();
}
