// What lctl 2.17.0 warns of: ids that the offset of a nodemap does not map (golden y042 to y056, y104, y443, y459, y592).
import type { Context } from "../context";
import { ENOENT } from "../errno";
import { findNodemap } from "../nodemaps";

/** lctl reads the parameter `offset`; where there is none, as of `default`, it takes the error for the limit. */
function offsetLimit(context: Context, name: string): number {
  const nodemap = context.sight.nodemaps && name !== "default" ? findNodemap(context.state(), name) : undefined;
  return nodemap ? nodemap.offset.limit : -ENOENT;
}

/** `what`: "have a squash value" or "map an id". */
export function warnOutsideOffset(context: Context, name: string, id: string, what: string): void {
  const limit = offsetLimit(context, name);
  const value = Number.parseInt(id, 10) | 0; // an int
  if (Number.isNaN(Number.parseInt(id, 10)) || limit === 0 || value < limit) return;
  context.err(
    `Warning: it is not recommended to ${what} outside of the offset range [ 0, ${limit - 1} ] as it will not be mapped properly.\n`,
  );
}
