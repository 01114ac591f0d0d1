// Which nodemap a NID falls into.
import { covers, isIpv6, type Nid, readNid } from "./nid-range";
import { findNodemap } from "./nodemaps";
import type { Nodemap, State } from "./state";

/**
 * A dynamic child's ranges lie within its parent's and win (golden d188). Of IPv6 prefixes that overlap the last one added wins (y553 to
 * y566). The local client, 0@lo, is where the server's NID is (f001).
 */
export function nodemapOfNid(state: State, nid: Nid): Nodemap {
  const asked = nid.net === "lo" ? (readNid(state.serverNid) ?? nid) : nid;
  const holders = state.nodemaps
    .flatMap((nodemap) => nodemap.ranges.filter((range) => covers(range, asked)).map((range) => ({ nodemap, range })))
    .sort((a, b) => (isIpv6(a.range) ? b.range.id - a.range.id : 0))
    .map(({ nodemap }) => nodemap);
  const holder = holders.find(({ parent }) => parent !== "") ?? holders[0] ?? findNodemap(state, "default");
  if (!holder) throw new Error("the sandbox's state lacks the nodemap `default`");
  return holder;
}

export function isBanned(nodemap: Nodemap, nid: Nid): boolean {
  return nodemap.banlist.some((range) => covers(range, nid));
}
