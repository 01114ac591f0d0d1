// The one place where ssh2 is loaded: only when a connection is made, after it has been taught host certificates, and only what is used of it. Its
// index brings a server and agents of HTTP along, which cost a hook more than all of the rest.
import type * as ssh2 from "ssh2";
import { moduleExports, teachHostCertificates } from "./ssh2-certificates";

export type Ssh2 = Pick<typeof ssh2, "Client" | "createAgent"> & { utils: Pick<typeof ssh2.utils, "parseKey"> };

let loading: Promise<Ssh2> | undefined;

export function loadSsh2(): Promise<Ssh2> {
  loading ??= load();
  return loading;
}

async function load(): Promise<Ssh2> {
  await teachHostCertificates();
  const Client = moduleExports<Ssh2["Client"]>(await import("ssh2/lib/client.js"));
  const { createAgent } = moduleExports<Pick<Ssh2, "createAgent">>(await import("ssh2/lib/agent.js"));
  const { parseKey } = moduleExports<Ssh2["utils"]>(await import("ssh2/lib/protocol/keyParser.js"));
  return { Client, createAgent, utils: { parseKey } };
}
