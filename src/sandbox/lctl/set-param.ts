// lctl set_param, at once or with -P for good (golden c005, d192 to d195, h003, i001, i002, q022 to q024, e011).
import type { Context } from "../context";
import { EINVAL, ENODEV, ENOENT, strerror } from "../errno";
import { has, parseOptions } from "../options";
import { applyParameter, forgetPersistent, setPersistent } from "../pending";
import { isTwoSixteen } from "../state";
import { maySteer } from "./failure";
import { matching, type Parameter, partsOf } from "./parameters";

export function setParam(context: Context, args: string[]): number {
  const parsed = parseOptions(args, [
    { name: "persistent", short: "P" },
    { name: "delete", short: "d" },
    { name: "quiet", short: "n" },
  ]);
  if (has(parsed, "persistent")) return setForGood(context, parsed.operands, has(parsed, "delete"));
  let exit = 0;
  for (const { name, value } of assignments(parsed.operands)) exit = setNow(context, name, value, has(parsed, "quiet")) || exit;
  return exit;
}

/** `NAME=VALUE ...` or `NAME VALUE`. */
function assignments(operands: readonly string[]): { name: string; value: string }[] {
  const [name = "", value = ""] = operands;
  if (operands.length === 2 && !name.includes("=")) return [{ name, value }];
  return operands.map((operand) => {
    const [left = "", ...right] = operand.split("=");
    return { name: left, value: right.join("=") };
  });
}

function setForGood(context: Context, operands: readonly string[], remove: boolean): number {
  if (!maySteer(context)) return notTheMgs(context, "executing set_param");
  context.change((state) => {
    for (const { name, value } of assignments(operands)) {
      if (remove) forgetPersistent(state, name);
      else setPersistent(state, name, value, Date.now());
    }
  });
  return 0;
}

export function notTheMgs(context: Context, what: string): number {
  context.out("Reader error: 'No devices found' at 0\n");
  context.err(
    `No device found for name MGS: ${strerror(EINVAL)}\nThis command must be run on the MGS.\nerror: ${what}: ${strerror(ENODEV)}\n`,
  );
  return ENODEV;
}

function setNow(context: Context, pattern: string, value: string, quiet: boolean): number {
  const found = matching(context, pattern);
  if (found.length === 0) {
    context.err(`error: set_param: param_path '${partsOf(pattern).join("/")}': ${strerror(ENOENT)}\n`);
    return ENOENT;
  }
  let exit = 0;
  for (const parameter of found) {
    if (!parameter.settable || context.uid !== 0) exit = refused(context, parameter, value);
    else set(context, parameter, value, quiet);
  }
  return exit;
}

function set(context: Context, { name }: Parameter, value: string, quiet: boolean): void {
  if (name.startsWith("nodemap.") && !isTwoSixteen(context.state())) {
    context.out(
      `Warning: The parameter '${partsOf(name).join("/")}' is deprecated. Please use "lctl nodemap_set_fileset" instead.\n`,
    );
  }
  context.change((state) => applyParameter(state, name, value));
  if (!quiet) context.out(`${name}=${value}\n`);
}

function refused(context: Context, { name }: Parameter, value: string): number {
  const path = partsOf(name).join("/");
  context.err(`error: set_param: setting /sys/kernel/debug/lustre/${path}=${value}: ${strerror(EINVAL)}\n`);
  context.err(`error: set_param: setting '${path}'='${value}': ${strerror(EINVAL)}\n`);
  return EINVAL;
}
