// Parameters of Lustre's modules on a host. What is asked for in the same moment is one command.
import { attempt, type Host, machinesOf } from "../../core/host";
import type { Transport } from "../../core/transport";
import { lctlGetParam } from "./cli";
import { parseGetParam } from "./parse";

/** What a host says, by the parameters' full names; one that it does not have is left out. */
export type Params = ReadonlyMap<string, string>;

const asking = new WeakMap<Transport, { names: Set<string>; answer: Promise<Params> }>();

/** Names may hold wildcards. The answer may hold more than was asked for. */
export function readParams(host: Host, ...names: string[]): Promise<Params> {
  const { transport } = host;
  const together = asking.get(transport);
  if (together) {
    for (const name of names) together.names.add(name);
    return together.answer;
  }
  const all = new Set(names);
  const answer = Promise.resolve().then(async () => {
    asking.delete(transport);
    return parseGetParam((await attempt(host, lctlGetParam(...all))).stdout);
  });
  asking.set(transport, { names: all, answer });
  return answer;
}

/** Of some hosts, asked once a machine. */
export async function readParamsOf(hosts: readonly Host[], ...names: string[]): Promise<Params> {
  const answers = await Promise.all(machinesOf(hosts).map((host) => readParams(host, ...names)));
  return new Map(answers.flatMap((answer) => [...answer]));
}
