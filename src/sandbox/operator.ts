// What every sandbox command of an operator gets, and how it finds its sandbox.
import { existsSync, realpathSync } from "node:fs";
import { join, resolve } from "node:path";
import type { Io } from "./io";
import type { OptionSpec, Parsed } from "./options";
import { lastValue } from "./options";
import { files } from "./store";

export interface Operation {
  io: Io;
  parsed: Parsed;
}

export interface OperatorCommand {
  summary: string;
  usage: string;
  options?: readonly OptionSpec[];
  run: (operation: Operation) => number | Promise<number>;
}

/** Bad request or usage, as everywhere in sharewright. */
export const badRequest = 2;

/** A sentence for people and the exit code. */
export class Refusal extends Error {
  constructor(
    message: string,
    readonly exit = badRequest,
  ) {
    super(message);
  }
}

const defaultDirectory = ".sharewright-sandbox";

export function directoryOf({ io, parsed }: Operation): string {
  return resolve(io.cwd, lastValue(parsed, "dir") ?? io.env["SHAREWRIGHT_SANDBOX"] ?? defaultDirectory);
}

export function existingSandbox(operation: Operation): string {
  const dir = directoryOf(operation);
  if (!existsSync(join(dir, files.marker)))
    throw new Refusal(`${dir} is not a sandbox; \`sharewright sandbox start --dir ${dir}\` makes one`);
  return realpathSync(dir);
}
