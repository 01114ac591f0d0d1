// lctl nodemap_add_offset, nodemap_del_offset: kept and shown, applied to nobody (golden d173 to d175, y451 to y462).
import type { Context } from "../context";
import { EINVAL, ENOENT, ERANGE, strerror } from "../errno";
import { findNodemap } from "../nodemaps";
import { lastValue, parseOptions } from "../options";
import type { State } from "../state";
import { maySteer, misused, refusedByKernel } from "./failure";

/** From here on the ids 65534 and 65535, nobody and squashed, are mapped as well. */
const recommended = 65536;

export function addOffset(context: Context, args: string[]): number {
  const command = "nodemap_add_offset";
  const parsed = parseOptions(args, [
    { name: "limit", short: "l", long: "limit", argument: true },
    { name: "name", short: "n", long: "name", argument: true },
    { name: "offset", short: "o", long: "offset", argument: true },
  ]);
  const name = lastValue(parsed, "name");
  const [start, limit] = ["offset", "limit"].map((word) => Number.parseInt(lastValue(parsed, word) ?? "", 10) || 0) as [
    number,
    number,
  ];
  if (name === undefined || start <= 0 || limit <= 0)
    return misused(context, command, `${command}: invalid nodemap '${name ?? "(null)"}' offset '(null)'`);
  if (start < recommended) warn(context, "an offset before");
  if (limit < recommended) warn(context, "a limit below");
  return context.change((state) => {
    const errno = maySteer(context) ? insert(state, name, start, limit) : EINVAL;
    if (errno === 0) return 0;
    if (maySteer(context)) refusedByKernel(context, command, errno);
    const why = errno === ERANGE ? " because it overlaps with existing offset" : "";
    context.err(`${command}: cannot set offset ${start}+${limit} to nodemap '${name}'${why}: ${strerror(errno)}\n`);
    return errno;
  });
}

function warn(context: Context, what: string): void {
  context.err(
    `Warning: it is not recommended to have ${what} ${recommended} as the nobody/squash ids will not be mapped properly.\n`,
  );
}

/** One offset a nodemap, and none that meets another's (golden y452 to y454). */
function insert(state: State, name: string, start: number, limit: number): number {
  const nodemap = findNodemap(state, name);
  if (!nodemap) return ENOENT;
  if (name === "default") return EINVAL; // from sources
  const meets = ({ offset }: (typeof state.nodemaps)[number]) =>
    offset.limit > 0 && start < offset.start + offset.limit && offset.start < start + limit;
  if (nodemap.offset.limit > 0 || state.nodemaps.some(meets)) return ERANGE;
  nodemap.offset = { start, limit };
  return 0;
}

export function delOffset(context: Context, args: string[]): number {
  const command = "nodemap_del_offset";
  const name = lastValue(parseOptions(args, [{ name: "name", short: "n", long: "name", argument: true }]), "name");
  if (name === undefined) return misused(context, command, `${command}: invalid nodemap '(null)' offset '(null)'`);
  return context.change((state) => {
    const nodemap = findNodemap(state, name);
    const errno = !maySteer(context) ? EINVAL : nodemap && nodemap.offset.limit > 0 ? 0 : ENOENT;
    if (errno === 0 && nodemap) {
      nodemap.offset = { start: 0, limit: 0 };
      return 0;
    }
    if (maySteer(context)) refusedByKernel(context, command, errno);
    context.err(`${command}: cannot del offset from nodemap '${name}': ${strerror(errno)}\n`);
    return errno;
  });
}
