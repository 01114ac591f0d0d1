// volume create: what the command line checks, then what glusterd does (golden create-*, name-*).
import { type Answer, done, element, unanswered, usage } from "./answer";
import { busy, type Call, refusing, type Voice } from "./call";
import { brickPath, hasParent, isBrick, makeBrick } from "./files";
import { type Brick, type Cluster, findVolume, type Volume } from "./state";
import { usages } from "./texts";

const voice: Voice = { prefix: (name) => `volume create: ${name}: failed: `, namesBusy: true };

const reserved = ["volume", "type", "subvolumes", "option", "end-volume", "all", "volume_not_in_ring", "description", "force", "snap-max-hard-limit", "snap-max-soft-limit", "auto-delete", "activate-on-create"]; // biome-ignore format: a list of words
const longestName = 256;

/** Names that the command line turns away; undefined for those that it lets pass, the empty one among them. */
function nameProblem(name: string): string | undefined {
  if (name.startsWith("-") || name.includes("/")) return "";
  if (reserved.includes(name)) return `"${name}" cannot be the name of a volume.`;
  if (Buffer.byteLength(name) > longestName) return `Volume name exceeds ${longestName} characters.`;
  const bytes = Buffer.from(name);
  const bad = bytes.findIndex((byte) => !/[A-Za-z0-9_-]/.test(String.fromCharCode(byte)));
  if (bad < 0) return undefined;
  const character = bytes.subarray(bad, bad + 1).toString();
  return `Volume name should not contain "${character}" character.\nVolume names can onlycontain alphanumeric, '-' and '_' characters.`;
}

interface Layout {
  replica: number;
  arbiter: number;
  disperse: number;
  redundancy: number;
  transport: Volume["transport"];
  bricks: string[];
  force: boolean;
}

function readLayout(words: string[]): Layout | { problem: string } {
  const layout: Layout = { replica: 1, arbiter: 0, disperse: 0, redundancy: 0, transport: 0, bricks: [], force: false };
  const rest = [...words];
  if (rest.at(-1) === "force") layout.force = rest.pop() === "force";
  for (let word = rest[0]; word !== undefined; word = rest[0]) {
    if (word === "transport") layout.transport = ({ tcp: 0, rdma: 1 }[rest[1] ?? ""] as 0 | 1 | undefined) ?? 2;
    else if (word === "replica" || word === "arbiter" || word === "disperse" || word === "redundancy")
      layout[word] = Number(rest[1]);
    else break;
    rest.splice(0, 2);
  }
  layout.bricks = rest;
  if (layout.disperse > 0 && layout.redundancy === 0) layout.redundancy = 1;
  const problem = layoutProblem(layout);
  return problem === undefined ? layout : { problem };
}

