// What holds at every moment, whoever is killed: looked at after every command that may change something.

import type { Volume as SeenVolume } from "../../../../src/backends/gluster/parse";
import { type ShareRecord, shareRecordOf, slotsOf } from "../../../../src/backends/gluster/records";
import { optionOf, type Volume } from "../../../../src/sandbox/gluster/state";
import type { GlusterSite } from "../site";

export interface Inspector {
  look(): void;
  /** Before content is deleted through a mount or from a brick. */
  beforeDeletion(text: string): void;
  /** What was found broken so far. */
  broken: string[];
}

/** `keeps`: volumes whose file "data" has to survive; shares that are being removed by `destroy` are none. */
export function inspector(site: GlusterSite, keeps: readonly string[]): Inspector {
  const broken: string[] = [];
  // What is nobody's before may hold data of somebody; what is given back may not.
  const foreign = new Set(site.volumes().flatMap(({ name }) => site.entries(name).map((entry) => `${name}/${entry}`)));
  const look = () => {
    const marked = site.volumes().map((volume) => ({ volume, record: recordOf(volume) }));
    const keys = marked.flatMap(({ record }) => (record ? [record.key] : []));
    if (new Set(keys).size !== keys.length) broken.push(`one share on two volumes: ${keys.join(" ")}`);
    for (const { volume, record } of marked) broken.push(...problemsOf(site, volume, record, foreign));
    for (const name of keeps) if (!site.entries(name).includes("data")) broken.push(`the data of ${name} is gone`);
  };
  const beforeDeletion = (text: string) => {
    for (const volume of site.volumes().filter(({ name }) => text.includes(`/${name}.`))) {
      const clients = site.state().mounts.filter((mount) => mount.volume === volume.name && mount.host === undefined);
      if (volume.status === "Started" && clients.length > 0)
        broken.push(`${volume.name} is emptied while ${clients.map(({ id }) => id).join(" ")} has it`);
    }
  };
  return { look, beforeDeletion, broken };
}

function recordOf(volume: Volume): ShareRecord | undefined {
  return shareRecordOf(asSeen(volume));
}

function asSeen({ name, options }: Volume): SeenVolume {
  return { name, options: Object.fromEntries(options) } as SeenVolume;
}

function problemsOf(site: GlusterSite, volume: Volume, record: ShareRecord | undefined, foreign: ReadonlySet<string>): string[] {
  const { name, status, servesTls } = volume;
  const isMarked = (optionOf(volume, "user.sharewright.share") ?? "NONE") !== "NONE";
  if (isMarked && !record) return status === "Created" ? [] : [`the clone ${name} was started with what it inherited`];
  if (!record) {
    const left = site
      .entries(name)
      .filter((entry) => !entry.startsWith(".sharewright-proof-") && !foreign.has(`${name}/${entry}`));
    return left.length === 0 ? [] : [`${name} was given back with ${left.join(" ")}`];
  }
  const rules = slotsOf(asSeen(volume), "rule").map((slot) => slot.name);
  const explained = new Set([...record.infrastructure, ...record.kept, ...rules]);
  const allowed = optionOf(volume, "auth.ssl-allow")?.split(",") ?? ["*"];
  const strangers = allowed.filter((one) => !explained.has(one));
  const isShut = ["leaving", "cut", "wiped", "retained", "trash"].includes(record.state) && rules.length > 0;
  const isOpen = status === "Started" && ["closed", "ready", "leaving", "cut"].includes(record.state) && !servesTls;
  return [
    ...(strangers.length > 0 ? [`${name} (${record.state}) lets in ${strangers.join(" ")}`] : []),
    ...(isShut ? [`${name} (${record.state}) still has rules: ${rules.join(" ")}`] : []),
    ...(isOpen ? [`${name} (${record.state}) runs without TLS`] : []),
  ];
}
