// Text from elsewhere, such as what a host says before anybody knows whose it is, made safe to show. Imports nothing.

/** Keeps its lines, those after the first behind `indent`; control characters, which a terminal would obey, become "?". */
export function printable(text: string, indent: string): string {
  const clean = text.replace(/[^\P{Cc}\n\t]/gu, "?").trim();
  return clean.split("\n").join(`\n${indent}`);
}

/** On one line, so that no part of it passes for a line of ours: line ends become "; ", control characters "?". */
export function oneLine(text: string): string {
  return text.replaceAll(/\s*\n\s*/g, "; ").replaceAll(/[^\P{Cc}\t]/gu, "?");
}
