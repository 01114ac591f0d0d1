// volume info, volume list.
import { type Answer, done, element, errno, escapeXml, raw, refused, usage, type Xml } from "./answer";
import type { Call } from "./call";
import { type Brick, type Cluster, statuses, type Volume } from "./state";
import { usages } from "./texts";

export function list({ isXml, cluster }: Call): Answer {
  const names = cluster.volumes.map(({ name }) => name);
  return done(isXml, {
    text: names.length === 0 ? "No volumes present in cluster\n" : names.map((name) => `${name}\n`).join(""),
    xml: [element("volList", [element("count", names.length), ...names.map((name) => element("volume", name))])],
  });
}

/** Names longer than this the command line itself turns away (golden info-too-long). */
const longestName = 255;

export function info({ isXml, cluster }: Call, [name, ...more]: string[]): Answer {
  if (more.length > 0) return usage("", usages.info);
  if (name !== undefined && name.length > longestName)
    return { exit: 1, stdout: "Invalid volume name\nGetting Volume information failed!\n" };
  const volumes = cluster.volumes.filter((volume) => name === undefined || name === "all" || volume.name === name);
  if (volumes.length === 0 && name !== undefined && name !== "all")
    return refused(isXml, {
      why: "Volume does not exist",
      errno: errno.noVolume,
      stderr: `Volume ${name} does not exist\n`,
      xml: [volInfo([])],
    });
  if (volumes.length === 0 && !isXml) return { exit: 0, stderr: "No volumes present\n" };
  return done(isXml, {
    text: volumes.map((volume) => plain(cluster, volume)).join(""),
    xml: [volInfo(volumes.map((volume) => volumeXml(cluster, volume)))],
  });
}

function volInfo(volumes: readonly Xml[]): Xml {
  return element("volInfo", [element("volumes", [...volumes, element("count", volumes.length)])]);
}

function setSize({ replica, disperse }: Volume): number {
  return disperse || replica;
}

function distribution(volume: Volume): number {
  return volume.bricks.length / setSize(volume);
}

/** Numbers as glusterd has them: its types and what they are called. */
function typeOf(volume: Volume): { number: number; name: string } {
  const isDistributed = distribution(volume) > 1;
  if (volume.disperse > 0) return isDistributed ? { number: 9, name: "Distributed-Disperse" } : { number: 4, name: "Disperse" };
  if (volume.replica > 1) return isDistributed ? { number: 7, name: "Distributed-Replicate" } : { number: 2, name: "Replicate" };
  return { number: 0, name: "Distribute" };
}

const transports = ["tcp", "rdma", "tcp,rdma"] as const;

function bricksText(volume: Volume): string {
  const { bricks, replica, arbiter, disperse, redundancy } = volume;
  if (replica === 1 && disperse === 0) return String(bricks.length);
  const set =
    disperse > 0 ? `(${disperse - redundancy} + ${redundancy})` : arbiter > 0 ? `(${replica - arbiter} + ${arbiter})` : replica;
  return `${distribution(volume)} x ${set} = ${bricks.length}`;
}

function isArbiter({ arbiter, replica }: Volume, index: number): boolean {
  return arbiter > 0 && index % replica === replica - 1;
}

export function snapshotsOf({ snapshots }: Cluster, volume: string): Cluster["snapshots"] {
  return snapshots.filter(({ origin }) => origin === volume);
}

function plain(cluster: Cluster, volume: Volume): string {
  const lines = [
    " ",
    `Volume Name: ${volume.name}`,
    `Type: ${typeOf(volume).name}`,
    `Volume ID: ${volume.id}`,
    `Status: ${volume.status}`,
    `Snapshot Count: ${snapshotsOf(cluster, volume.name).length}`,
    `Number of Bricks: ${bricksText(volume)}`,
    `Transport-type: ${transports[volume.transport]}`,
    "Bricks:",
    ...volume.bricks.map(
      ({ host, path }, index) => `Brick${index + 1}: ${host}:${path}${isArbiter(volume, index) ? " (arbiter)" : ""}`,
    ),
    "Options Reconfigured:",
    ...volume.options.map(([name, value]) => `${name}: ${value}`),
  ];
  return lines.map((line) => `${line}\n`).join("");
}

function volumeXml(cluster: Cluster, volume: Volume): Xml {
  const { number, name } = typeOf(volume);
  return element("volume", [
    element("name", volume.name),
    element("id", volume.id),
    element("status", statuses.indexOf(volume.status)),
    element("statusStr", volume.status),
    element("snapshotCount", snapshotsOf(cluster, volume.name).length),
    element("brickCount", volume.bricks.length),
    element("distCount", distribution(volume)),
    element("replicaCount", volume.replica),
    element("arbiterCount", volume.arbiter),
    element("disperseCount", volume.disperse),
    element("redundancyCount", volume.redundancy),
    element("type", number),
    element("typeStr", name),
    element("transport", volume.transport),
    element(
      "bricks",
      volume.bricks.map((brick, index) => brickXml(cluster, brick, isArbiter(volume, index))),
    ),
    element("optCount", volume.options.length),
    element(
      "options",
      volume.options.map(([option, value]) => element("option", [element("name", option), element("value", value)])),
    ),
  ]);
}

function brickXml({ servers }: Cluster, { host, path }: Brick, arbiter: boolean): Xml {
  const uuid = servers.find((server) => server.host === host)?.uuid ?? "";
  const place = escapeXml(`${host}:${path}`);
  return raw(
    `<brick uuid="${uuid}">${place}<name>${place}</name><hostUuid>${uuid}</hostUuid><isArbiter>${arbiter ? 1 : 0}</isArbiter></brick>`,
  );
}
