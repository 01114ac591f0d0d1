// What a provisioner starts: `sharewright hook KIND apply|destroy KEY`. One line a step, a summary line last.
import { fault, ShareError } from "../core/errors";
import { type Log, type Sink, textLog } from "../core/log";
import type { Step } from "../core/plan";
import { type Action, isAction, isGlusterKind, isKind, type Kind } from "../spec/kinds";
import type { Environment } from "./request";

/** What a hook is called for. */
export interface Call {
  action: Action;
  key: string;
  environment: Environment;
  log: Log;
}

export async function hook(args: readonly string[], environment: Environment, sink: Sink): Promise<number> {
  const [kind, action, key] = args;
  if (args.length !== 3 || !isKind(kind) || !isAction(action) || key === undefined) {
    throw fault("BAD_REQUEST", { summary: `hook ${args.join(" ")}: expected KIND apply|destroy KEY` });
  }
  const work = await workOf(kind);
  if (!work.isKey(key)) throw fault("BAD_REQUEST", { summary: `"${key}" is not the key of a ${kind}` });
  const started = Date.now();
  const log = textLog(sink, environment["SHAREWRIGHT_LOG"] === "debug");
  const done = await work.perform({ action, key, environment, log }).catch((error: unknown) => {
    throw ShareError.isShareError(error) ? Object.assign(error, { object: error.object ?? key }) : error;
  });
  const seconds = ((Date.now() - started) / 1000).toFixed(1);
  sink.stdout(
    `${kind} ${key}: ${done.length === 0 ? "nothing to do" : `${action === "apply" ? "as described" : "removed as its policy says"} after ${count(done)}`} (${seconds} s)\n`,
  );
  return 0;
}

function count(done: readonly Step[]): string {
  return `${done.length} ${done.length === 1 ? "step" : "steps"}`;
}

interface Work {
  isKey(key: string): boolean;
  perform(call: Call): Promise<Step[]>;
}

/** Each hook is a process of its own, so only what its system needs is loaded. */
async function workOf(kind: Kind): Promise<Work> {
  if (isGlusterKind(kind)) {
    const { isKey, perform } = await import("./hook-gluster");
    return { isKey: (key) => isKey(kind, key), perform: (call) => perform(kind, call) };
  }
  const { isKey, perform } = await import("./hook-lustre");
  return { isKey: (key) => isKey(kind, key), perform: (call) => perform(kind, call) };
}
