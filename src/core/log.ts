// What a run tells: one plain line a step for people, NDJSON for machines; details only when asked for.
import { oneLine } from "./printable";

export interface Log {
  /** A step that was carried out. */
  step(line: string): void;
  /** Something a person should know: a warning, what stays as it is. */
  note(line: string): void;
  /** Every command with its ending, when SHAREWRIGHT_LOG=debug. */
  debug(line: string): void;
}

export interface Sink {
  stdout(text: string): void;
  stderr(text: string): void;
}

/** Every text stays on its line: what a host says is among them, also before its key was checked. */
export function textLog(sink: Sink, debug: boolean): Log {
  return {
    step: (line) => sink.stdout(`  ${oneLine(line)}\n`),
    note: (line) => sink.stdout(`  note: ${oneLine(line)}\n`),
    debug: debug ? (line) => sink.stderr(`  debug: ${oneLine(line)}\n`) : () => {},
  };
}

export function silentLog(notes: string[] = []): Log {
  return { step: () => {}, note: (line) => notes.push(line), debug: () => {} };
}

const noted = new WeakMap<Log, Set<string>>();

/** What is looked at again is not told again. `about`: what it is about, where the same may be told in other words. */
export function noteOnce(log: Log, line: string, about = line): void {
  const before = noted.get(log) ?? new Set();
  if (!before.has(about)) log.note(line);
  noted.set(log, before.add(about));
}
