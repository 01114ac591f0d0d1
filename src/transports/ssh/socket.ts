// A TCP connection to a host.
import { connect, type Socket } from "node:net";
import type { Duplex } from "node:stream";
import type { Endpoint } from "./endpoint";
import { cannotConnect, closedMeanwhile, type Failure, isFailure, seconds } from "./failure";

/** Never set back. `performance` would be loaded for it. */
export const clockMs = (): number => process.uptime() * 1000;

/** A stream to the host, and when the try is over, by that clock. */
export interface Way {
  stream: Duplex;
  /** For people: "10.0.0.5:22". */
  address: string;
  deadline: number;
}

/** Opens a TCP connection. A time-out is final: the kernel has sent its first packet again and again by then. */
export function openSocket(endpoint: Endpoint, deadline: number, signal: AbortSignal): Promise<Way | Failure> {
  const { address, port, host } = endpoint;
  return new Promise((resolve) => {
    const socket = connect({ host: address, port, noDelay: true });
    const settle = (outcome: Way | Failure) => {
      clearTimeout(timer);
      signal.removeEventListener("abort", stop);
      socket.removeAllListeners("connect").removeAllListeners("error");
      if (isFailure(outcome)) socket.on("error", () => {}).destroy();
      resolve(outcome);
    };
    const giveUp = (summary: string) => settle({ error: cannotConnect(endpoint, `${host}: ${summary}`), again: "never" });
    const stop = () => giveUp(closedMeanwhile);
    const timer = setTimeout(
      () => giveUp(`no TCP connection to ${address} port ${port} within ${seconds(endpoint)}`),
      deadline - clockMs(),
    );
    if (signal.aborted) stop();
    signal.addEventListener("abort", stop);
    socket.once("connect", () => settle({ stream: inOneGo(socket), address: `${socket.remoteAddress}:${port}`, deadline }));
    socket.once("error", (error: NodeJS.ErrnoException) => settle(socketFailure(endpoint, error)));
  });
}

function socketFailure(endpoint: Endpoint, error: NodeJS.ErrnoException): Failure {
  const { host, address, port } = endpoint;
  if (error.code === "ENOTFOUND" || error.code === "EAI_AGAIN") {
    const summary = `${host}: no address is known for the name ${address}`;
    const fix = "correct the host's name, or give its HostName in ~/.ssh/config";
    return { error: cannotConnect(endpoint, summary, error.message, fix), again: error.code === "EAI_AGAIN" ? "yes" : "never" };
  }
  const first = (error as AggregateError).errors?.[0] as Error | undefined;
  const summary = `${host}: no TCP connection to ${address} port ${port}`;
  return { error: cannotConnect(endpoint, summary, error.message || first?.message || error.code), again: "yes" };
}

/** ssh2 writes each packet in pieces: what is written in one moment is handed to the kernel together. */
function inOneGo(socket: Socket): Socket {
  const write = socket.write.bind(socket);
  return Object.assign(socket, {
    write(...words: Parameters<typeof write>) {
      if (socket.writableCorked === 0) {
        socket.cork();
        process.nextTick(() => socket.uncork());
      }
      return write(...words);
    },
  });
}
