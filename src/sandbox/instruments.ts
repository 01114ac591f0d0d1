// What can be switched on around every command: faults, the log, the watch. The file D/armed holds it all and exists only while
// something is on, so that plain use pays for one look at a file name.
import { appendFileSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import type { Context } from "./context";
import { type Command, type Fault, pickFault, withFault } from "./faults";
import { files, locked, replaceFile } from "./store";
import { after, before } from "./watch";
import type { Watch } from "./watch-rules";

export interface Instruments {
  /** Commands seen since the file was made. */
  counter: number;
  log: boolean;
  faults: Fault[];
  watch?: Watch;
}

export function readInstruments(dir: string): Instruments {
  try {
    return JSON.parse(readFileSync(join(dir, files.armed), "utf8")) as Instruments;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ENOENT") throw error;
    return { counter: 0, log: false, faults: [] };
  }
}

export function changeInstruments<T>(dir: string, change: (instruments: Instruments) => T): T {
  return locked(dir, () => {
    const instruments = readInstruments(dir);
    const result = change(instruments);
    const armed = instruments.log || instruments.watch !== undefined || instruments.faults.length > 0;
    if (armed) replaceFile(join(dir, files.armed), JSON.stringify(instruments));
    else rmSync(join(dir, files.armed), { force: true });
    return result;
  });
}

export async function runInstrumented(
  context: Context,
  command: Command,
  run: (context: Context) => Promise<number>,
): Promise<number> {
  const { dir } = context;
  const started = Date.now();
  const { n, fault, watch, log } = changeInstruments(dir, (instruments) => {
    instruments.counter++;
    return { ...instruments, n: instruments.counter, fault: pickFault(instruments.faults, command) };
  });
  const note = (exit: number) => {
    if (!log) return;
    const { pid, ppid } = context.io.process ?? process;
    const line = { n, host: context.host, tool: command.tool, argv: command.args, exit, ms: Date.now() - started, pid, ppid };
    appendFileSync(join(dir, files.log), `${JSON.stringify(line)}\n`);
  };
  const watched = async (runContext: Context) => {
    const seen = watch && before(runContext, command);
    const exit = await run(runContext);
    if (seen)
      changeInstruments(dir, (instruments) => instruments.watch && after(context, { n, ...command }, instruments.watch, seen));
    return exit;
  };
  return withFault(context, fault, watched, note);
}
