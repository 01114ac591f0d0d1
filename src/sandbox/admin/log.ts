// sandbox log on|off|clear|show: one line of JSON for every command, in D/log.ndjson.
import { readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { changeInstruments } from "../instruments";
import { existingSandbox, type OperatorCommand, Refusal } from "../operator";
import { files } from "../store";

export const log: OperatorCommand = {
  summary: "log every command that meets the sandbox, with its exit code and time",
  usage: "log on|off|clear|show [--dir DIRECTORY]",
  run: (operation) => {
    const dir = existingSandbox(operation);
    const [action = "show"] = operation.parsed.operands;
    if (action === "clear") rmSync(join(dir, files.log), { force: true });
    else if (action === "show") operation.io.stdout(readText(join(dir, files.log)));
    else if (action === "on" || action === "off") {
      changeInstruments(dir, (instruments) => {
        instruments.log = action === "on";
      });
    } else throw new Refusal(`log ${action}: on, off, clear or show`);
    return 0;
  },
};

export function readText(path: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return "";
  }
}
