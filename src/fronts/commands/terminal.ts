// Where output goes, and what it may look like there: colour and progress only for a person at a terminal. Imports only the sink.
import type { Sink } from "../../core/log";

export interface Terminal extends Sink {
  /** Width of tables; endless where nobody looks at it directly. */
  columns: number;
  /** Paints text where colour is welcome. */
  paint(colour: Colour, text: string): string;
  /** Shows what is being worked on, on one line of a terminal that the next output replaces; elsewhere nothing. */
  progress(line: string): void;
}

const codes = { red: 31, green: 32, yellow: 33, dim: 2, bold: 1 } as const;
export type Colour = keyof typeof codes;

/** What is known about the process's own streams. */
export interface Streams {
  stdout: { isTTY?: boolean; columns?: number };
  stderr: { isTTY?: boolean; columns?: number };
}

export function terminalOf(sink: Sink, streams: Streams, environment: Readonly<Record<string, string | undefined>>): Terminal {
  const wantsColour = streams.stdout.isTTY === true && !environment["NO_COLOR"] && environment["TERM"] !== "dumb";
  const width = streams.stderr.columns ?? 80;
  let shown = false;
  const clear = () => {
    if (shown) sink.stderr("\r\u001b[K");
    shown = false;
  };
  return {
    columns: streams.stdout.isTTY ? (streams.stdout.columns ?? 80) : Number.POSITIVE_INFINITY,
    paint: (colour, text) => (wantsColour && text !== "" ? `\u001b[${codes[colour]}m${text}\u001b[0m` : text),
    progress(line) {
      if (streams.stderr.isTTY !== true) return;
      clear();
      sink.stderr(line.slice(0, width - 1));
      shown = true;
    },
    stdout(text) {
      clear();
      sink.stdout(text);
    },
    stderr(text) {
      clear();
      sink.stderr(text);
    },
  };
}
