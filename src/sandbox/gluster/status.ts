// volume status [VOLUME [detail|quotad]] (status-*, three-status-*, brick-down-*).
import { type Answer, done, element, type Xml } from "./answer";
import { busy, type Call, type Refuse, refusing, type Voice } from "./call";
import { dataPath, usedBytes } from "./files";
import { isEnabled } from "./quota";
import { humanSize } from "./sizes";
import { type Brick, findVolume, type Volume } from "./state";

const voice: Voice = {
  prefix: () => "",
  namesBusy: true,
  xml: (why) => [element("cliOp", "volStatus"), element("output", why)],
};

export function status(call: Call, [name, what]: string[]): Answer {
  const refuse = refusing(call, voice, name ?? "all");
  const found = busy(call, voice, name ?? "all");
  if (found) return found;
  if (name === undefined || name === "all") return statusOfAll(call);
  const volume = findVolume(call.cluster, name);
  return problemOf(volume, name, what, refuse) ?? statusOf(call, volume ? [volume] : [], what);
}

function problemOf(volume: Volume | undefined, name: string, what: string | undefined, refuse: Refuse): Answer | undefined {
  if (!volume) return refuse(`Volume ${name} does not exist`);
  if (volume.status !== "Started") return refuse(`Volume ${name} is not started`);
  if (what === "quotad") return isEnabled(volume) ? undefined : refuse(`Volume ${name} does not have quota enabled`);
  return what === undefined || what === "detail" ? undefined : refuse(`No brick ${what} in volume ${name}`);
}

function statusOfAll(call: Call): Answer {
  const { volumes } = call.cluster;
  const stopped = volumes.filter((volume) => volume.status !== "Started");
  const answer = statusOf(
    call,
    volumes.filter((volume) => volume.status === "Started"),
  );
  if (call.isXml) return answer;
  return {
    ...answer,
    stdout: ` \n${answer.stdout ?? ""}`,
    stderr: stopped.map(({ name }) => `Volume ${name} is not started\n`).join(""),
  };
}

function statusOf(call: Call, volumes: readonly Volume[], what?: string): Answer {
  const xml = volumes.map((volume) => volumeXml(call, volume, what));
  return done(call.isXml, {
    text: volumes.map((volume) => (what === "detail" ? detailText(call, volume) : processText(call, volume, what))).join(""),
    xml: [element("volStatus", [element("volumes", xml)])],
  });
}

// ---- processes ---------------------------------------------------------------------------------------------------------------

interface Process {
  kind: "brick" | "Self-heal Daemon" | "Quota Daemon";
  host: string;
  /** A brick's directory; of a daemon the server, as the asked one calls it. */
  path: string;
  uuid: string;
  port?: number;
  pid?: number;
  brick?: Brick;
}

const firstPort = 49152;
const firstPid = 1001;

/** A server whose glusterd is down says nothing, though its bricks run. */
function processesOf({ cluster, server }: Call, volume: Volume): Process[] {
  const upServers = cluster.servers.filter(({ isUp }) => isUp);
  const number = cluster.volumes.indexOf(volume) * 100;
  const bricks = volume.bricks.flatMap((brick, index): Process[] => {
    const uuid = upServers.find(({ host }) => host === brick.host)?.uuid;
    if (uuid === undefined) return [];
    const running = brick.isUp ? { port: firstPort + number + index, pid: firstPid + number + index } : {};
    return [{ kind: "brick", host: brick.host, path: brick.path, uuid, brick, ...running }];
  });
  const ordered = [...upServers].sort((a, b) => Number(b === server) - Number(a === server));
  const daemons = (kind: Process["kind"], hosts: typeof ordered, first: number) =>
    hosts.map(
      ({ host, uuid }): Process => ({
        kind,
        host,
        path: uuid === server.uuid ? "localhost" : host,
        uuid,
        pid: first + cluster.servers.findIndex((one) => one.uuid === uuid),
      }),
    );
  const healing = volume.replica > 1 || volume.disperse > 0;
  return [
    ...bricks,
    ...(healing ? daemons("Self-heal Daemon", ordered, 501) : []),
    ...(isEnabled(volume) ? daemons("Quota Daemon", ordered, 601) : []),
  ];
}

/** Of those asked for. */
function shownOf(call: Call, volume: Volume, what?: string): Process[] {
  const kind = what === "detail" ? "brick" : what === "quotad" ? "Quota Daemon" : undefined;
  return processesOf(call, volume).filter((one) => kind === undefined || one.kind === kind);
}

