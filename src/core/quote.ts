// The one POSIX quoter. Imports nothing.

/** Quotes one word for /bin/sh so that it arrives as it is. */
export function quoteWord(word: string): string {
  return /^[A-Za-z0-9_@%+=:,./-]+$/.test(word) && !/^[A-Za-z_][A-Za-z0-9_]*=/.test(word)
    ? word
    : `'${word.replaceAll("'", "'\\''")}'`;
}

/** A command line that /bin/sh splits into exactly these words. */
export function quote(argv: readonly string[]): string {
  return argv.map(quoteWord).join(" ");
}
