// What a run tells: one plain line a step for people, NDJSON for machines; details only when asked for. Imports nothing.

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

export function textLog(sink: Sink, debug: boolean): Log {
  return {
    step: (line) => sink.stdout(`  ${line}\n`),
    note: (line) => sink.stdout(`  note: ${line}\n`),
    debug: debug ? (line) => sink.stderr(`  debug: ${line}\n`) : () => {},
  };
}

export function silentLog(notes: string[] = []): Log {
  return { step: () => {}, note: (line) => notes.push(line), debug: () => {} };
}
