// Entry of the executor: picks a front, maps every ending to an exit code. Fronts are loaded only when they are called for, because every
// hook is a process of its own.
import { exitCodeOf, renderError } from "./core/errors";
import type { Sink } from "./core/log";

const sink: Sink = {
  stdout: (text) => process.stdout.write(text),
  stderr: (text) => process.stderr.write(text),
};

async function main(args: readonly string[]): Promise<number> {
  const [front, ...rest] = args;
  switch (front) {
    case "hook":
      return (await import("./fronts/hook")).hook(rest, process.env, sink);
    case "sandbox":
      return (await import("./sandbox/main")).sandboxCommand(rest, { ...sink, env: process.env, cwd: process.cwd() });
    default:
      return (await import("./fronts/cli")).cli(args, process.env, sink);
  }
}

main(process.argv.slice(2)).then(
  (exitCode) => {
    process.exitCode = exitCode;
  },
  (error: unknown) => {
    sink.stderr(`${renderError(error)}\n`);
    process.exitCode = exitCodeOf(error);
  },
);
