// lctl nodemap_add_idmap, nodemap_add_offset, nodemap_set_sepol, nodemap_set_cap: kept and shown, not applied to anyone
// (golden d166 to d182).
import type { Context } from "../context";
import { EEXIST, EINVAL, ENOENT } from "../errno";
import { findNodemap } from "../nodemaps";
import { lastValue, type OptionSpec, type Parsed, parseOptions } from "../options";
import type { Idmap, Nodemap } from "../state";
import { failed, maySteer, notOnMgs } from "./failure";

const nameOption = { name: "name", short: "n", long: "name", argument: true };

export const addIdmap = command("nodemap_add_idmap", ["idtype", "idmap"], (nodemap, parsed) => {
  const idmap = readIdmap(parsed);
  if (!idmap) return EINVAL;
  if (nodemap.idmap.some(({ type, client }) => type === idmap.type && client === idmap.client)) return EEXIST;
  nodemap.idmap.push(idmap);
  return 0;
});

export const delIdmap = command("nodemap_del_idmap", ["idtype", "idmap"], (nodemap, parsed) => {
  const idmap = readIdmap(parsed);
  if (!idmap) return EINVAL;
  nodemap.idmap = nodemap.idmap.filter(({ type, client }) => type !== idmap.type || client !== idmap.client);
  return 0;
});

export const addOffset = command("nodemap_add_offset", ["offset", "limit"], (nodemap, parsed) => {
  nodemap.offset = { start: Number(lastValue(parsed, "offset")), limit: Number(lastValue(parsed, "limit")) };
  return 0;
});

export const delOffset = command("nodemap_del_offset", [], (nodemap) => {
  nodemap.offset = { start: 0, limit: 0 };
  return 0;
});

/** `mode:name:ver:hash`; '' clears (golden d166, d168, d169). */
export const setSepol = command("nodemap_set_sepol", ["sepol"], (nodemap, parsed) => {
  const sepol = lastValue(parsed, "sepol") ?? "";
  if (sepol !== "" && !/^[01]:[^:]+:\d+:[0-9a-f]+$/.test(sepol)) return EINVAL;
  nodemap.sepol = sepol;
  return 0;
});

export const setCapabilities = command("nodemap_set_cap", ["caps", "type"], (nodemap, parsed) => {
  nodemap.capabilities = `type: ${lastValue(parsed, "type")}\ncaps: ${lastValue(parsed, "caps")}`;
  return 0;
});

function command(name: string, longs: readonly string[], change: (nodemap: Nodemap, parsed: Parsed) => number) {
  const options: OptionSpec[] = [nameOption, ...longs.map((long) => ({ name: long, long, argument: true }))];
  return (context: Context, args: string[]): number => {
    if (!maySteer(context)) return notOnMgs(context, name);
    const parsed = parseOptions(args, options);
    return context.change((state) => {
      const nodemap = findNodemap(state, lastValue(parsed, "name") ?? "");
      const errno = nodemap ? change(nodemap, parsed) : ENOENT;
      return errno === 0 ? 0 : failed(context, name, errno);
    });
  };
}

function readIdmap(parsed: Parsed): Idmap | undefined {
  const type = lastValue(parsed, "idtype") ?? "";
  const match = /^(\d+):(\d+)$/.exec(lastValue(parsed, "idmap") ?? "");
  return match && ["uid", "gid", "projid"].includes(type) ? { type, client: Number(match[1]), fs: Number(match[2]) } : undefined;
}
