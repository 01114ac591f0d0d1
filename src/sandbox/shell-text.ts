// Words and texts as /bin/sh reads them.

export function quote(word: string): string {
  return `'${word.replaceAll("'", "'\\''")}'`;
}

/** Prints a text as it is, whatever is in it. */
export function shellPrintf(text: string): string {
  return `printf ${quote(text.replaceAll("\\", "\\\\").replaceAll("%", "%%").replaceAll("\0", "\\000"))}`;
}
