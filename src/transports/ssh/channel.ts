// Commands over a connection: one session channel for each.
import type { Duplex, Readable, Writable } from "node:stream";
import { setTimeout as pause } from "node:timers/promises";
import type { Client, ClientChannel } from "ssh2";
import type { ShareError } from "../../core/errors";
import { fault } from "../faults";
import { watchClosed } from "./bounds";
import type { Endpoint } from "./endpoint";
import { cannotConnect } from "./failure";
import { deferred } from "./promises";

/** What was said before the end may still be on its way; but a process left in the background may keep an output open for ever. */
const outputWithinMs = 500;
const openTries = 6;
const firstPauseMs = 100;

interface Ending {
  exitCode?: number;
  signal?: string;
  error?: string;
}

/** A session channel in which one command runs through the login shell. Both outputs have to be read. */
export interface Channel {
  readonly stdin: Writable;
  readonly stdout: Readable;
  readonly stderr: Readable;
  /** SSH signal request (RFC 4254 6.9); whether the server obeys cannot be known. ssh2 sends none once `stdin` was ended. */
  signal(name: "TERM" | "USR1"): void;
  /** Once, after both outputs have ended, or soon after the command has: how it ended. `error`: the connection was lost, and how; all undefined: the server told nothing. */
  readonly ended: Promise<Ending>;
  /** Lets go of the channel without waiting. */
  destroy(): void;
}

/** What a channel asks of the connection it is on. */
export interface Line {
  client: Client;
  endpoint: Endpoint;
  /** Resolves with the reason when the connection has broken. */
  lost: Promise<string>;
  /** The reason, once it has broken. */
  why(): string | undefined;
  /** Breaks it. */
  drop(reason: string): void;
}

/** Opens a channel and starts a command in it. A server that has as many sessions as it may have (MaxSessions) is asked again. */
export async function startCommand(line: Line, command: string): Promise<Channel> {
  for (let left = openTries - 1; ; left -= 1) {
    // Listened to at once: all that a short command says, and how it ended, may be here already.
    const listen = (stream: ClientChannel) => channelOf(stream, line);
    const opened = await answered(line, (done) => line.client.exec(command, done as never), listen);
    if (!(opened instanceof Error)) return opened;
    const { reason } = opened as Error & { reason?: unknown };
    // Only a channel that was refused has a number as its reason: no command was started.
    if (typeof reason !== "number" || left === 0) throw refusedCommand(line, opened, typeof reason === "number");
    await pause(firstPauseMs * 2 ** (openTries - 1 - left) * (0.5 + Math.random()));
  }
}

function refusedCommand({ endpoint, why }: Line, error: Error, isChannelRefused: boolean): ShareError {
  const { host } = endpoint;
  const reason = why();
  if (reason !== undefined) return cannotConnect(endpoint, `${host}: the connection was lost`, reason);
  if (isChannelRefused) {
    return cannotConnect(
      endpoint,
      `${host} opens no further session on this connection`,
      error.message,
      "raise MaxSessions in its sshd_config; sharewright uses one session for each role",
    );
  }
  if (error.message === "Unable to exec") {
    return fault("LOGIN_SHELL", {
      host,
      summary: `${host} refuses to run a command`,
      said: "the server refused the exec request",
    });
  }
  return cannotConnect(endpoint, `${host} starts no command`, error.message);
}

/** A stream to what the host can reach. Throws CANNOT_CONNECT. */
export async function openForward(line: Line, host: string, port: number): Promise<Duplex> {
  const opened = await answered(
    line,
    (done) => line.client.forwardOut("127.0.0.1", 0, host, port, done as never),
    (stream) => stream,
  );
  if (!(opened instanceof Error)) return opened;
  const { endpoint, why } = line;
  const reason = why();
  if (reason !== undefined) throw cannotConnect(endpoint, `${endpoint.host}: the connection was lost`, reason);
  const forbidden = (opened as Error & { reason?: unknown }).reason === 1;
  throw cannotConnect(
    endpoint,
    forbidden
      ? `${endpoint.host} does not let us go through it to ${host} port ${port}`
      : `${endpoint.host}, through which ${host} is reached, has no TCP connection to ${host} port ${port}`,
    opened.message,
    forbidden ? "set AllowTcpForwarding (and PermitOpen) for the user in its sshd_config" : undefined,
  );
}

/** What is made of the channel asked for, or an error also when there is no answer in time. */
function answered<T>(
  { endpoint, lost }: Line,
  ask: (done: (error: Error | undefined, stream?: ClientChannel) => void) => void,
  take: (stream: ClientChannel) => T,
): Promise<T | Error> {
  return new Promise((resolve) => {
    let isLate = false;
    const settle = (outcome: T | Error) => {
      clearTimeout(timer);
      isLate = true;
      resolve(outcome);
    };
    const timer = setTimeout(
      () => settle(new Error(`no answer within ${endpoint.connectTimeoutMs / 1000} s`)),
      endpoint.connectTimeoutMs,
    );
    void lost.then((reason) => settle(new Error(reason)));
    try {
      ask((error, stream) => {
        if (isLate) stream?.on("error", () => {}).destroy();
        else settle(stream ? take(stream) : (error ?? new Error("no channel")));
      });
    } catch (error) {
      settle(error as Error);
    }
  });
}

function channelOf(stream: ClientChannel, { lost, drop }: Line): Channel {
  const { promise: ended, resolve: settle } = deferred<Ending>();
  let exit: Ending = {};
  const { promise: exited, resolve: tellExit } = deferred<void>();
  // A write that fails, because the connection or the command has gone, shows in how the channel ends.
  stream.on("error", () => {});
  stream.stderr.on("error", () => {});
  stream.on("exit", (code: number | null, signal?: string) => {
    exit = code === null ? (signal === undefined ? {} : { signal }) : { exitCode: code };
    tellExit();
  });
  const outputs = [stream, stream.stderr].map(
    (output) =>
      new Promise<void>((resolve) => {
        output.once("end", resolve);
        output.once("close", resolve);
        void lost.then(() => {
          if (!output.readableFlowing) resolve();
        });
      }),
  );
  const closed = new Promise<void>((resolve) => stream.once("close", () => resolve()));
  let reason: string | undefined;
  const broken = lost.then((why) => {
    reason = why;
  });
  const drained = Promise.all([...outputs, Promise.race([closed, broken])]);
  const soonAfterExit = exited.then(() => pause(outputWithinMs, undefined, { ref: false }));
  void Promise.race([drained, soonAfterExit]).then(() => {
    const isTold = exit.exitCode !== undefined || exit.signal !== undefined;
    settle(isTold || reason === undefined ? exit : { error: reason });
  });
  return {
    stdin: stream.stdin as never,
    stdout: stream.stdout as never,
    stderr: stream.stderr as never,
    ended,
    signal: (name) => stream.signal(name),
    destroy() {
      settle({
        ...exit,
        ...(exit.exitCode === undefined && exit.signal === undefined ? { error: "the channel was let go" } : {}),
      });
      watchClosed([stream, stream.stderr], drop);
      stream.resume();
      stream.stderr.resume();
      stream.destroy();
    },
  };
}
