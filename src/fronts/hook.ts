// What a provisioner starts: `sharewright hook KIND apply|adopt|destroy KEY`. One line a step, a summary line last.
import { fault, ShareError } from "../core/errors";
import { type Log, type Sink, textLog } from "../core/log";
import type { Step } from "../core/plan";
import { type Action, isAction } from "../spec/kinds";
import { claimOf, type Environment, required, specText, stackOf } from "./request";
import { hasKind, type ManagedKind, type System } from "./system";

/** Each hook is a process of its own, so only the system that it needs is loaded. */
const systems: Systems = {
  lustre: async () => (await import("./lustre/hooks")).lustre,
  gluster: async () => (await import("./gluster/hooks")).gluster,
};

/** How systems are loaded, by what their kinds begin with. */
export type Systems = Readonly<Record<string, () => Promise<System>>>;

export async function hook(
  args: readonly string[],
  environment: Environment,
  sink: Sink,
  known: Systems = systems,
): Promise<number> {
  const [kind = "", action, key] = args;
  const name = kind.split(".")[0] ?? "";
  const system = Object.hasOwn(known, name) ? await known[name]?.() : undefined;
  const managed = system && hasKind(system, kind) ? system.kinds[kind] : undefined;
  if (args.length !== 3 || !system || !managed || !isAction(action) || key === undefined) {
    throw fault("BAD_REQUEST", { summary: `hook ${args.join(" ")}: expected KIND apply|adopt|destroy KEY` });
  }
  if (!managed.isKey(key)) throw fault("BAD_REQUEST", { summary: `"${key}" is not the key of a ${kind}` });
  const started = Date.now();
  const log = textLog(sink, environment["SHAREWRIGHT_LOG"] === "debug");
  const done = await perform(system, managed, { kind, action, key, environment, log }).catch((error: unknown) => {
    throw ShareError.isShareError(error) ? Object.assign(error, { object: error.object ?? key }) : error;
  });
  const seconds = ((Date.now() - started) / 1000).toFixed(1);
  sink.stdout(
    `${kind} ${key}: ${done.length === 0 ? "nothing to do" : `${action === "destroy" ? "removed as its policy says" : "as described"} after ${count(done)}`} (${seconds} s)\n`,
  );
  return 0;
}

interface Call {
  kind: string;
  action: Action;
  key: string;
  environment: Environment;
  log: Log;
}

async function perform(system: System, managed: ManagedKind<unknown>, call: Call): Promise<Step[]> {
  const { kind, action, key, environment, log } = call;
  const place = system.readPlace(required(environment, system.placeVariable));
  if (action === "destroy") {
    const claim = claimOf(environment);
    return system.open(place, log, (at) => managed.destroy(at, key, claim), kind);
  }
  const wish = managed.read({ key, text: specText(environment, action), ...stackOf(environment), environment });
  return system.open(place, log, (at) => managed.apply(at, wish), kind);
}

function count(done: readonly Step[]): string {
  return `${done.length} ${done.length === 1 ? "step" : "steps"}`;
}
