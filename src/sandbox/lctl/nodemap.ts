// lctl nodemap_add, nodemap_del, nodemap_activate (golden d007 to d027, d183 to d208, e002, e003, e008).
import type { Context } from "../context";
import { EINVAL, ENAMETOOLONG, strerror } from "../errno";
import { addDynamicNodemap, addNodemap, findNodemap } from "../nodemaps";
import { has, lastValue, parseOptions } from "../options";
import { isTwoSixteen } from "../state";
import { failed, maySteer, misused, notOnMgs } from "./failure";

const longestName = 16;

/** Taken from the start: files beside the nodemaps in the same place are called so (golden d011, d023, d024). */
const reserved = ["", "active", "default"];

export function nodemapAdd(context: Context, args: string[]): number {
  const command = "nodemap_add";
  const parsed = parseOptions(args, [
    { name: "dynamic", short: "d", long: "dynamic" },
    { name: "parent", short: "p", long: "parent", argument: true },
    { name: "name", short: "n", long: "name", argument: true },
  ]);
  const name = lastValue(parsed, "name") ?? parsed.operands[0];
  const parent = lastValue(parsed, "parent") ?? "";
  const dynamic = has(parsed, "dynamic");
  if (name === undefined)
    return misused(context, command, isTwoSixteen(context.state()) ? "" : `${command}: missing nodemap name`);
  if (dynamic && parent === "") return misused(context, command, `${command}: missing parent for dynamic nodemap`);
  if (!dynamic && parent !== "") return misused(context, command, `${command}: invalid parent for non-dynamic nodemap`);
  if (!maySteer(context)) return misused(context, command, `${command}: non-dynamic nodemap only allowed on MGS node`);
  return context.change((state) => {
    if (reserved.includes(name) || findNodemap(state, name)) return alreadyThere(context, name);
    const parentNodemap = findNodemap(state, parent);
    if (dynamic && !parentNodemap) return unreasonable(context, command, `parent '${parent}' does not exist`);
    const errno = Buffer.byteLength(name) > longestName ? ENAMETOOLONG : /^\w+$/.test(name) ? 0 : EINVAL;
    if (errno !== 0) return failed(context, command, errno);
    if (parentNodemap) addDynamicNodemap(state, name, parentNodemap);
    else addNodemap(state, name);
    return 0;
  });
}

function alreadyThere(context: Context, name: string): number {
  if (!isTwoSixteen(context.state())) return unreasonable(context, "nodemap_add", `nodemap '${name}' already exists`);
  context.err(`error: ${name} existing nodemap name\n`);
  return 1;
}

export function nodemapDel(context: Context, args: string[]): number {
  const command = "nodemap_del";
  const parsed = parseOptions(args, [{ name: "name", short: "n", long: "name", argument: true }]);
  const name = lastValue(parsed, "name") ?? parsed.operands[0];
  if (name === undefined)
    return misused(context, command, isTwoSixteen(context.state()) ? "" : `${command}: missing nodemap name`);
  if (!maySteer(context)) return notThere(context, name);
  return context.change((state) => {
    if (name === "default") return failed(context, command, EINVAL);
    if (!findNodemap(state, name)) return notThere(context, name);
    state.nodemaps = state.nodemaps.filter((nodemap) => nodemap.name !== name && nodemap.parent !== name);
    return 0;
  });
}

/** Looked up by lctl itself, so a client, which sees no nodemaps, says it of every one (golden e003). */
function notThere(context: Context, name: string): number {
  if (!isTwoSixteen(context.state())) return unreasonable(context, "nodemap_del", `nodemap '${name}' does not exist`);
  context.err(`error: ${name} not existing nodemap name\n`);
  return 1;
}

function unreasonable(context: Context, command: string, reason: string): number {
  context.err(`error: ${reason}\n${command}: ${strerror(EINVAL)}\n`);
  return 1;
}

export function nodemapActivate(context: Context, args: string[]): number {
  const command = "nodemap_activate";
  const [value] = args;
  if (value === undefined) return misused(context, command, "");
  if (!maySteer(context)) return notOnMgs(context, command);
  if (value !== "0" && value !== "1") return failed(context, command, EINVAL);
  return context.change((state) => {
    state.nodemapActive = value === "1";
    return 0;
  });
}
