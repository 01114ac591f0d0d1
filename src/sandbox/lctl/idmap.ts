// lctl nodemap_add_idmap, nodemap_del_idmap, nodemap_test_id (golden d170 to d172, y424 to y450, y465, y585).
import { type IdType, mapId } from "../client-identity";
import type { Context } from "../context";
import { EEXIST, EINVAL, ENOENT } from "../errno";
import { readNid } from "../nid-range";
import { nodemapOfNid } from "../nodemap-lookup";
import { findNodemap } from "../nodemaps";
import { lastValue, parseOptions } from "../options";
import { type Idmap, isTwoSixteen, type Nodemap } from "../state";
import { failed, maySteer, misused, notOnMgs } from "./failure";
import { warnOutsideOffset } from "./offset-limit";

type Command = "nodemap_add_idmap" | "nodemap_del_idmap";

/** One pair into or out of a nodemap: an errno, 0 for done. */
type Change = (nodemap: Nodemap, pair: Idmap) => number;

/** Whoever had the same id on either side makes room, without a word (golden y427, y431). */
export const addIdmap = command("nodemap_add_idmap", (nodemap, pair) => {
  const { type, client, fs } = pair;
  if (nodemap.idmap.some((other) => other.type === type && other.client === client && other.fs === fs)) return EEXIST;
  const others = nodemap.idmap.filter((other) => other.type !== type || (other.client !== client && other.fs !== fs));
  nodemap.idmap = [...others, pair].sort((a, b) => idTypes.indexOf(a.type) - idTypes.indexOf(b.type) || a.client - b.client);
  return 0;
});

/** The id on the file system's side is not looked at (golden y445, y447). */
export const delIdmap = command("nodemap_del_idmap", (nodemap, { type, client }) => {
  const kept = nodemap.idmap.filter((other) => other.type !== type || other.client !== client);
  if (kept.length === nodemap.idmap.length) return EINVAL;
  nodemap.idmap = kept;
  return 0;
});

const idTypes: readonly string[] = ["uid", "gid", "projid"] satisfies IdType[];

function command(name: Command, change: Change): (context: Context, args: string[]) => number {
  return (context, args) => {
    const parsed = parseOptions(args, [
      { name: "idtype", short: "i", long: "idtype", argument: true },
      { name: "idmap", short: "m", long: "idmap", argument: true },
      { name: "name", short: "n", long: "name", argument: true },
    ]);
    const values = {
      "nodemap name": lastValue(parsed, "name"),
      "ID type": lastValue(parsed, "idtype"),
      "ID map": lastValue(parsed, "idmap"),
    };
    const missing = Object.entries(values).find(([, value]) => value === undefined);
    if (missing) return misused(context, name, `${name}: missing ${missing[0]}`);
    const [nodemapName = "", type = "", map = ""] = Object.values(values);
    if (!idTypes.includes(type)) return misused(context, name, `${name}: incorrect ID type, must be one of uid, gid, projid.`);
    const fs = map.split(":")[1];
    if (name === "nodemap_add_idmap" && fs !== undefined && !isTwoSixteen(context.state()))
      warnOutsideOffset(context, nodemapName, fs, "map an id");
    if (!maySteer(context)) return notOnMgs(context, name);
    return context.change((state) => {
      const pairs = readPairs(type, map);
      const nodemap = findNodemap(state, nodemapName);
      const errno = !pairs || nodemapName === "default" ? EINVAL : nodemap ? changeAll(nodemap, pairs, change) : ENOENT;
      return errno === 0 ? 0 : failed(context, name, errno, undefined, ioctlOf(name, type));
    });
  };
}

/** Up to the first that is refused (nodemap_add_idmap_range of 2.17.0). */
function changeAll(nodemap: Nodemap, pairs: readonly Idmap[], change: Change): number {
  for (const pair of pairs) {
    const errno = change(nodemap, pair);
    if (errno !== 0) return errno;
  }
  return 0;
}

const ioctls: Readonly<Record<Command, Readonly<Record<string, string>>>> = {
  nodemap_add_idmap: { uid: "000ce044", gid: "000ce046", projid: "000ce04a" },
  nodemap_del_idmap: { uid: "000ce045", gid: "000ce047", projid: "000ce04b" },
};

function ioctlOf(name: Command, type: string): string {
  return ioctls[name][type] ?? "";
}

/** `CLIENT[-CLIENT]:FS[-FS]`; both ranges as long, but the second may be left out (golden y432 to y434, y438 to y441). */
function readPairs(type: string, text: string): Idmap[] | undefined {
  const match = /^(\d+)(?:-(\d+))?:(\d+)(?:-(\d+))?$/.exec(text);
  if (!match) return undefined;
  const [client, fs] = [Number(match[1]), Number(match[3])];
  const count = Number(match[2] ?? client) - client + 1;
  if (count < 1 || (match[4] !== undefined && Number(match[4]) - fs + 1 !== count)) return undefined;
  return Array.from({ length: count }, (_, index) => ({ type, client: client + index, fs: fs + index }));
}

export function testId(context: Context, args: string[]): number {
  const command = "nodemap_test_id";
  const parsed = parseOptions(args, [
    { name: "nid", short: "n", long: "nid", argument: true },
    { name: "idtype", short: "t", long: "idtype", argument: true },
    { name: "id", short: "i", long: "id", argument: true },
  ]);
  const [nidText, type, id] = ["nid", "idtype", "id"].map((name) => lastValue(parsed, name));
  if (nidText === undefined || type === undefined || id === undefined) return misused(context, command, "");
  const nid = readNid(nidText);
  if (!maySteer(context) || !nid || !idTypes.includes(type)) return EINVAL; // without a word (golden y585)
  const state = context.state();
  const nodemap = state.nodemapActive ? nodemapOfNid(state, nid) : undefined;
  context.out(`${mapId(nodemap, type as IdType, Number(id))}\n`);
  return 0;
}
