// sandbox gluster: what happens to servers and clusters without anybody's command.
import { glusterOf } from "../gluster/call";
import { findExport } from "../gluster/mount-tools";
import { isKnown } from "../gluster/option-table";
import { type Cluster, type Gluster, releases } from "../gluster/state";
import { existingSandbox, type OperatorCommand, Refusal } from "../operator";
import { changeState } from "../store";

type Action = (gluster: Gluster, words: readonly string[]) => void;

const actions: Readonly<Record<string, Action>> = {
  down: (gluster, [host]) => {
    serverNamed(gluster, host).isUp = false;
  },
  up: (gluster, [host]) => {
    const server = serverNamed(gluster, host);
    if (server.damage !== undefined) throw new Refusal(`glusterd of ${host} does not start: ${server.damage}`, 1);
    server.isUp = true;
    forgetUnknown(gluster.clusters.filter(({ servers }) => servers.includes(server)));
  },
  busy: (gluster, [name, count]) => {
    clusterNamed(gluster, name).busy = Number(count);
  },
  lvm: (gluster, [name, kind]) => {
    if (kind !== "thin" && kind !== "thick" && kind !== "none") throw new Refusal(`lvm ${kind}: thin, thick or none`);
    clusterNamed(gluster, name).lvm = kind;
  },
  release: (gluster, [name, release]) => {
    const found = releases.find((known) => known === release);
    if (!found) throw new Refusal(`release ${release}: ${releases.join(", ")}`);
    const cluster = clusterNamed(gluster, name);
    cluster.release = found;
    forgetUnknown([cluster]);
  },
  count: (gluster, [source = "", bytes = ""]) => {
    const volume = findExport(gluster, source)?.volume;
    if (!volume || !/^\d+$/.test(bytes))
      throw new Refusal(`count ${source} ${bytes}: as in gluster1-1:/pool-1-1G 17592186044415`);
    volume.counted = bytes;
  },
  brick: (gluster, [what, source = "", number]) => {
    const brick = findExport(gluster, source)?.volume.bricks[Number(number) - 1];
    if (!brick || (what !== "down" && what !== "up" && what !== "unlimit"))
      throw new Refusal(`brick ${what} ${source} ${number}: as in down gluster1-1:/pool-1-1G 2`);
    if (what === "unlimit") brick.hasLost = "limit";
    else brick.isUp = what === "up";
  },
};

export const gluster: OperatorCommand = {
  summary:
    "glusterd of a server down or up, a brick down or up or without its limit, what bricks count, other transactions in the way, what bricks lie on, which release",
  usage:
    "gluster down|up SERVER | brick down|up|unlimit SERVER:/VOLUME NUMBER | count SERVER:/VOLUME BYTES | busy CLUSTER COUNT | lvm CLUSTER thin|thick|none | release CLUSTER 10.3|11.1 [--dir DIRECTORY]",
  run: (operation) => {
    const [name = "", ...words] = operation.parsed.operands;
    const action = Object.hasOwn(actions, name) ? actions[name] : undefined;
    if (!action) throw new Refusal(`gluster ${name}: ${Object.keys(actions).join(", ")}`);
    changeState(existingSandbox(operation), (state) => action(glusterOf(state), words));
    return 0;
  },
};

/** What a glusterd reads from its store and does not know is gone, though new volumes begin with it: nfs.disable of 11.1 (seen with it). */
function forgetUnknown(clusters: readonly Cluster[]): void {
  for (const { release, volumes } of clusters)
    for (const volume of volumes) volume.options = volume.options.filter(([name]) => isKnown(release, name));
}

function clusterNamed({ clusters }: Gluster, name: string | undefined): Cluster {
  const found = clusters.find((cluster) => cluster.name === name);
  if (!found)
    throw new Refusal(`there is no cluster '${name}', only ${clusters.map((known) => known.name).join(", ") || "none"}`);
  return found;
}

function serverNamed({ clusters }: Gluster, host: string | undefined): Cluster["servers"][number] {
  const servers = clusters.flatMap((cluster) => cluster.servers);
  const found = servers.find((server) => server.host === host);
  if (!found) throw new Refusal(`there is no server '${host}', only ${servers.map((known) => known.host).join(", ") || "none"}`);
  return found;
}
