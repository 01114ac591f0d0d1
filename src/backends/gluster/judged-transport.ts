// A server as the rest of the backend meets it: a command has succeeded only if glusterd says so. The gluster CLI ends with exit 0 whenever it
// has printed XML, and one transaction at a time may work on a volume, so that others are told to come back.
import { type Command, type Result, succeeded } from "../../core/command";
import { queueOf, type Transport } from "../../core/transport";
import { fault } from "./faults";
import { opIn } from "./parse";

/** What glusterd says to whoever comes while another command is at work; nothing was changed then. */
const busy = /Another transaction (is|could be) in progress|Locking failed on /;
const busyErrno = 30802;

const isDown = (text: string) => /Connection failed\. Please check if gluster daemon is operational/.test(text);

/** Pauses before the next try: about two minutes in all, longer than any transaction but a first start of many bricks. */
const pausesMs = [200, 300, 500, 800, 1200, 2000, 3000, 5000, 8000, 12000, 15000, 20000, 25000, 30000];

/** `name` of the host, for messages. `pause` waits; tests do not. */
export function judgedTransport(inner: Transport, name: string, pause = wait): Transport {
  const again = async (command: Command, first: Result, signal?: AbortSignal): Promise<Result> => {
    let result = verdict(command, first, name);
    for (const pauseMs of pausesMs) {
      if (result !== "busy") return result;
      // Those who were refused together shall not come back together.
      await pause(pauseMs * (0.5 + Math.random()));
      result = verdict(command, await inner.run(command, signal), name);
    }
    if (result !== "busy") return result;
    throw fault("CLUSTER_BUSY", { host: name, command: command.argv });
  };
  const queue = queueOf(
    async (command, signal) => again(command, await inner.run(command, signal), signal),
    (...asked) => inner.lock(...asked),
  );
  const looks: Transport["runAll"] = async (commands, options) => {
    const results = await inner.runAll(commands, { ...options, onResult: () => {} });
    const judged: (Result | undefined)[] = [];
    for (const [index, command] of commands.entries()) {
      const result = results[index];
      judged.push(result && (await again(command, result, options.signal)));
    }
    return judged;
  };
  return {
    ...(inner.connect ? { connect: () => inner.connect?.() } : {}),
    run: queue.run,
    runAll: async (commands, options) =>
      options.as === "looks" && !options.after
        ? ((await queue.turns.take(() => looks(commands, options))) ?? commands.map(() => undefined))
        : queue.runAll(commands, options),
    lock: queue.lock,
    runDirectory: inner.runDirectory,
    close: () => inner.close(),
  };
}

function wait(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

/** The result with glusterd's word for its ending; "busy" when it has to be asked again. */
function verdict(command: Command, result: Result, name: string): Result | "busy" {
  if (command.argv[0] !== "gluster") return result;
  if (!succeeded(result) && (isDown(result.stdout) || isDown(result.stderr)))
    throw fault("GLUSTERD_DOWN", { host: name, command: command.argv });
  if (!command.argv.includes("--xml")) return result;
  const op = opIn(result.stdout);
  if (op && op.ret !== 0) {
    if (op.errno === busyErrno || busy.test(op.error)) return "busy";
    // Where a limit is only looked at, it is one that cannot be read now.
    if (op.error === "Failed to start aux mount" && command.argv.includes("limit-usage"))
      throw fault("SERVER_CANNOT_MOUNT", { host: name, command: command.argv, said: refusal(op.errno, op.error) });
    return { ...result, exitCode: result.exitCode === 0 ? 1 : result.exitCode, stdout: "", stderr: refusal(op.errno, op.error) };
  }
  if (busy.test(result.stderr) || (!op && busy.test(result.stdout))) return "busy";
  // Cut off, or not its XML at all: whatever it was, it is no success.
  if (!op && succeeded(result))
    return { ...result, exitCode: 1, stderr: `not the XML of gluster: ${result.stdout.slice(0, 500)}` };
  return result;
}

function refusal(errno: number, error: string): string {
  return `${error || "operation failed"} (opErrno ${errno})`;
}

/** The number that glusterd gave for a refusal; undefined for anything else. Source: golden transcripts. */
export function errnoOf(result: Result): number | undefined {
  const match = /\(opErrno (\d+)\)$/.exec(result.stderr);
  return succeeded(result) || !match ? undefined : Number(match[1]);
}

export const errno = {
  noVolume: 30806,
  noSnapshot: 30807,
  exists: 30811,
  snapshotExists: 30812,
  notThin: 30815,
  alreadySo: 22,
} as const;
