// pool list, peer status, system:: uuid get: the server that is asked calls itself localhost and comes last (golden three-pool-list).
import { type Answer, done, element, type Xml } from "./answer";
import type { Call } from "./call";
import type { Server } from "./state";

export function poolList(call: Call): Answer {
  const { isXml, server } = call;
  const rows = [...peersOf(call).map((peer) => ({ ...peer, name: peer.host })), { ...server, name: "localhost" }];
  const width = Math.max(...rows.map(({ name }) => name.length));
  const lines = rows.map(({ uuid: id, name, isUp }) => `${id}\t${name.padEnd(width)}\t${isUp ? "Connected" : "Disconnected"} \n`);
  const self = element("peer", [element("uuid", server.uuid), element("hostname", "localhost"), element("connected", 1)]);
  return done(isXml, {
    // the heading has a blank where the longest name ends
    text: `UUID\t\t\t\t\t${"Hostname".padEnd(Math.max(width, 9))}\tState\n${lines.join("")}`,
    xml: [element("peerStatus", [...peersOf(call).map(peerXml), self])],
  });
}

export function peerStatus(call: Call): Answer {
  const peers = peersOf(call);
  const texts = peers.map(
    ({ host, uuid: id, isUp }) =>
      `\nHostname: ${host}\nUuid: ${id}\nState: Peer in Cluster (${isUp ? "Connected" : "Disconnected"})\n`,
  );
  return done(call.isXml, {
    text: `Number of Peers: ${peers.length}\n${texts.join("")}`,
    xml: [element("peerStatus", peers.map(peerXml))],
  });
}

export function uuid({ isXml, server }: Call): Answer {
  return done(isXml, { text: `UUID: ${server.uuid}\n`, xml: [element("uuidGenerate", [element("uuid", server.uuid)])] });
}

function peersOf({ cluster, server }: Call): Server[] {
  return cluster.servers.filter(({ uuid: id }) => id !== server.uuid);
}

function peerXml({ uuid: id, host, isUp }: Server): Xml {
  return element("peer", [
    element("uuid", id),
    element("hostname", host),
    element("hostnames", [element("hostname", host)]),
    element("connected", isUp ? 1 : 0),
    element("state", 3),
    element("stateStr", "Peer in Cluster"),
  ]);
}
