// The sandbox's hosts as users' code reaches them: client, MDS and MGS each behind an sshd.
import { Connection } from "../../../lib";
import type { SshConnectionSpec } from "../../../src/spec/connection";
import { type HostsOptions, startHosts } from "../../sshd/hosts";
import { userOf } from "../../sshd/rig";
import type { WorkbenchOptions } from "./terraform";

type Reach = NonNullable<WorkbenchOptions["reach"]>;

/** Through a bastion, as a user with sudo. */
export const overSsh: Reach = (sandbox) => {
  const { name: user } = userOf("sh");
  return reach({ sandbox, user, sudo: ["sudo", "-n"], jump: true });
};

/** As root. What is not about the way takes this one: sudo costs 11 ms of CPU a command. */
export const directlyOverSsh: Reach = (sandbox) => reach({ sandbox });

async function reach(options: HostsOptions): ReturnType<Reach> {
  const { connections, stop } = await startHosts(options);
  const { client, mgs, mds } = connections;
  return {
    hosts: { client: connectionTo(client), mgs: connectionTo(mgs), mds: { connection: connectionTo(mds) } },
    stop,
  };
}

/** What a user writes for it. */
export function connectionTo({ type: _, jump, sudo, ...spec }: SshConnectionSpec): Connection {
  return Connection.ssh({
    ...(spec as Parameters<typeof Connection.ssh>[0]),
    ...(jump ? { jump: connectionTo(jump) } : {}),
    ...(sudo ? { sudo: { argv: sudo } } : {}),
  });
}
