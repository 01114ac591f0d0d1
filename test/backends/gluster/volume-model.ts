// A volume that does what the commands of a plan say, as far as plans can tell. Nothing is shared with the sandbox's gluster.

import type { Quota, Volume } from "../../../src/backends/gluster/parse";
import { shareRecordOf } from "../../../src/backends/gluster/records";
import type { SeenShare } from "../../../src/backends/gluster/share/observe";
import type { Command } from "../../../src/core/command";

export interface Model {
  volume: Volume;
  quota?: Quota | undefined;
}

export function seenIn({ volume, quota }: Model): SeenShare {
  const record = shareRecordOf(volume);
  const limited = volume.options["features.quota"] === "on" ? quota : undefined;
  return {
    volume,
    ...(record ? { record } : {}),
    ...(limited ? { quota: limited } : {}),
  };
}

/** The model after a command; throws for what glusterd would refuse. */
export function perform({ volume, quota }: Model, { argv }: Command): Model {
  const [, , , , verb, name, ...words] = argv;
  if (name !== volume.name) throw new Error(`not about ${volume.name}: ${argv.join(" ")}`);
  const withOptions = (options: Record<string, string | undefined>): Volume => ({
    ...volume,
    options: Object.fromEntries(
      Object.entries({ ...volume.options, ...options }).filter((entry): entry is [string, string] => entry[1] !== undefined),
    ),
  });
  switch (verb) {
    case "set":
      if (words.some((word) => word.endsWith("-timeout")) && volume.options["features.quota"] !== "on")
        throw new Error(`Enable quota first: ${argv.join(" ")}`);
      return {
        quota,
        volume: withOptions(Object.fromEntries(words.flatMap((word, at) => (at % 2 === 0 ? [[word, words[at + 1]]] : [])))),
      };
    case "reset":
      return { quota, volume: withOptions({ [words[0] ?? ""]: undefined }) };
    case "start":
      if (volume.status === "started" && words[0] !== "force") throw new Error("already started");
      return { quota, volume: { ...volume, status: "started" } };
    case "stop":
      return { quota, volume: { ...volume, status: "stopped" } };
    case "quota":
      return limit({ volume, quota }, words, withOptions);
    default:
      throw new Error(`not known: ${argv.join(" ")}`);
  }
}

function limit(
  { volume, quota }: Model,
  [what = "", ...words]: string[],
  withOptions: (options: Record<string, string | undefined>) => Volume,
): Model {
  if (volume.status !== "started") throw new Error("quota of a volume that is not started");
  const isOn = volume.options["features.quota"] === "on";
  if (isOn === (what === "enable")) throw new Error(`quota is ${isOn ? "on" : "off"}`);
  if (what === "enable") return { volume: withOptions({ "features.quota": "on" }) };
  if (what === "disable")
    return {
      volume: withOptions({ "features.quota": "off", "features.hard-timeout": undefined, "features.soft-timeout": undefined }),
    };
  if (what === "limit-usage") return { volume, quota: { used: quota?.used ?? 0n, limit: BigInt(words[1] ?? "") } };
  throw new Error(`not known: quota ${what}`);
}
