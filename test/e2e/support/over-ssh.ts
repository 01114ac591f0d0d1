// The sandbox's hosts as users' code reaches them: client, MDS and MGS each behind an sshd, through a bastion, as a user with sudo.
import { Connection } from "../../../lib";
import type { SshConnectionSpec } from "../../../src/spec/connection";
import { startHosts } from "../../sshd/hosts";
import { userOf } from "../../sshd/rig";
import type { WorkbenchOptions } from "./terraform";

export const overSsh: NonNullable<WorkbenchOptions["reach"]> = async (sandbox) => {
  const { name: user } = userOf("sh");
  const { connections, stop } = await startHosts({ sandbox, user, sudo: ["sudo", "-n"], jump: true });
  const { client, mgs, mds } = connections;
  return {
    hosts: { client: connectionTo(client), mgs: connectionTo(mgs), mds: { connection: connectionTo(mds) } },
    stop,
  };
};

/** What a user writes for it. */
export function connectionTo({ type: _, jump, sudo, ...spec }: SshConnectionSpec): Connection {
  return Connection.ssh({
    ...(spec as Parameters<typeof Connection.ssh>[0]),
    ...(jump ? { jump: connectionTo(jump) } : {}),
    ...(sudo ? { sudo: { argv: sudo } } : {}),
  });
}
