// Connections to hosts: one for each endpoint and process, shared by roles and jumps.
import { once } from "node:events";
import { readFileSync, statSync } from "node:fs";
import type { Duplex } from "node:stream";
import { setTimeout as pause } from "node:timers/promises";
import type { Client } from "ssh2";
import { ShareError } from "../../core/errors";
import type { SshConnectionSpec } from "../../spec/connection";
import { defined } from "../../spec/defined";
import { waysOf } from "./authentication";
import { watchConnection } from "./bounds";
import { type Channel, type Line, openForward, startCommand } from "./channel";
import { type Endpoint, endpointOf, type Surroundings } from "./endpoint";
import { type Failure, isFailure, isImpostor } from "./failure";
import { type HandshakeDone, shakeHands } from "./handshake";
import { shownPath } from "./home";
import { acquaint } from "./host-key";
import { parseKnownHosts } from "./known-hosts";
import { deferred, within } from "./promises";
import { clockMs, openSocket, type Way } from "./socket";
import { loadSsh2 } from "./ssh2";

/** What is known of a host we are connected to: for doctor and messages. */
export interface HostFacts {
  /** As the spec names it. */
  host: string;
  /** "10.0.0.5:22", or "mds1:22 through bastion" where a jump resolves it. */
  address: string;
  user: string;
  /** "SHA256:...", and what vouches for it: "~/.ssh/known_hosts:12", "hostKey of the connection", "certificate authority ... in ...". */
  hostKey: { type: string; fingerprint: string; vouchedBy: string };
  /** "public key ssh-ed25519 SHA256:... (~/.ssh/id_ed25519)", "agent ...", "password from SECRET". */
  authentication: string;
  /** What the server says its software is. */
  server: string;
}

export interface Connection {
  readonly facts: HostFacts;
  /** Retried, bounded and with jitter, while the server refuses for MaxSessions. */
  start(command: string): Promise<Channel>;
  forward(host: string, port: number): Promise<Duplex>;
  /** Resolves with the reason when the connection breaks, or is closed. */
  readonly lost: Promise<string>;
  /** Ends it for all who share it. Never rejects, and does not wait long. */
  close(): Promise<void>;
}

export interface PoolOptions extends Surroundings {
  log?(line: string): void;
}

export interface ConnectionPool {
  /** `host`: one of the spec's. Throws ShareError. */
  connect(spec: SshConnectionSpec, host: string): Promise<Connection>;
  close(): Promise<void>;
}

const tries = 3;
const firstPauseMs = 300;
const closeWithinMs = 2_000;

export function connectionPool(options: PoolOptions): ConnectionPool {
  const connections = new Map<string, Promise<Connection>>();
  // In the order in which they were made: a jump before those that go through it.
  const open: Connection[] = [];
  const closing = new AbortController();

  const connectTo = (endpoint: Endpoint): Promise<Connection> => {
    const key = keyOf(endpoint);
    const existing = connections.get(key);
    if (existing) return existing;
    const forget = () => {
      if (connections.get(key) === made) connections.delete(key);
    };
    const made = reach(endpoint, { ...options, signal: closing.signal }, connectTo).then((connection) => {
      open.push(connection);
      void connection.lost.then(() => {
        forget();
        open.splice(open.indexOf(connection), 1);
      });
      if (closing.signal.aborted) void connection.close();
      return connection;
    });
    made.catch(forget);
    connections.set(key, made);
    return made;
  };

  return {
    connect: async (spec, host) => connectTo(await endpointOf(spec, host, options)),
    async close() {
      closing.abort();
      for (const connection of [...open].reverse()) await connection.close();
    },
  };
}

/** Everything that makes a connection another one; how patient it is does not. */
function keyOf(endpoint: Endpoint): string {
  return JSON.stringify(endpoint, (name, value) => (name === "connectTimeoutMs" || name === "keepaliveMs" ? undefined : value));
}

type ConnectTo = (endpoint: Endpoint) => Promise<Connection>;

interface Surrounded extends PoolOptions {
  /** Ends what is under way when the pool is closed. */
  signal: AbortSignal;
}