const rule = `${"-".repeat(78)}\n`;
const nameWidth = 43;

function processText(call: Call, volume: Volume, what?: string): string {
  const rows = shownOf(call, volume, what).map((one) => {
    const name = one.kind === "brick" ? `Brick ${one.host}:${one.path}` : `${one.kind} on ${one.path}`;
    const pieces = name.match(new RegExp(`.{1,${nameWidth}}`, "g")) ?? [name];
    const last = pieces.pop() ?? "";
    const tcp = String(one.port ?? "N/A").padEnd(10);
    const rdma = (one.port === undefined ? "N/A" : "0").padEnd(11);
    const cells = `${tcp}${rdma}${(one.pid === undefined ? "N" : "Y").padEnd(8)}${String(one.pid ?? "N/A").padEnd(5)}`;
    return `${pieces.map((piece) => `${piece}\n`).join("")}${last.padEnd(nameWidth)} ${cells}\n`;
  });
  return `Status of volume: ${volume.name}
Gluster process                             TCP Port  RDMA Port  Online  Pid
${rule}${rows.join("")} \nTask Status of Volume ${volume.name}\n${rule}There are no active volume tasks\n \n`;
}

function volumeXml(call: Call, volume: Volume, what?: string): Xml {
  const isDetail = what === "detail";
  const all = shownOf(call, volume, what);
  const nodes = all.map((one) => {
    const port = one.port ?? "N/A";
    return element("node", [
      element("hostname", one.kind === "brick" ? one.host : one.kind),
      element("path", one.path),
      element("peerid", one.uuid),
      element("status", one.pid === undefined ? 0 : 1),
      element("port", port),
      element("ports", [element("tcp", port), element("rdma", "N/A")]),
      element("pid", one.pid ?? -1),
      ...(isDetail && one.brick ? detailXml(call, volume, one.brick) : []),
    ]);
  });
  const tasks = what === undefined ? [element("tasks")] : [];
  return element("volume", [element("volName", volume.name), element("nodeCount", nodes.length), ...nodes, ...tasks]);
}

// ---- what bricks lie on --------------------------------------------------------------------------------------------------------

const inodes = { total: 16777216, free: 16223697 };
const device = { path: "/dev/vdb", type: "xfs", options: "rw,relatime,attr2,inode64,logbufs=8,logbsize=32k,noquota" };

function spaceOf({ dir, cluster }: Call, volume: Volume, brick: Brick): { total: bigint; free: bigint } {
  const total = BigInt(brick.bytes);
  const used = usedBytes(dataPath(dir, cluster, volume));
  return { total, free: used > total ? 0n : total - used };
}

function detailXml(call: Call, volume: Volume, brick: Brick): Xml[] {
  const { total, free } = spaceOf(call, volume, brick);
  return [
    element("sizeTotal", String(total)),
    element("sizeFree", String(free)),
    element("device", device.path),
    element("blockSize", 4096),
    element("mntOptions", device.options),
    element("fsName", device.type),
    element("inodesTotal", inodes.total),
    element("inodesFree", inodes.free),
  ];
}

function detailText(call: Call, volume: Volume): string {
  const bricks = processesOf(call, volume).map((one) => {
    if (!one.brick) return "";
    const { total, free } = spaceOf(call, volume, one.brick);
    const lines: [string, string | number][] = [
      ["TCP Port", one.port ?? "N/A"],
      ["RDMA Port", one.port === undefined ? "N/A" : 0],
      ["Online", one.pid === undefined ? "N" : "Y"],
      ["Pid", one.pid ?? "N/A"],
      ["File System", device.type],
      ["Device", device.path],
      ["Mount Options", device.options],
      ["Inode Size", "N/A"],
      ["Disk Space Free", humanSize(free)],
      ["Total Disk Space", humanSize(total)],
      ["Inode Count", inodes.total],
      ["Free Inodes", inodes.free],
    ];
    const table = lines.map(([title, value]) => `${title.padEnd(20)} : ${String(value).padEnd(20)}\n`);
    return `${rule}${"Brick".padEnd(20)} : Brick ${one.host}:${one.path}\n${table.join("")}`;
  });
  return `Status of volume: ${volume.name}\n${bricks.join("")} \n`;
}
