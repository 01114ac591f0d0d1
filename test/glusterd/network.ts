// Loopback addresses that no other cluster uses: node n of a cluster has 127.NETWORK.1.n.
import { once } from "node:events";
import { createServer } from "node:net";
import { takeDirectory } from "./leftovers";

const glusterdPort = 24007;

export interface Network {
  addressOf(node: number): string;
  directory: string;
}

/** The network's directory says that it is taken, also to other processes. */
export async function takeNetwork(): Promise<Network> {
  for (let tries = 0; tries < 250; tries += 1) {
    const network = 2 + ((process.pid + tries) % 250);
    const addressOf = (node: number) => `127.${network}.1.${node}`;
    if (!(await isFree(addressOf(1)))) continue; // a glusterd that is not of this rig
    const directory = takeDirectory(`127.${network}`);
    if (directory !== undefined) return { addressOf, directory };
  }
  throw new Error("no free network 127.x.1.0");
}

async function isFree(address: string): Promise<boolean> {
  const server = createServer().listen(glusterdPort, address);
  try {
    await once(server, "listening");
  } catch {
    return false;
  }
  server.close();
  await once(server, "close");
  return true;
}