async function reach(endpoint: Endpoint, options: Surrounded, connectTo: ConnectTo): Promise<Connection> {
  const ssh2 = await loadSsh2();
  const ways = waysOf(ssh2, endpoint, options);
  const known = acquaintanceWith(endpoint, options.home);
  const notTypes = new Set<string>();
  let notPinned: ShareError | undefined;
  for (let left = tries; ; ) {
    const way = await openStream(endpoint, connectTo, options.signal);
    const done = isFailure(way)
      ? way
      : await shakeHands({ ssh2, endpoint, known, ways, notTypes, signal: options.signal, ...way });
    if (!isFailure(done)) return connectionOf(endpoint, done);
    if (done.otherType !== undefined && !notTypes.has(done.otherType)) {
      notTypes.add(done.otherType);
      notPinned ??= done.error;
      continue;
    }
    left = Math.min(left - 1, done.again === "once" ? 1 : tries);
    // After keys of other types than the pinned one, a refusal means that the host has no further ones.
    if (done.again === "never" && notPinned) throw notPinned;
    if (done.again === "never" || left <= 0 || options.signal.aborted) throw done.error;
    options.log?.(`${done.error.summary}; trying again`);
    await pause(firstPauseMs * 3 ** (tries - 1 - left) * (0.5 + Math.random()), undefined, options).catch(() => {});
  }
}

async function openStream(endpoint: Endpoint, connectTo: ConnectTo, signal: AbortSignal): Promise<Way | Failure> {
  const { jump, address, port, connectTimeoutMs } = endpoint;
  if (!jump) return openSocket(endpoint, clockMs() + connectTimeoutMs, signal);
  let failure: Failure | undefined;
  for (const hop of jump) {
    let through: Connection | undefined;
    try {
      through = await connectTo(hop);
      const stream = await through.forward(address, port);
      return { stream, address: `${address}:${port} through ${hop.host}`, deadline: clockMs() + connectTimeoutMs };
    } catch (error) {
      if (!ShareError.isShareError(error) || isImpostor(error)) throw error;
      // The hop has had its own tries.
      failure ??= { error, again: through ? "yes" : "never" };
    }
  }
  return failure as Failure;
}

function acquaintanceWith(endpoint: Endpoint, home: string) {
  const { knownHostsFiles, hostKey, hostKeyAlias } = endpoint;
  const read = hostKey === undefined ? knownHostsFiles.map(readKnownHosts) : [];
  const lines = read.flatMap(({ text }, index) => parseKnownHosts(text ?? "", shownPath(knownHostsFiles[index] ?? "", home)));
  const files = read.map(({ text, holdsLines }, index) => ({
    path: shownPath(knownHostsFiles[index] ?? "", home),
    isThere: text !== undefined,
    holdsLines,
  }));
  return acquaint({ ...endpoint, ...defined({ alias: hostKeyAlias }) }, lines, files, hostKey);
}

function readKnownHosts(file: string): { text?: string; holdsLines: boolean } {
  try {
    // Reading a pipe would wait for ever.
    if (!statSync(file).isFile()) return { holdsLines: false };
    return { text: readFileSync(file, "utf8"), holdsLines: true };
  } catch {
    return { holdsLines: true };
  }
}

function connectionOf(endpoint: Endpoint, done: HandshakeDone): Connection {
  const { client, stream, address, hostKey, authentication, server } = done;
  let why: string | undefined;
  const { promise: lost, resolve: tellLost } = deferred<string>();
  const lose = (reason: string) => {
    why ??= reason;
    tellLost(why);
    cutOff(client, stream);
  };
  watchConnection(client, stream, lose);
  client.on("error", (error) => lose(error.message));
  client.on("end", () => lose("the server closed the connection"));
  client.on("close", () => lose("the server closed the connection"));
  const line: Line = { client, endpoint, lost, why: () => why, drop: lose };
  return {
    facts: { host: endpoint.host, address, user: endpoint.user, hostKey, authentication, server },
    start: (command) => startCommand(line, command),
    forward: (host, port) => openForward(line, host, port),
    lost,
    async close() {
      if (why !== undefined) return;
      why = "the connection was closed";
      const closed = once(client, "close").catch(() => {});
      client.end();
      await within(closed, closeWithinMs);
      lose(why);
    },
  };
}

/** A forwarded stream tells its end only when the host in between has confirmed it, which may never come. */
function cutOff(client: Client, stream: Duplex): void {
  client.destroy();
  if (!stream.closed && !stream.destroyed) stream.destroy();
}
