// An SSH server in this process that misbehaves on demand; without demands it runs commands by /bin/sh, as this user.
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { type AddressInfo, createServer, type Socket } from "node:net";
import { homedir, tmpdir, userInfo } from "node:os";
import { join } from "node:path";
import type { Readable, Writable } from "node:stream";
import { type AuthContext, type Connection, Server, type ServerChannel, type Session } from "ssh2";
import { type Key, makeKey } from "./keys";
import { knownHostsLine, knownHostsName } from "./known-hosts";
import { kill, withEnvironment } from "./processes";

/** What a hook may do. */
export interface Acts {
  /** Destroys the TCP connection. */
  drop(): void;
  /** Closes the channel without a status. */
  close(): void;
  /** Ends the channel with a status or a signal such as "KILL" that no command has given. */
  end(status: number | string): void;
  /** Reads and answers nothing more on this connection, keepalives included. */
  freeze(): void;
}

/** All may be changed while the server runs; everything is looked at when it is needed. Default of all: behave. */
export interface Behaviour {
  /** In place of SSH: a text that is none, a byte a second, nothing. */
  greeting?: "garbage" | "drip" | "silence";
  /** So many of the next connections are closed at once, as with MaxStartups. Counts down. */
  refuseConnections?: number;
  /** So many of the next session channels are refused, as with MaxSessions. Counts down. */
  refuseChannels?: number;
  /** Takes the TCP connection in place of SSH. */
  raw?: (socket: Socket) => void;
  /** Hears of every connection before anybody has logged in. */
  connected?: (connection: Connection, socket: Socket) => void;
  /** "ignore": no answer, ever. @default any key and any password */
  authenticate?: (context: AuthContext) => boolean | "ignore";
  /** Asked for each command before it starts. "ignore": no answer, ever. */
  exec?: (command: string, acts: Acts) => "run" | "ignore" | "refuse";
  /** Speaks in a session's channel in place of the command. */
  talk?: (channel: ServerChannel) => void;
  /** Speaks in a forwarded connection. @default all are refused */
  forward?: (channel: ServerChannel) => void;
  /** Sees what the client sent before the command does; returns what the command gets. */
  input?: (data: Buffer, acts: Acts) => Buffer;
  /** Sees what the command has written; returns what the client gets. */
  output?: (data: Buffer, stream: "stdout" | "stderr", acts: Acts) => Buffer;
  /** Asked when the command has ended; "nothing": the channel is closed without a status. */
  ended?: (acts: Acts) => "status" | "nothing";
  /** Most bytes in a packet of output. */
  packetBytes?: number;
  ignoreSignals?: boolean;
  /** Takes no input: the client's window closes. */
  readNothing?: boolean;
  /** Connections on which the client was silent for so long are dropped. */
  idleMs?: number;
}

export interface UnrulyServer {
  readonly host: "127.0.0.1";
  readonly port: number;
  readonly hostKey: Key;
  readonly knownHostsLine: string;
  behaviour: Behaviour;
  /** How many connections and channels were asked for, refused ones included, and which signals. */
  readonly asked: { connections: number; channels: number; commands: string[]; signals: string[] };
  /** How many are open now. */
  connections(): number;
  /** Destroys the open connections. */
  drop(): void;
  stop(): Promise<void>;
}

