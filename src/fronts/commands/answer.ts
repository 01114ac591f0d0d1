// What every command gives back, and how it reaches people or machines.
import { errorDocument, exitCodeOf, renderError } from "../../core/errors";
import type { Desk } from "../desk";
import type { Environment } from "../request";
import type { Terminal } from "./terminal";

/** What a command says at its end. */
export interface Answer {
  /** For people; without the last line break. */
  text: string;
  /** For machines: fields of the one JSON document. Amounts of bytes and inodes are strings, since they may pass 2^53. */
  document: Record<string, unknown>;
  exitCode?: number;
}

/** What a command may use of the world. */
export interface Context {
  readonly process: {
    stdout: { write(text: string): void };
    stderr: { write(text: string): void };
    env: Environment;
    exitCode?: number | string | null;
  };
  readonly terminal: Terminal;
  readonly workingDirectory: string;
  stdin(): AsyncIterable<Uint8Array | string>;
  /** The systems there are; loaded for commands that need them. */
  desks(): Promise<readonly Desk[]>;
}

export interface JsonFlags {
  readonly json?: boolean;
}

/** Of all commands that read a stack. */
export interface CommonFlags extends JsonFlags {
  /** The synthesized stack, by folder or name. */
  readonly stack?: string;
}

/** A command: its work gives an answer or throws, and this says it. */
export function answering<Flags extends JsonFlags, Args extends readonly (string | undefined)[]>(
  command: string,
  work: (context: Context, flags: Flags, ...args: Args) => Promise<Answer>,
) {
  return async function (this: Context, flags: Flags, ...args: Args): Promise<void> {
    const say = (document: Record<string, unknown>) =>
      this.terminal.stdout(
        `${JSON.stringify({ format: 1, command, ...document }, (_, value: unknown) => (typeof value === "bigint" ? String(value) : value), 2)}\n`,
      );
    try {
      const { text, document, exitCode = 0 } = await work(this, flags, ...args);
      if (flags.json) say(document);
      else if (text !== "") this.terminal.stdout(`${text}\n`);
      this.process.exitCode = exitCode;
    } catch (error) {
      if (flags.json) say({ error: errorDocument(error) });
      else this.terminal.stderr(`${renderError(error)}\n`);
      this.process.exitCode = exitCodeOf(error);
    }
  };
}

export function environmentOf(context: Context): NodeJS.ProcessEnv {
  return { ...context.process.env };
}
