// lctl nodemap_add_range, nodemap_del_range, nodemap_test_nid (golden d039 to d087, d186 to d188, g000 to g021, y467 to y571,
// e004, e009).
import type { Context } from "../context";
import { EEXIST, EINVAL, ENOENT, ERANGE } from "../errno";
import { contains, overlap, readNid, readNidRange, sameExtent } from "../nid-range";
import { nodemapOfNid } from "../nodemap-lookup";
import { findNodemap } from "../nodemaps";
import { lastValue, parseOptions } from "../options";
import { isTwoSixteen, type NidRange, type Nodemap, type State } from "../state";
import { failed, maySteer, misused, notOnMgs } from "./failure";

type Extent = Omit<NidRange, "id">;

export interface RangeRequest {
  name: string;
  text: string;
  extent: Extent;
}

export function addRange(context: Context, args: string[]): number {
  const command = "nodemap_add_range";
  const request = readRangeRequest(context, command, args);
  if (typeof request === "number") return request;
  return context.change((state) => {
    const errno = insert(state, request);
    return errno === 0 ? 0 : failed(context, command, errno, `cannot add range '${request.text}' to nodemap '${request.name}'`);
  });
}

/** A refused overlap has used up its id (golden d042 to d046); other refusals have not. */
function insert(state: State, { name, extent }: RangeRequest): number {
  const nodemap = findNodemap(state, name);
  if (!nodemap) return ENOENT;
  if (name === "default") return EINVAL; // golden d074
  const id = state.nextRangeId++;
  if (nodemap.parent !== "" && !isWithinParent(state, nodemap, extent)) return EINVAL; // golden d187
  const taken = state.nodemaps.some(
    (other) => other.name !== nodemap.parent && other.parent !== name && other.ranges.some((range) => overlap(range, extent)),
  );
  if (taken) return EEXIST;
  nodemap.ranges.push({ id, ...extent });
  return 0;
}

function isWithinParent(state: State, nodemap: Nodemap, extent: Extent): boolean {
  return findNodemap(state, nodemap.parent)?.ranges.some((range) => contains(range, extent)) ?? false;
}

export function delRange(context: Context, args: string[]): number {
  const command = "nodemap_del_range";
  const request = readRangeRequest(context, command, args);
  if (typeof request === "number") return request;
  return context.change((state) => {
    const nodemap = findNodemap(state, request.name);
    const kept = nodemap?.ranges.filter((range) => !sameExtent(range, request.extent));
    if (!nodemap || kept?.length === nodemap.ranges.length) {
      return failed(
        context,
        command,
        nodemap ? EINVAL : ENOENT,
        `cannot delete range '${request.text}' to nodemap '${request.name}'`,
      );
    }
    nodemap.ranges = kept ?? [];
    return 0;
  });
}

/** A number is the exit code of a request that came to nothing. */
export function readRangeRequest(context: Context, command: string, args: string[]): RangeRequest | number {
  const parsed = parseOptions(args, [
    { name: "name", short: "n", long: "name", argument: true },
    { name: "range", short: "r", long: "range", argument: true },
  ]);
  const name = lastValue(parsed, "name");
  const text = lastValue(parsed, "range");
  const twoSixteen = isTwoSixteen(context.state());
  if (name === undefined) return misused(context, command, twoSixteen ? "" : `${command}: missing nodemap name`);
  if (text === undefined) return misused(context, command, twoSixteen ? "" : `${command}: missing NID range`);
  const read = readNidRange(text, context.state().version);
  if ("extent" in read) return maySteer(context) ? { name, text, extent: read.extent } : notOnMgs(context, command);
  switch (read.wrong) {
    case "noncontiguous":
      if (twoSixteen) {
        context.err("error: nodemap_xxx_range: nodemap ranges must be contiguous\n"); // from sources
        return ERANGE;
      }
      return misused(context, command, "error: nodemap_xxx_range: nodemap ranges must be contiguous");
    case "unsupported":
      return misused(context, command, "error: nodemap_xxx_range: nid range uses currently unsupported features"); // golden y474
    case "range":
      return ERANGE; // without a word (golden m216lctl-007)
    case "kernel":
      return failed(context, command, EINVAL, `cannot add range '${text}' to nodemap '${name}'`);
    case "grammar": {
      const said = twoSixteen ? `can't parse nidrange: "${text}"` : read.said;
      const verdict = `error: nodemap_xxx_range: can't parse nid range: ${text}`;
      return misused(context, command, said === "" ? verdict : `${said}\n${verdict}`);
    }
  }
}

export function testNid(context: Context, args: string[]): number {
  const command = "nodemap_test_nid";
  if (!maySteer(context)) return notOnMgs(context, command);
  const nid = readNid(args[0] ?? "");
  if (!nid) return failed(context, command, EINVAL);
  context.out(`${nodemapOfNid(context.state(), nid).name}\n`);
  return 0;
}
