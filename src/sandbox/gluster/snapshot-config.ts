// snapshot config: limits and what happens on its own (snap-config-*).
import { type Answer, done, element, errno, snapshotRefusal } from "./answer";
import type { Call } from "./call";
import { type Cluster, findVolume } from "./state";

const hardLimit = 256;
const onOff = (isEnabled: boolean) => (isEnabled ? "enable" : "disable");
const soft = (limit: number) => Math.floor((limit * 90) / 100);
const command = "Snapshot Config ";

export function config(call: Call, words: string[]): Answer {
  const { isXml, cluster } = call;
  const [first, second, third] = words;
  if (first === undefined) return show(isXml, cluster);
  if (first === "auto-delete") return toggle(call, "autoDelete", first, second);
  if (first === "activate-on-create") return toggle(call, "activateOnCreate", first, second);
  const volume = findVolume(cluster, first);
  if (!volume) return snapshotRefusal(isXml, command, `Volume (${first}) does not exist.`, { errno: errno.noVolume });
  if (second !== "snap-max-hard-limit" || !/^\d+$/.test(third ?? "")) return show(isXml, cluster, first);
  volume.snapLimit = Number(third);
  return done(isXml, {
    text: `snapshot config: snap-max-hard-limit for ${first} set successfully\n`,
    xml: [element("snapConfig", [element("volumeConfig", [element("name", first), element("newHardLimit", volume.snapLimit)])])],
  });
}

function toggle({ isXml, cluster }: Call, key: "autoDelete" | "activateOnCreate", name: string, value = ""): Answer {
  const isEnabled = value === "enable";
  if (cluster[key] === isEnabled)
    return snapshotRefusal(isXml, command, `${name} is already ${onOff(isEnabled)}d`, { errno: errno.already });
  cluster[key] = isEnabled;
  return done(isXml, {
    text: `snapshot config: ${name} successfully set\n`,
    xml: [element("snapConfig", [element("systemConfig", [element(key, value)])])],
  });
}

function show(isXml: boolean, { volumes, autoDelete, activateOnCreate }: Cluster, name?: string): Answer {
  const shown = volumes.filter((volume) => name === undefined || volume.name === name);
  const blocks = shown.map(
    ({ name: volume, snapLimit }) =>
      `\nVolume : ${volume}\nsnap-max-hard-limit : ${snapLimit}\nEffective snap-max-hard-limit : ${snapLimit}\nEffective snap-max-soft-limit : ${soft(snapLimit)} (90%)\n`,
  );
  const system = [
    element("hardLimit", hardLimit),
    element("softLimit", "90%"),
    element("autoDelete", onOff(autoDelete)),
    element("activateOnCreate", onOff(activateOnCreate)),
  ];
  const each = shown.map(({ name: volume, snapLimit }) =>
    element("volume", [
      element("name", volume),
      element("hardLimit", snapLimit),
      element("effectiveHardLimit", snapLimit),
      element("softLimit", soft(snapLimit)),
    ]),
  );
  return done(isXml, {
    text: `\nSnapshot System Configuration:\nsnap-max-hard-limit : ${hardLimit}\nsnap-max-soft-limit : 90%\nauto-delete : ${onOff(autoDelete)}\nactivate-on-create : ${onOff(activateOnCreate)}\n\nSnapshot Volume Configuration:\n${blocks.join("")}`,
    xml: [element("snapConfig", [element("systemConfig", system), element("volumeConfig", each)])],
  });
}
