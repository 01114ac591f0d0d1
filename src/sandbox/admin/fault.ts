// sandbox fault set|clear|list: see faults.ts for what a fault does.
import { effects, type Fault } from "../faults";
import { changeInstruments, readInstruments } from "../instruments";
import { existingSandbox, type OperatorCommand, Refusal } from "../operator";

export const fault: OperatorCommand = {
  summary: "make a command, or its caller, suffer: fail, hang, garble, kill-caller, finish-later",
  usage: `fault set '{"match": "lfs setquota", "nth": 2, "when": "before|after", "do": "fail", "exit": 1, "stderr": "..."}' ... | clear | list`,
  run: (operation) => {
    const dir = existingSandbox(operation);
    const [action = "list", ...texts] = operation.parsed.operands;
    if (action === "set") {
      const faults = texts.map(readFault);
      changeInstruments(dir, (instruments) => instruments.faults.push(...faults));
    } else if (action === "clear") {
      changeInstruments(dir, (instruments) => {
        instruments.faults = [];
      });
    } else if (action === "list") {
      for (const known of readInstruments(dir).faults) operation.io.stdout(`${JSON.stringify(known)}\n`);
    } else throw new Refusal(`fault ${action}: set, clear or list`);
    return 0;
  },
};

const known = ["match", "nth", "when", "do", "repeat", "exit", "stderr", "delayMs"];

function readFault(text: string): Fault {
  let given: Partial<Fault>;
  try {
    given = JSON.parse(text) as Partial<Fault>;
  } catch {
    throw new Refusal(`not JSON: ${text}`);
  }
  const unknown = Object.keys(given).find((name) => !known.includes(name));
  if (unknown !== undefined) throw new Refusal(`a fault has no '${unknown}', only ${known.join(", ")}`);
  if (!effects.some((effect) => effect === given.do)) throw new Refusal(`"do" is one of ${effects.join(", ")}`);
  if (given.when !== undefined && given.when !== "before" && given.when !== "after")
    throw new Refusal(`"when" is before or after`);
  const defaults = {
    do: "fail",
    when: "before",
    nth: 1,
    repeat: false,
    exit: 1,
    stderr: "sandbox: fault",
    delayMs: 1500,
  } as const;
  return { ...defaults, ...given, seen: 0, fired: false };
}
