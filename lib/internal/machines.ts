// Which machines a connection leads to, whoever logs in and whatever tools are used there.
import type { ConnectionSpec } from "../../src/spec/connection";

/** The machine that runs Terraform: another one, perhaps, for each stack. */
export const thisMachine = "this machine";

/** One text a machine. */
export function machinesOf(connection: ConnectionSpec): string[] {
  if (connection.type === "local") return [thisMachine];
  const { hosts, port, jump } = connection;
  return hosts.map((host) => JSON.stringify([host, port ?? null, ...(jump ? [machinesOf(jump)] : [])]));
}