function layoutProblem({ bricks, disperse }: Layout): string | undefined {
  if (bricks.length === 0) return "";
  const wrong = bricks.find((brick) => !/^[^:]+:\/|^\[?[0-9a-fA-F:]+\]?:\//.test(brick));
  if (wrong !== undefined) return `Wrong brick type: ${wrong}, use <HOSTNAME>:<export-dir-abs-path>`;
  if (bricks.some((brick) => /^(localhost|127\.0\.0\.1|0\.\d+\.\d+\.\d+):/.test(brick)))
    return "Please provide a valid hostname/ip other than localhost, 127.0.0.1 or loopback address (0.0.0.0 to 0.255.255.255).";
  const twice = bricks.find((brick, index) => bricks.indexOf(brick) !== index);
  if (twice !== undefined) return `Found duplicate exports ${twice}`;
  if (disperse > 0 && bricks.length % disperse !== 0) return "number of bricks is not a multiple of disperse count";
  return undefined;
}

export function create(call: Call, [name, ...words]: string[]): Answer {
  const problem = name === undefined ? "" : nameProblem(name);
  if (name === undefined || problem !== undefined) return usage(problem ?? "", usages.create);
  const layout = readLayout(words);
  if ("problem" in layout) return usage(layout.problem, usages.create);
  if (layout.replica === 2 && !layout.force && !call.isScript)
    return { ...unanswered(splitBrain), exit: 1, stderr: usage("", usages.create).stderr ?? "" };
  return busy(call, voice, name) ?? make(call, name, layout);
}

const splitBrain =
  "Replica 2 volumes are prone to split-brain. Use Arbiter or Replica 3 to avoid this. See: http://docs.gluster.org/en/latest/Administrator-Guide/Split-brain-and-ways-to-deal-with-it/.\nDo you still want to continue?\n";

function make(call: Call, name: string, layout: Layout): Answer {
  const { dir, isXml, cluster } = call;
  const refuse = refusing(call, voice, name);
  if (findVolume(cluster, name)) return refuse(`Volume ${name} already exists`, { errno: 0 });
  const bricks = layout.bricks.map((brick): Brick => {
    const at = brick.indexOf(":/");
    return { host: brick.slice(0, at), path: brick.slice(at + 1), isUp: false, bytes: cluster.brickBytes };
  });
  const problem = clusterProblem(call, name, layout, bricks);
  if (problem !== undefined) return refuse(problem);
  const reused = bricks.findLast((brick) => isBrick(brickPath(dir, cluster, brick)));
  for (const brick of bricks) makeBrick(brickPath(dir, cluster, brick));
  const { replica, arbiter, disperse, redundancy, transport } = layout;
  const id = crypto.randomUUID();
  const volume: Volume = { ...blank(name, id), replica, arbiter, disperse, redundancy, transport, bricks };
  volume.options = initialOptions(volume);
  addVolume(cluster, volume);
  return done(isXml, {
    text: `volume create: ${name}: success: please start the volume to access data\n`,
    opErrstr: reused === undefined ? "" : `${reused.path} is already part of a volume`,
    xml: [element("volCreate", [element("volume", [element("name", name), element("id", id)])])],
  });
}

function blank(name: string, id: string): Volume {
  const layout = { replica: 1, arbiter: 0, disperse: 0, redundancy: 0, transport: 0 } as const;
  return { name, id, status: "Created", bricks: [], ...layout, options: [], servesTls: false, snapLimit: 256 };
}

/** Volumes are listed in the order of their names. */
export function addVolume(cluster: Cluster, volume: Volume): void {
  cluster.volumes.push(volume);
  cluster.volumes.sort((a, b) => (a.name < b.name ? -1 : 1));
}

export function initialOptions({ replica }: Pick<Volume, "replica">): Volume["options"] {
  const always: Volume["options"] = [
    ["storage.fips-mode-rchecksum", "on"],
    ["transport.address-family", "inet"],
    ["nfs.disable", "on"],
  ];
  return replica > 1 ? [["cluster.granular-entry-heal", "on"], ...always, ["performance.client-io-threads", "off"]] : always;
}

/** The longest path that glusterd can keep a volume's files under. */
const longestVolumeFile = 245;

function clusterProblem(call: Call, name: string, layout: Layout, bricks: readonly Brick[]): string | undefined {
  const first = (look: (brick: Brick) => string | undefined) => bricks.map(look).find((problem) => problem !== undefined);
  const set = layout.disperse || layout.replica;
  return (
    first(({ host }) => hostProblem(call, host)) ??
    first((brick) => placeProblem(call, name, brick)) ??
    (!layout.force && sharesServer(bricks, set) ? advice(layout.disperse > 0 ? "disperse" : "replicate") : undefined) ??
    first((brick) => directoryProblem(call, layout.force, brick)) ??
    (bricks.length % set === 0 ? undefined : "Failed to create volume files")
  );
}

function hostProblem({ cluster }: Call, host: string): string | undefined {
  const server = cluster.servers.find((candidate) => candidate.host === host);
  if (!server) return `Host ${host} is not in 'Peer in Cluster' state`;
  return server.isUp ? undefined : `Host ${host} not connected`;
}

function placeProblem({ cluster }: Call, name: string, brick: Brick): string | undefined {
  const shown = `${brick.host}:${brick.path}`;
  if (name.length >= longestName) return `brick path ${shown} is too long.`;
  if (`${name}.${brick.host}${brick.path.replaceAll("/", "-")}.vol`.length > longestVolumeFile)
    return `Volume file path for volume ${name} and brick path ${shown} is too long.`;
  return overlaps(cluster, brick)
    ? `Brick: ${shown} not available. Brick may be containing or be contained by an existing brick.`
    : undefined;
}

function advice(kind: string): string {
  return `Multiple bricks of a ${kind} volume are present on the same server. This setup is not optimal. Bricks should be on different nodes to have best fault tolerant configuration. Use 'force' at the end of the command if you want to override this behavior. `;
}

function directoryProblem({ dir, cluster, server }: Call, force: boolean, brick: Brick): string | undefined {
  const where = brick.host === server.host ? "" : `Staging failed on ${brick.host}. Error: `;
  const shown = `${brick.host}:${brick.path}`;
  const path = brickPath(dir, cluster, brick);
  if (!hasParent(path)) return `${where}Failed to create brick directory for brick ${shown}. Reason : No such file or directory `;
  if (!force && cluster.onRoot)
    return `${where}The brick ${shown} is being created in the root partition. It is recommended that you don't use the system's root partition for storage backend. Or use 'force' at the end of the command if you want to override this behavior.`;
  return !force && isBrick(path) ? `${where}${brick.path} is already part of a volume` : undefined;
}

function overlaps({ volumes }: Cluster, { host, path }: Brick): boolean {
  const within = (inner: string, outer: string) => inner === outer || inner.startsWith(`${outer}/`);
  return volumes
    .flatMap(({ bricks }) => bricks)
    .some((brick) => brick.host === host && (within(path, brick.path) || within(brick.path, path)));
}

function sharesServer(bricks: readonly Brick[], set: number): boolean {
  if (set === 1) return false;
  return bricks.some(({ host }, index) => {
    const begin = index - (index % set);
    return bricks.slice(begin, index).some((other) => other.host === host);
  });
}
