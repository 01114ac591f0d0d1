// What will be seen when the steps of an apply have done what they say. Pure.

import type { Command } from "../../../core/command";
import type { Step } from "../../../core/plan";
import { defined } from "../../../spec/defined";
import type { Volume } from "../parse";
import { slotsOf } from "../records";
import { recordWithServers } from "../volume/options";
import { hasQuota } from "./observe";
import type { Seen, SeenMarked, SeenOrigin } from "./seen";

export function afterStep(seen: Seen, { commands }: Step): Seen {
  return commands.reduce<Seen>((now, command) => ("from" in now ? afterOrigin(now, command) : afterMarked(now, command)), seen);
}

function afterOrigin(seen: SeenOrigin, command: Command): Seen {
  if (seen.from === "clone") {
    const [what, verb] = wordsOf(command);
    if (what === "snapshot" && verb === "activate") return { ...seen, active: true };
    const parent = afterCommand(seen.parent, command);
    if (parent !== seen.parent) return { ...seen, parent };
  }
  const volume = seen.volume ? afterCommand(seen.volume, command) : born(seen, command);
  if (!volume || volume === seen.volume) return seen;
  const record = recordWithServers(volume, seen.cluster.spec);
  if (!record) return { ...seen, volume };
  const marked: SeenMarked = { cluster: seen.cluster, volume, record };
  const [slot] = seen.from === "clone" ? slotsOf(seen.parent, "clone").filter(({ key }) => key === record.key) : [];
  const cloning = seen.from === "clone" && slot ? { cloning: { parent: seen.parent, slot, active: seen.active } } : {};
  if (seen.from !== "pool") return { ...marked, ...cloning, isNew: true };
  return { ...marked, proof: { limit: "not set", untouched: true, bricks: seen.bricks } };
}

function born(seen: SeenOrigin, command: Command): Volume | undefined {
  const [what, verb, name = ""] = wordsOf(command);
  if (seen.from === "made" && verb === "create") return { ...blank(name), bricks: seen.bricks };
  // It has the options of its parent, but is without quota.
  if (seen.from === "clone" && what === "snapshot" && verb === "clone")
    return { ...withOptions(seen.parent, { "features.quota": "off" }), ...created(name), snapshots: 0 };
  return undefined;
}

const created = (name: string) => ({ name, id: "", status: "created" as const });

function blank(name: string): Volume {
  return {
    ...created(name),
    snapshots: 0,
    replica: 1,
    arbiter: 0,
    disperse: 0,
    redundancy: 0,
    bricks: [],
    members: [],
    options: {},
  };
}

function afterMarked(seen: SeenMarked, command: Command): SeenMarked {
  if (seen.cloning) {
    const { cloning, ...tidied } = seen;
    if (afterCommand(cloning.parent, command) !== cloning.parent) return { ...tidied, isNew: true };
  }
  if (!seen.volume) return seen;
  const { record: _, ...rest } = withBrickLimit(afterLimit(seen, command), command);
  const volume = afterCommand(seen.volume, command);
  const record = recordWithServers(volume, seen.cluster.spec);
  return { ...rest, volume, ...defined({ record }) };
}

/** Of a volume that is stopped, or that its servers cannot mount, gluster tells no limit: once it runs that is what its bricks have. */
function withBrickLimit(seen: SeenMarked, command: Command): SeenMarked {
  const { volume, record, quota, brickLimits } = seen;
  if (wordsOf(command)[1] !== "start" || quota || !volume || !hasQuota(volume) || !record?.shown) return seen;
  const [limit] = volume.bricks.flatMap((brick) => (brickLimits?.has(brick) ? [brickLimits.get(brick)] : [record.size]));
  return { ...seen, quota: { limit, used: 0n } };
}

/** What gluster tells of the limit, of the share or of what is not shown yet. */
function afterLimit(seen: SeenMarked, command: Command): SeenMarked {
  const [, verb, , what, , bytes = ""] = wordsOf(command);
  if (verb !== "quota" || what === "enable") return seen;
  const { quota, uncounted: _, brickLimits: __, ...rest } = seen;
  const limit = what === "limit-usage" ? { limit: BigInt(bytes), used: quota ? quota.used : 0n } : undefined;
  const proof = seen.proof ? { proof: { ...seen.proof, limit: limit ?? ("unknown" as const) } } : {};
  return { ...rest, ...proof, ...defined({ quota: limit }) };
}

/** The same object where the command is not about the volume. */
export function afterCommand(volume: Volume, command: Command): Volume {
  const [what, verb, name, ...words] = wordsOf(command);
  if (what !== "volume" || name !== volume.name) return volume;
  switch (verb) {
    case "set":
      return withOptions(volume, Object.fromEntries(words.flatMap((word, at) => (at % 2 === 0 ? [[word, words[at + 1]]] : []))));
    case "reset":
      return withOptions(volume, { [words[0] ?? ""]: undefined });
    case "start":
      return { ...volume, status: "started" };
    case "stop":
      return { ...volume, status: "stopped" };
    case "quota":
      if (words[0] === "enable") return withOptions(volume, { "features.quota": "on" });
      if (words[0] === "limit-usage") return { ...volume };
      return withOptions(volume, {
        "features.quota": "off",
        "features.hard-timeout": undefined,
        "features.soft-timeout": undefined,
      });
    default:
      throw new Error(`not foreseen: ${command.argv.join(" ")}`);
  }
}

function withOptions(volume: Volume, options: Readonly<Record<string, string | undefined>>): Volume {
  const all = Object.entries({ ...volume.options, ...options });
  return { ...volume, options: Object.fromEntries(all.filter((entry): entry is [string, string] => entry[1] !== undefined)) };
}

/** Without the tool's own options; of another tool none. */
function wordsOf({ argv: [tool, ...words] }: Command): string[] {
  return tool === "gluster" ? words.filter((word) => !word.startsWith("--")) : [];
}
