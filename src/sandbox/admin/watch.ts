// sandbox watch on|off|report: checks the invariants of watch-rules.ts after every command.
import { rmSync } from "node:fs";
import { join } from "node:path";
import { changeInstruments } from "../instruments";
import { existingSandbox, type OperatorCommand, Refusal } from "../operator";
import { lastValue } from "../options";
import { files, readState } from "../store";
import { newWatch } from "../watch";
import { readText } from "./log";

export const watch: OperatorCommand = {
  summary: "check after every command that no invariant of safe sharing is broken",
  usage: "watch on [--ours sw_] [--foreign NODEMAP]... | off | report",
  options: [
    { name: "ours", long: "ours", argument: true },
    { name: "foreign", long: "foreign", argument: true },
  ],
  run: (operation) => {
    const dir = existingSandbox(operation);
    const { io, parsed } = operation;
    const [action = "report"] = parsed.operands;
    if (action === "report") {
      const text = readText(join(dir, files.violations));
      io.stdout(text || "no violations\n");
      return text === "" ? 0 : 1;
    }
    if (action !== "on" && action !== "off") throw new Refusal(`watch ${action}: on, off or report`);
    const foreign = parsed.given.filter(({ name }) => name === "foreign").map(({ value }) => value);
    if (action === "on") rmSync(join(dir, files.violations), { force: true });
    changeInstruments(dir, (instruments) => {
      if (action === "on") instruments.watch = newWatch(readState(dir), lastValue(parsed, "ours") ?? "sw_", foreign);
      else delete instruments.watch;
    });
    return 0;
  },
};
