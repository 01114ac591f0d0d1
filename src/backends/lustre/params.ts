// Parameters of Lustre's modules on a host. What is asked for in the same moment is one command.
import type { Command, Result } from "../../core/command";
import { commandFault, type Host, judged, machinesOf } from "../../core/host";
import { dropped, type Transport } from "../../core/transport";
import { paramsIn, type Said } from "./access/nodemap-params";
import { lctlGetParam, mgsParameter } from "./cli";

export type Params = Said["params"];

export interface Asked {
  names: readonly string[];
  /** Whether what only the MGS has is asked for first and last of all. */
  framed?: true;
  /** Run behind it; `given` may name the output, as the first of the list. */
  next?: Command;
}

export interface Told extends Said {
  command: Command;
  result: Result;
  /** What else was asked for by others. */
  others: readonly string[];
  next?: Result | undefined;
}

interface Batch {
  all: Asked[];
  answer: Promise<{ command: Command; results: readonly (Result | undefined)[] }>;
  said?: Said;
}

const asking = new WeakMap<Transport, Batch>();

/** Names may hold wildcards. The answer may hold more than was asked for. */
export async function askParams(host: Host, asked: Asked): Promise<Told> {
  const batch = asking.get(host.transport) ?? newBatch(host);
  batch.all.push(asked);
  const { command, results } = await batch.answer;
  const result = judged(host, command, results[0] as Result);
  batch.said ??= paramsIn(result.stdout);
  const others = batch.all.filter((one) => one !== asked).flatMap(({ names }) => names);
  const place = followers(batch.all).indexOf(asked);
  return { command, result, ...batch.said, others, next: place < 0 ? undefined : results[place + 1] };
}

function newBatch(host: Host): Batch {
  const { transport } = host;
  const all: Asked[] = [];
  const answer = Promise.resolve().then(async () => {
    asking.delete(transport);
    const names = new Set(all.flatMap((asked) => asked.names));
    const isFramed = all.some(({ framed }) => framed);
    if (isFramed) names.delete(mgsParameter);
    const frame = isFramed ? [mgsParameter] : [];
    const command = lctlGetParam(...frame, ...names, ...frame);
    const next = followers(all).map((asked) => asked.next as Command);
    const results = await transport.runAll([command, ...next], { as: "looks" });
    if (!results[0]) throw commandFault("COMMAND_LOST", host, command, dropped);
    return { command, results };
  });
  const batch = { all, answer };
  asking.set(transport, batch);
  return batch;
}

function followers(all: readonly Asked[]): Asked[] {
  return all.filter(({ next }) => next !== undefined);
}

export async function readParams(host: Host, ...names: string[]): Promise<Params> {
  return (await askParams(host, { names })).params;
}

/** Of some hosts, asked once a machine. */
export async function readParamsOf(hosts: readonly Host[], ...names: string[]): Promise<Params> {
  const answers = await Promise.all(machinesOf(hosts).map((host) => readParams(host, ...names)));
  return new Map(answers.flatMap((answer) => [...answer]));
}
