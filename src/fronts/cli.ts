// What people run: maps arguments to a command, and every ending to an exit code of ours.
import { proposeCompletions, run } from "@stricli/core";
import type { Sink } from "../core/log";
import type { Context } from "./commands/answer";
import { completeWord } from "./commands/completion";
import { application } from "./commands/routes";
import { type Streams, terminalOf } from "./commands/terminal";
import type { Desk } from "./desk";
import type { Environment } from "./request";

/** What a test replaces. */
export interface World {
  streams?: Streams;
  workingDirectory?: string;
  stdin?: AsyncIterable<string>;
  desks?: readonly Desk[];
}

export async function cli(args: readonly string[], environment: Environment, sink: Sink, world: World = {}): Promise<number> {
  const { streams = process, workingDirectory = process.cwd(), desks, stdin } = world;
  const terminal = terminalOf(sink, streams, environment);
  const context: Context = {
    terminal,
    workingDirectory,
    stdin: () => stdin ?? process.stdin,
    desks: async () => desks ?? (await import("./desks")).desks,
    process: {
      stdout: { write: (text) => terminal.stdout(text) },
      stderr: { write: (text) => terminal.stderr(text) },
      env: environment,
    },
  };
  const app = application(terminal.paint("bold", "x") !== "x");
  if (args[0] === completeWord) {
    const proposals = await proposeCompletions(app, args.slice(1), context);
    terminal.stdout(proposals.map(({ completion, brief }) => `${completion}\t${brief}\n`).join(""));
    return 0;
  }
  await run(app, args.length === 0 ? ["--help"] : args, context);
  return exitCodeOf(context.process.exitCode);
}

/** stricli's own endings are negative: arguments that cannot be understood, else a fault of ours. */
function exitCodeOf(code: Context["process"]["exitCode"]): number {
  const number = Number(code ?? 0);
  if (number >= 0) return number;
  return number === -4 || number === -5 ? 2 : 1;
}
