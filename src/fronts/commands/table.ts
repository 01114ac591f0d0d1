// Tables of plain text: columns as wide as they need; where a terminal is too narrow the last ones go on below. Nothing is cut: names are copied. Pure.

export interface Column<Row> {
  heading: string;
  cell(row: Row): string;
  align?: "right";
  /** May become this narrow when the terminal is; the last columns first. */
  shrinkTo?: number;
  /** Goes on below between words only: for sentences, and for lists of addresses. Names do within themselves. */
  wrap?: true;
}

const gap = "  ";

export function table<Row>(columns: readonly Column<Row>[], rows: readonly Row[], width: number): string {
  const cells = [columns.map(({ heading }) => heading), ...rows.map((row) => columns.map(({ cell }) => cell(row)))];
  const texts = columns.map((_, index) => cells.map((line) => line[index] ?? ""));
  const natural = texts.map((column) => Math.max(...column.map(({ length }) => length)));
  const whole = narrow(
    columns.map((column, index) => wholeParts(column, texts[index] ?? [])),
    natural,
    width,
  );
  const widths = narrow(
    columns.map((column, index) => leastWidth(column, whole[index] ?? 0)),
    whole,
    width,
  );
  return cells.flatMap((line) => layOut(columns, line, widths)).join("\n");
}

/** How narrow a column may become with every word, or part of a name, still whole. */
function wholeParts<Row>({ shrinkTo, wrap }: Column<Row>, texts: readonly string[]): number {
  if (shrinkTo === undefined) return Number.POSITIVE_INFINITY;
  return Math.max(shrinkTo, ...texts.flatMap((text) => text.split(wrap ? " " : endOfPart)).map((part) => part.length));
}

/** Where that is still too wide: a name is folded within its parts, a word never. */
function leastWidth<Row>({ shrinkTo, wrap }: Column<Row>, whole: number): number {
  return wrap || shrinkTo === undefined ? whole : shrinkTo;
}

const endOfPart = /(?<=[\s/#:,@-])/;

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
  const parts = cells.map((text, index) => (columns[index]?.wrap ? wrap : fold)(text, widths[index] ?? 0));
  const height = Math.max(...parts.map(({ length }) => length));
  return Array.from({ length: height }, (_, line) => {
    const texts = parts.map((part, index) => {
      const text = part[line] ?? "";
      return columns[index]?.align === "right" ? text.padStart(widths[index] ?? 0) : text.padEnd(widths[index] ?? 0);
    });
    return texts.join(gap).trimEnd();
  });
}

/** Behind a part of the name, where one ends in time. */
function fold(text: string, width: number): string[] {
  if (text.length <= width) return [text];
  const [parts = text.slice(0, width)] = /^.{2,}[\s/#:,@-]/.exec(text.slice(0, width)) ?? [];
  return [parts.trimEnd(), ...fold(text.slice(parts.length).trimStart(), width)];
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
