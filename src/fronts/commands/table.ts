// Tables of plain text: columns as wide as they need; where a terminal is too narrow the last ones are cut or wrapped. Pure.

export interface Column<Row> {
  heading: string;
  cell(row: Row): string;
  align?: "right";
  /** May become this narrow when the terminal is; the last columns first. */
  shrinkTo?: number;
  /** Goes on below instead of being cut. */
  wrap?: true;
}

const gap = "  ";

export function table<Row>(columns: readonly Column<Row>[], rows: readonly Row[], width: number): string {
  const cells = [columns.map(({ heading }) => heading), ...rows.map((row) => columns.map(({ cell }) => cell(row)))];
  const natural = columns.map((_, index) => Math.max(...cells.map((line) => line[index]?.length ?? 0)));
  const widths = narrow(
    columns.map((column, index) =>
      leastWidth(
        column,
        cells.map((line) => line[index] ?? ""),
      ),
    ),
    natural,
    width,
  );
  return cells.flatMap((line) => layOut(columns, line, widths)).join("\n");
}

/** How narrow a column may become: one that wraps never breaks a word. */
function leastWidth<Row>({ shrinkTo, wrap }: Column<Row>, texts: readonly string[]): number {
  if (shrinkTo === undefined) return Number.POSITIVE_INFINITY;
  return wrap ? Math.max(shrinkTo, ...texts.flatMap((text) => text.split(" ")).map((word) => word.length)) : shrinkTo;
}

function narrow(least: readonly number[], natural: readonly number[], width: number): number[] {
  const widths = [...natural];
  let excess = widths.reduce((sum, each) => sum + each, gap.length * (widths.length - 1)) - width;
  for (let index = widths.length - 1; index >= 0 && excess > 0; index -= 1) {
    const now = widths[index] ?? 0;
    const less = Math.min(excess, Math.max(0, now - (least[index] ?? now)));
    widths[index] = now - less;
    excess -= less;
  }
  return widths;
}

/** One row as lines of text. */
function layOut<Row>(columns: readonly Column<Row>[], cells: readonly string[], widths: readonly number[]): string[] {
  const parts = cells.map((text, index) =>
    columns[index]?.wrap ? wrap(text, widths[index] ?? 0) : [cut(text, widths[index] ?? 0)],
  );
  const height = Math.max(...parts.map(({ length }) => length));
  return Array.from({ length: height }, (_, line) => {
    const texts = parts.map((part, index) => {
      const text = part[line] ?? "";
      return columns[index]?.align === "right" ? text.padStart(widths[index] ?? 0) : text.padEnd(widths[index] ?? 0);
    });
    return texts.join(gap).trimEnd();
  });
}

function cut(text: string, width: number): string {
  return text.length > width ? `${text.slice(0, Math.max(0, width - 1))}…` : text;
}

function wrap(text: string, width: number): string[] {
  const lines: string[] = [""];
  for (const word of text.split(" ")) {
    const last = lines.at(-1) ?? "";
    if (last !== "" && last.length + 1 + word.length > width) lines.push(word);
    else lines[lines.length - 1] = last === "" ? word : `${last} ${word}`;
  }
  return lines;
}

const barWidth = 24;

/** "[######------------------]": how much of a whole. */
export function bar(part: bigint, whole: bigint): string {
  const share = whole === 0n ? 0 : Math.min(1, Number((part * 10_000n) / whole) / 10_000);
  const filled = part > 0n ? Math.max(1, Math.round(share * barWidth)) : 0;
  return `[${"#".repeat(filled)}${"-".repeat(barWidth - filled)}]`;
}

/** "45 %", "<1 %". */
export function percent(part: bigint, whole: bigint): string {
  if (whole === 0n) return part === 0n ? "0 %" : "-";
  const rounded = (part * 100n + whole / 2n) / whole;
  return rounded === 0n && part > 0n ? "<1 %" : `${rounded} %`;
}

/** "3 shares", "1 share". */
export function count(number: number, noun: string): string {
  return `${number} ${noun}${number === 1 ? "" : "s"}`;
}
