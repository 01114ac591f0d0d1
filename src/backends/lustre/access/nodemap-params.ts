// What `lctl get_param` says, nodemap by nodemap where it speaks of nodemaps. Of thousands of lines most say of the next nodemap what the line before
// has said of its own: these are neither matched nor kept. Pure.
import { eachParam, type ParamReader } from "../parse-params";
import { nodemapProperties, propertyIn } from "./nodemap-properties";

export interface NodemapParams {
  /** As printed, what is each nodemap's own. */
  id: string | undefined;
  ranges: string | undefined;
  fileset: string | undefined;
  banlist: string | undefined;
  /** By the names of nodemap-properties.ts. Nodemaps that have the same share one map. */
  properties: ReadonlyMap<string, string>;
}

export interface Said {
  /** All but those of nodemaps, by their full names; one that a host does not have is left out. */
  params: ReadonlyMap<string, string>;
  nodemaps: ReadonlyMap<string, NodemapParams>;
}

const ofItsOwn = ["id", "ranges", "fileset", "banlist"];
const all = [...ofItsOwn, ...nodemapProperties.map(({ parameter }) => parameter)];
const places = new Map(all.map((parameter, place) => [parameter, place]));
/** For parameters that nobody wants to know. */
const elsewhere = all.length;

interface Nodemap {
  name: string;
  /** What its lines begin with: "nodemap.NAME". */
  start: string;
  values: (string | undefined)[];
  /** The one behind it: all parameters list them in one order. */
  next?: Nodemap;
}

const prefix = "nodemap.";

/** The nodemap of a name, behind those that are listed already. */
function listedIn(nodemaps: Map<string, Nodemap>): (name: string) => Nodemap {
  let last: Nodemap | undefined;
  return (name) => {
    const known = nodemaps.get(name);
    if (known) return known;
    const added: Nodemap = { name, start: `${prefix}${name}`, values: new Array(all.length + 1).fill(undefined) };
    if (last) last.next = added;
    last = added;
    nodemaps.set(name, added);
    return added;
  };
}

export function paramsIn(text: string): Said {
  const params = new Map<string, string>();
  const nodemaps = new Map<string, Nodemap>();
  const nodemapOf = listedIn(nodemaps);
  // What the last line with a name was about; of a nodemap, `rest` is what stood behind its name: ".PARAMETER=VALUE\n".
  let [param, nodemap, place]: [string, Nodemap | undefined, number] = ["", undefined, elsewhere];
  let [value, rest] = ["", ""];
  const reader: ParamReader = {
    skip(from, at) {
      const next = nodemap?.next;
      if (!next || !from.startsWith(next.start, at) || !from.startsWith(rest, at + next.start.length)) return 0;
      nodemap = next;
      next.values[place] = value;
      return next.start.length + rest.length;
    },
    begin(name, beginning) {
      const end = name.startsWith(prefix) ? name.indexOf(".", prefix.length) : -1;
      [param, value, rest] = [name, beginning, `${name.slice(end)}=${beginning}\n`];
      nodemap = end < 0 ? undefined : nodemapOf(name.slice(prefix.length, end));
      place = places.get(name.slice(end + 1)) ?? elsewhere;
      if (nodemap) nodemap.values[place] = value;
      else params.set(param, value);
    },
    more(lines) {
      if (nodemap) nodemap.values[place] += `\n${lines}`;
      else params.set(param, `${params.get(param)}\n${lines}`);
    },
  };
  eachParam(text, reader);
  return { params, nodemaps: finished(nodemaps) };
}

function finished(nodemaps: ReadonlyMap<string, Nodemap>): Said["nodemaps"] {
  const shared = new Map<string, ReadonlyMap<string, string>>();
  const told = new Map<string, NodemapParams>();
  let [before, properties]: [Nodemap | undefined, ReadonlyMap<string, string>] = [undefined, new Map()];
  for (const nodemap of nodemaps.values()) {
    const { name, values } = nodemap;
    if (!before || !haveSame(before, nodemap)) {
      const others = values.slice(ofItsOwn.length, elsewhere);
      const text = JSON.stringify(others);
      properties = shared.get(text) ?? propertiesOf(others);
      shared.set(text, properties);
    }
    before = nodemap;
    told.set(name, { id: values[0], ranges: values[1], fileset: values[2], banlist: values[3], properties });
  }
  return told;
}

function haveSame(some: Nodemap, other: Nodemap): boolean {
  for (let place = ofItsOwn.length; place < elsewhere; place += 1) if (some.values[place] !== other.values[place]) return false;
  return true;
}

function propertiesOf(values: readonly (string | undefined)[]): Map<string, string> {
  return new Map(
    nodemapProperties.flatMap(({ name }, index): [string, string][] => {
      const value = values[index];
      return value === undefined ? [] : [[name, propertyIn(value)]];
    }),
  );
}
