// Which nodemap a NID falls into.
import { covers, type Nid, readNid } from "./nid-range";
import { findNodemap } from "./nodemaps";
import type { Nodemap, State } from "./state";

/** A dynamic child's ranges lie within its parent's and win (golden d188). The local client, 0@lo, is where the server's NID is (f001). */
export function nodemapOfNid(state: State, nid: Nid): Nodemap {
  const asked = nid.net === "lo" ? (readNid(state.serverNid) ?? nid) : nid;
  const holders = state.nodemaps.filter(({ ranges }) => ranges.some((range) => covers(range, asked)));
  const holder = holders.find(({ parent }) => parent !== "") ?? holders[0] ?? findNodemap(state, "default");
  if (!holder) throw new Error("the sandbox's state lacks the nodemap `default`");
  return holder;
}

export function isBanned(nodemap: Nodemap, nid: Nid): boolean {
  return nodemap.banlist.some((range) => covers(range, nid));
}