export async function startUnrulyServer(behaviour: Behaviour = {}): Promise<UnrulyServer> {
  const dir = mkdtempSync(join(tmpdir(), "sharewright-unruly-"));
  const hostKey = makeKey(dir);
  const sockets = new Set<Socket>();
  const children = new Set<ChildProcess>();
  const mark = `SHAREWRIGHT_TEST_SSHD=${dir}`;
  const ssh = new Server({ hostKeys: [readFileSync(hostKey.path)] });
  ssh.on("connection", (connection, { port: from }) => {
    const socket = [...sockets].find(({ remotePort }) => remotePort === from);
    if (socket) serve(connection, socket);
    else connection.end(); // gone in the meantime
  });

  const tcp = createServer({ noDelay: true }, (socket) => {
    sockets.add(socket);
    socket.on("close", () => sockets.delete(socket));
    socket.on("error", () => {});
    server.asked.connections += 1;
    if (takes("refuseConnections")) return void socket.destroy();
    if (server.behaviour.raw) return void server.behaviour.raw(socket);
    if (server.behaviour.greeting) return greet(socket, server.behaviour.greeting);
    ssh.injectSocket(socket);
  });
  tcp.listen(0, "127.0.0.1");
  await once(tcp, "listening");
  const { port } = tcp.address() as AddressInfo;

  const server: UnrulyServer = {
    host: "127.0.0.1",
    port,
    hostKey,
    knownHostsLine: knownHostsLine(knownHostsName("127.0.0.1", port), hostKey),
    behaviour,
    asked: { connections: 0, channels: 0, commands: [], signals: [] },
    connections: () => sockets.size,
    drop: () => {
      for (const socket of sockets) socket.destroy();
    },
    async stop() {
      server.drop();
      for (const child of children) killGroup(child, "SIGKILL");
      await kill(withEnvironment(mark)); // what its parent has left
      tcp.close();
      await once(tcp, "close");
      rmSync(dir, { recursive: true, force: true });
    },
  };

  const takes = (name: "refuseConnections" | "refuseChannels"): boolean => {
    const left = server.behaviour[name] ?? 0;
    if (left > 0) server.behaviour[name] = left - 1;
    return left > 0;
  };

  const serve = (connection: Connection, socket: Socket): void => {
    const { idleMs } = server.behaviour;
    if (idleMs !== undefined) dropWhenIdle(socket, idleMs);
    connection.on("error", () => {}); // cuts are what it is for
    connection.on("authentication", (context) => {
      const allowed = context.method !== "none" && (server.behaviour.authenticate?.(context) ?? true);
      if (allowed === "ignore") return;
      if (allowed) context.accept();
      else context.reject(["publickey", "password", "keyboard-interactive"]);
    });
    server.behaviour.connected?.(connection, socket);
    connection.on("tcpip", (accept, reject) => {
      const speak = server.behaviour.forward;
      if (speak) speak(accept());
      else reject();
    });
    connection.on("session", (accept, reject) => {
      server.asked.channels += 1;
      if (takes("refuseChannels")) return reject();
      serveSession(accept(), socket);
    });
  };

  const serveSession = (session: Session, socket: Socket): void => {
    let child: ChildProcess | undefined;
    let channel: ServerChannel | undefined;
    const acts: Acts = {
      drop: () => socket.destroy(),
      close: () => channel?.close(),
      end: (status) => {
        if (typeof status === "number") channel?.exit(status);
        else channel?.exit(status, false);
        channel?.close();
      },
      freeze: () => socket.pause(),
    };
    session.on("signal", (accept: (() => void) | undefined, _reject, { name }) => {
      server.asked.signals.push(name);
      accept?.();
      if (child && !server.behaviour.ignoreSignals) killGroup(child, `SIG${name}` as NodeJS.Signals);
    });
    session.on("exec", (accept, reject, { command }) => {
      server.asked.commands.push(command);
      const answer = server.behaviour.exec?.(command, acts) ?? "run";
      if (answer === "refuse") return reject();
      if (answer === "ignore" || socket.destroyed) return;
      channel = accept();
      const speak = server.behaviour.talk;
      if (speak) return speak(channel);
      child = runCommand(command, channel, acts);
    });
  };

  const runCommand = (command: string, channel: ServerChannel, acts: Acts): ChildProcess => {
    const { username } = userInfo();
    const [name = "", value = ""] = mark.split("=");
    const own = { HOME: homedir(), USER: username, LOGNAME: username, SHELL: "/bin/sh", [name]: value };
    const env = { PATH: process.env["PATH"], ...own };
    const child = spawn("/bin/sh", ["-c", command], { env, cwd: homedir(), detached: true });
    children.add(child);
    const exited = once(child, "exit") as Promise<[number | null, NodeJS.Signals | null]>;
    child.stdin.on("error", () => {}); // it may end without reading all it is given
    if (!server.behaviour.readNothing) {
      channel.on("data", (data: Buffer) => child.stdin.write(server.behaviour.input?.(data, acts) ?? data));
      channel.on("end", () => child.stdin.end());
    }
    channel.on("error", () => {});
    // As with sshd, a command whose connection is lost lives on, without streams.
    channel.on("close", () => {
      child.stdin.end();
      child.stdout.destroy();
      child.stderr.destroy();
    });
    // One write at a time: of two that wait for the client's window, ssh2's server forgets the one of standard error.
    let last: Promise<void> = Promise.resolve();
    const inTurn = (to: Writable) => (data: Buffer) => {
      last = last.then(() => new Promise<void>((resolve) => to.write(data, () => resolve())));
      return last;
    };
    const streams = [
      relay(child.stdout, "stdout", inTurn(channel), acts),
      relay(child.stderr, "stderr", inTurn(channel.stderr), acts),
    ];
    void exited.then(async ([status, signal]) => {
      await Promise.all(streams);
      children.delete(child);
      if (channel.destroyed) return;
      if ((server.behaviour.ended?.(acts) ?? "status") === "status") {
        if (signal) channel.exit(signal.slice(3), false);
        else channel.exit(status ?? 0);
      }
      channel.close();
    });
    return child;
  };

  type Write = (data: Buffer) => Promise<void>;
  const relay = async (from: Readable, name: "stdout" | "stderr", write: Write, acts: Acts): Promise<void> => {
    try {
      for await (const data of from as AsyncIterable<Buffer>) {
        const kept = server.behaviour.output?.(data, name, acts) ?? data;
        const size = server.behaviour.packetBytes ?? kept.length;
        for (let at = 0; at < kept.length; at += size) await write(kept.subarray(at, at + size));
      }
    } catch {
      // The channel is closed: what reads the command was destroyed.
    }
  };

  return server;
}

function greet(socket: Socket, greeting: NonNullable<Behaviour["greeting"]>): void {
  socket.resume();
  if (greeting === "garbage") socket.end("HTTP/1.1 400 Bad Request\r\n\r\n");
  if (greeting !== "drip") return;
  const text = "SSH-2.0-".concat("x".repeat(200));
  let sent = 0;
  const timer = setInterval(() => socket.write(text[sent++ % text.length] ?? ""), 1000);
  socket.on("close", () => clearInterval(timer));
}

function dropWhenIdle(socket: Socket, ms: number): void {
  let timer: NodeJS.Timeout;
  const arm = () => {
    clearTimeout(timer);
    timer = setTimeout(() => socket.destroy(), ms);
  };
  arm();
  socket.on("data", arm);
  socket.on("close", () => clearTimeout(timer));
}

/** sshd, too, signals the group of the command. */
function killGroup(child: ChildProcess, signal: NodeJS.Signals): void {
  try {
    if (child.pid !== undefined) process.kill(-child.pid, signal);
  } catch {
    // It has ended.
  }
}

/** For hooks that do something and then answer. */
export function answering<T>(_done: unknown, answer: T): T {
  return answer;
}
