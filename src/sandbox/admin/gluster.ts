// sandbox gluster: what happens to servers and clusters without anybody's command.
import { glusterOf } from "../gluster/call";
import { findExport } from "../gluster/mount-tools";
import type { Cluster, Gluster } from "../gluster/state";
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
  },
  busy: (gluster, [name, count]) => {
    clusterNamed(gluster, name).busy = Number(count);
  },
  lvm: (gluster, [name, kind]) => {
    if (kind !== "thin" && kind !== "thick" && kind !== "none") throw new Refusal(`lvm ${kind}: thin, thick or none`);
    clusterNamed(gluster, name).lvm = kind;
  },
  brick: (gluster, [what, source = "", number]) => {
    const brick = findExport(gluster, source)?.volume.bricks[Number(number) - 1];
    if (!brick || (what !== "down" && what !== "up"))
      throw new Refusal(`brick ${what} ${source} ${number}: as in down gluster1-1:/pool-1-1G 2`);
    brick.isUp = what === "up";
  },
};

export const gluster: OperatorCommand = {
  summary: "glusterd of a server down or up, a brick down or up, other transactions in the way, what bricks lie on",
  usage:
    "gluster down|up SERVER | brick down|up SERVER:/VOLUME NUMBER | busy CLUSTER COUNT | lvm CLUSTER thin|thick|none [--dir DIRECTORY]",
  run: (operation) => {
    const [name = "", ...words] = operation.parsed.operands;
    const action = Object.hasOwn(actions, name) ? actions[name] : undefined;
    if (!action) throw new Refusal(`gluster ${name}: ${Object.keys(actions).join(", ")}`);
    changeState(existingSandbox(operation), (state) => action(glusterOf(state), words));
    return 0;
  },
};

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
