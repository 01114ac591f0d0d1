// lctl nodemap_banlist_add, nodemap_banlist_del: the only way to cut a mounted client off (golden d176 to d181, f038 to f041).
import type { Context } from "../context";
import { EEXIST, EINVAL, ENOENT } from "../errno";
import { contains, overlap, sameExtent } from "../nid-range";
import { findNodemap } from "../nodemaps";
import type { State } from "../state";
import { failed } from "./failure";
import { type RangeRequest, readRangeRequest } from "./ranges";

export function banlistAdd(context: Context, args: string[]): number {
  const command = "nodemap_banlist_add";
  const request = readRangeRequest(context, command, args);
  if (typeof request === "number") return request;
  return context.change((state) => {
    const errno = ban(state, request);
    return errno === 0 ? 0 : failed(context, command, errno);
  });
}

/** Within the nodemap's ranges; `default`, which has none, takes anything (golden d178, d179). */
function ban(state: State, { name, extent }: RangeRequest): number {
  const nodemap = findNodemap(state, name);
  if (!nodemap) return ENOENT;
  if (name !== "default" && !nodemap.ranges.some((range) => contains(range, extent))) return EINVAL;
  if (nodemap.banlist.some((range) => overlap(range, extent))) return EEXIST;
  nodemap.banlist.push({ id: state.nextBanId++, ...extent });
  return 0;
}

export function banlistDel(context: Context, args: string[]): number {
  const command = "nodemap_banlist_del";
  const request = readRangeRequest(context, command, args);
  if (typeof request === "number") return request;
  return context.change((state) => {
    const nodemap = findNodemap(state, request.name);
    if (!nodemap) return failed(context, command, ENOENT);
    const kept = nodemap.banlist.filter((range) => !sameExtent(range, request.extent));
    if (kept.length === nodemap.banlist.length) return failed(context, command, EINVAL);
    nodemap.banlist = kept;
    return 0;
  });
}
