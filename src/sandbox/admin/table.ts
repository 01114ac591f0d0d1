// Plain tables for people: a column is a heading and what it shows of a row.

export type Columns<Row> = Readonly<Record<string, (row: Row) => string>>;

export function table<Row>(rows: readonly Row[], columns: Columns<Row>): string {
  const lines = [Object.keys(columns), ...rows.map((row) => Object.values(columns).map((show) => show(row)))];
  const widths = Object.keys(columns).map((_, index) => Math.max(...lines.map((line) => line[index]?.length ?? 0)));
  return lines
    .map(
      (line) =>
        `${line
          .map((cell, index) => cell.padEnd(widths[index] ?? 0))
          .join("  ")
          .trimEnd()}\n`,
    )
    .join("");
}

export function size(kib: number): string {
  if (kib === 0) return "0";
  let amount = kib;
  let unit = 0;
  for (; amount >= 1024 && unit < 4; unit++) amount /= 1024;
  return `${Number(amount.toPrecision(4))} ${["KiB", "MiB", "GiB", "TiB", "PiB"][unit]}`;
}
