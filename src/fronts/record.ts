// Keeps what every command printed, where SHAREWRIGHT_RECORD names a folder: one file a process, one line of JSON a command.
import { appendFileSync, mkdirSync } from "node:fs";
import { join } from "node:path";
import { type Command, hole, type Result } from "../core/command";

export interface Recorded {
  /** When it ended, in ms since 1970. */
  at: number;
  host: string;
  /** Whom it ran as there: 0, or a name where no more is known. */
  uid: string;
  argv: readonly string[];
  /** null: ended by a signal, or the connection was lost. */
  exit: number | null;
  ms: number;
  stdout: string;
  stderr: string;
}

type Ending = (command: Command, result: Result) => void;

/** What was given on standard input is not kept. Undefined: nothing is to be kept. */
export function recorder(host: string, uid: string, folder = process.env["SHAREWRIGHT_RECORD"]): Ending | undefined {
  if (!folder) return undefined;
  // A process id may come again; the time that a process began puts the files in order.
  const file = join(folder, `${Math.round(performance.timeOrigin)}-${process.pid}.ndjson`);
  // Made at the first command, readable by us alone: records and names of shares are in what commands print.
  return ({ argv }, { exitCode: exit, ms, stdout, stderr }) => {
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    const line: Recorded = { at: Date.now(), host, uid, argv: shownArgv(argv), exit, ms, stdout, stderr };
    appendFileSync(file, `${JSON.stringify(line)}\n`, { mode: 0o600 });
  };
}

/** A word that was filled in on the host is not known here. */
export function shownArgv(argv: readonly string[]): string[] {
  return argv.map((word) => (word === hole ? "FOUND" : word));
}
