// How the demo speaks: headings, sentences, tables, and claims that are checked.

const isTerminal = process.stdout.isTTY && !process.env.NO_COLOR;
const bold = (text) => (isTerminal ? `\x1b[1m${text}\x1b[22m` : text);
const dim = (text) => (isTerminal ? `\x1b[2m${text}\x1b[22m` : text);

export function heading(text) {
  console.log(`\n${bold(text)}`);
}

export function say(text = "") {
  console.log(text === "" ? "" : `  ${text.replace(/\n(?=[^\n])/g, "\n  ")}`);
}

/** Claims that did not hold. */
export const broken = [];

export function check(claim, holds) {
  say(`${holds ? "yes" : "NO "}  ${claim}`);
  if (!holds) broken.push(claim);
}

export function command(text) {
  console.log(`\n  ${dim("$")} ${bold(text)}`);
}

/** Columns as wide as they need; nothing for no rows. */
export function table(headings, rows) {
  if (rows.length === 0) return;
  const lines = [headings, ...rows.map((row) => row.map(String))];
  const widths = headings.map((_, column) => Math.max(...lines.map((line) => line[column].length)));
  const render = (line) =>
    line
      .map((cell, column) => cell.padEnd(widths[column]))
      .join("  ")
      .trimEnd();
  console.log("");
  for (const [index, line] of lines.entries()) console.log(`    ${index === 0 ? dim(render(line)) : render(line)}`);
  console.log("");
}

const units = ["KiB", "MiB", "GiB", "TiB", "PiB"];

export function size(kib) {
  let [value, unit] = [kib, 0];
  while (value >= 1024 && unit < units.length - 1) [value, unit] = [value / 1024, unit + 1];
  return `${Number(value.toFixed(1))} ${units[unit]}`;
}
