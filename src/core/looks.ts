// Looks that need not wait for each other: asked for one by one, sent in one go, read when all answers are there.
import { argvGiven, type Command, type Result } from "./command";
import { commandFault, type Host, judged, outputOf } from "./host";
import { dropped } from "./transport";

/** Reads an answer; undefined when the command was not run, because its `given` did not hold. */
export interface Answer<T> {
  (): T | undefined;
  /** The command's place in the list, for the `given` of later ones. */
  readonly of: number;
}

export interface Looks {
  /** `read` judges how the command ended. */
  ask<T>(command: Command, read: (result: Result, command: Command) => T): Answer<T>;
  /** The command has to succeed; `read` is given its output. */
  output<T>(command: Command, read: (text: string) => T): Answer<T>;
  send(): Promise<void>;
}

export function looksAt(host: Host): Looks {
  const commands: Command[] = [];
  let results: readonly (Result | undefined)[] | undefined;
  const ask: Looks["ask"] = (command, read) => {
    const of = commands.push(command) - 1;
    const answer = () => {
      if (!results) throw new Error(`${command.argv.join(" ")}: read before it was sent`);
      const result = results[of];
      return result && read(result, asRun(command, results));
    };
    return Object.assign(answer, { of });
  };
  return {
    ask,
    output: (command, read) => ask(command, (result, run) => read(outputOf(host, run, result))),
    async send() {
      results = commands.length === 0 ? [] : await host.transport.runAll(commands, { as: "looks" });
      for (const [index, command] of commands.entries()) {
        const result = results[index];
        if (result) judged(host, asRun(command, results), result);
        else if (!command.given) throw commandFault("COMMAND_LOST", host, command, dropped);
      }
    },
  };
}

/** For messages: with the words that `given` has filled in. */
function asRun(command: Command, results: readonly (Result | undefined)[]): Command {
  return { ...command, argv: argvGiven(command, results) ?? command.argv };
}
