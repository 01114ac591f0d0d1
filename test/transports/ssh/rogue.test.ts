// Hosts that were taken over, before and after the login: whatever they say, and for however long, ends in an error that names them.
import type { Socket } from "node:net";
import { Duplex, PassThrough } from "node:stream";
import type { Connection } from "ssh2";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import type { Command } from "../../../src/core/command";
import type { SshConnectionSpec } from "../../../src/spec/connection";
import { type SshTransport, sshTransport } from "../../../src/transports/ssh";
import { watchClosed, watchConnection } from "../../../src/transports/ssh/bounds";
import { type ConnectionPool, connectionPool } from "../../../src/transports/ssh/connection";
import { type Key, makeKey } from "../../sshd/keys";
import { writeKnownHosts } from "../../sshd/known-hosts";
import { until } from "../../sshd/processes";
import { flood, greetingShell, type RogueShell, rogueShell, type Sent, sendPacket, sshText } from "../../sshd/rogue";
import { type Behaviour, startUnrulyServer, type UnrulyServer } from "../../sshd/unruly";
import { faultOf, hasSshKeygen, ssh, testDirectory } from "./support";

const { dir, home } = testDirectory();
const MiB = 1024 * 1024;
const line = "noise noise noise noise noise noise noise\n".repeat(500);
const command: Command = { argv: ["true"], timeoutMs: 1000 };
const lost = { exitCode: null };

describe.skipIf(!hasSshKeygen)("S-18 a rogue host", () => {
  let key: Key;
  let server: UnrulyServer;
  let sent: Sent = { bytes: 0 };
  const open: { close(): Promise<unknown> }[] = [];

  beforeAll(async () => {
    key = makeKey(dir, { name: "key" });
    server = await startUnrulyServer();
  });
  afterAll(() => server?.stop());
  afterEach(async () => {
    server.drop();
    for (const one of open.splice(0)) await one.close();
    // It was cut off long before it had enough.
    expect(sent.bytes).toBeLessThan(200 * MiB);
  });

  const spec = (more: Partial<SshConnectionSpec> = {}): SshConnectionSpec =>
    ssh({
      port: server.port,
      user: "somebody",
      privateKeyPath: key.path,
      knownHostsPath: writeKnownHosts(`${dir}/known`, [server.knownHostsLine]),
      connectTimeout: 2,
      ...more,
    });
  const connect = (behaviour: Behaviour, more: Partial<SshConnectionSpec> = {}, hosts?: string[]): SshTransport => {
    server.behaviour = behaviour;
    sent = { bytes: 0 };
    const pool: ConnectionPool = connectionPool({ environment: {}, home });
    const transport = sshTransport({ ...spec(more), ...(hosts ? { hosts } : {}) }, { pool, environment: {} });
    open.push(transport, pool);
    return transport;
  };
  const shell = (speak: (shell: RogueShell) => void): Behaviour => ({ talk: (channel) => rogueShell(channel, speak) });
  const greeted = (speak: (shell: RogueShell) => void): Behaviour => ({ talk: (channel) => greetingShell(channel, speak) });

  test.each<[string, Behaviour]>([
    ["on standard output", { talk: (channel) => flood(channel, line, sent) }],
    ["on standard error", { talk: (channel) => flood(channel.stderr, line, sent) }],
    ["in one line", { talk: (channel) => flood(channel, "x".repeat(20_000), sent) }],
    [
      "on standard error, behind a hello on standard output",
      shell(({ channel, out, frame }) => {
        out(frame(0, "hello", 4711));
        flood(channel.stderr, line, sent);
      }),
    ],
  ])("that talks for ever before the first frame, %s", async (_, behaviour) => {
    const { code, error } = await faultOf(connect(behaviour).run(command));
    expect([code, error.host]).toEqual(["LOGIN_SHELL", "127.0.0.1"]);
    expect(error.said).toMatch(/^(noise|x).*256 KiB came before/s);
    expect(error.said?.length).toBeLessThan(5000);
  });

  test.each<[string, Behaviour, RegExp]>([
    [
      "the first one, on standard output",
      shell(({ channel, out, frame }) => {
        out(frame(0, "hello").slice(0, -1));
        flood(channel, "4711 ".repeat(4000), sent);
      }),
      /a frame that does not end/,
    ],
    [
      "the first one, on standard error",
      shell(({ channel, out, err, frame }) => {
        out(frame(0, "hello", 4711));
        err(frame(0, "hello").slice(0, -1));
        flood(channel.stderr, "4711 ".repeat(4000), sent);
      }),
      /a frame that does not end/,
    ],
    [
      "the first one, of which no more comes",
      shell(({ out, frame }) => out(frame(0, "hello").slice(0, -1))),
      /answered within 2 s/,
    ],
  ])("whose frame never ends: %s", async (_, behaviour, said) => {
    const { code, error } = await faultOf(connect(behaviour).run(command));
    expect([code, error.host, error.said]).toEqual(["LOGIN_SHELL", "127.0.0.1", expect.stringMatching(said)]);
  });

  test("whose frame never ends: that of a command", async () => {
    const behaviour = greeted(({ channel, out, frame }) => {
      out(frame(1, 0).slice(0, -1));
      flood(channel, "0".repeat(20_000), sent);
    });
    expect(await connect(behaviour).run(command)).toMatchObject({ ...lost, stderr: expect.stringContaining("does not end") });
  });

  test("whose frame never ends: that of a command, of which no more comes", async () => {
    const behaviour = greeted(({ out, err, frame }) => {
      out(frame(1, 0, 0));
      err(frame(1, 0).slice(0, -1));
    });
    expect(await connect(behaviour).run({ ...command, timeoutMs: 300 })).toMatchObject({ ...lost, timedOut: true });
  });

  test.each<[string, (shell: RogueShell) => void, RegExp]>([
    [
      "frames for ever, on one stream only",
      ({ channel, frame }) => flood(channel, frame(1, 0, 0).repeat(500), sent),
      /out of step/,
    ],
    [
      "for ever that a lock is held",
      ({ channel, frame }) => {
        flood(channel, frame(1, "held", 0).repeat(500), sent);
        flood(channel.stderr, frame(1, "held", 0).repeat(500), sent);
      },
      /out of step/,
    ],
    [
      "another command's frame",
      ({ out, err, frame }) => {
        out(frame(7, 0, 0));
        err(frame(7, 0, 0));
      },
      /out of step/,
    ],
  ])("that answers %s", async (_, speak, said) => {
    const transport = connect(greeted(speak));
    const results = await transport.runAll([command, command], { as: "looks" });
    expect(results.some((result) => result?.exitCode === null && said.test(result.stderr))).toBe(true);
  });

  test("whose shell answers what nobody has asked is let go of", async () => {
    const behaviour = greeted(({ out, err, frame }) => {
      for (const number of [1, 2]) {
        out(frame(number, 0, 0));
        err(frame(number, 0, 0));
      }
    });
    const transport = connect(behaviour);
    const before = server.asked.channels;
    for (let runs = 0; runs < 2; runs += 1) expect(await transport.run(command)).toMatchObject({ exitCode: 0 });
    expect(server.asked.channels).toBe(before + 2);
  });

  test("that tells a second time that a lock is held is not waited for again", async () => {
    const behaviour = greeted(({ out, err, frame }) => {
      for (const number of [1, 2]) {
        out(`${"holder".repeat(1000)}${frame(number, "held", 0)}`);
        err(frame(number, "held", 0));
      }
    });
    const told: string[] = [];
    const held = await connect(behaviour).lock("/tmp/lock", 60_000, { name: "me", onWait: (holder) => told.push(holder) });
    expect(held.result).toMatchObject({ ...lost, stderr: expect.stringContaining("out of step") });
    expect(told.map(({ length }) => length)).toEqual([200]);
  });

  test.each<[string, (shell: RogueShell) => NodeJS.WritableStream]>([
    ["standard output", ({ channel }) => channel],
    ["standard error", ({ channel }) => channel.stderr],
  ])("that talks for ever behind the last frame, on %s", async (_, stream) => {
    let shells = 0;
    let isLetGo = false;
    const behaviour = greeted((rogue) => {
      shells += 1;
      rogue.out(rogue.frame(1, 0, 0));
      rogue.err(rogue.frame(1, 0, 0));
      if (shells > 1) return;
      flood(stream(rogue) as never, line, sent);
      rogue.channel.once("close", () => {
        isLetGo = true;
      });
    });
    const transport = connect(behaviour);
    expect(await transport.run(command)).toMatchObject({ exitCode: 0 });
    await until(() => isLetGo, "the end of the shell");
    expect(await transport.run(command)).toMatchObject({ exitCode: 0 });
    expect(shells).toBe(2);
  });

  test("that goes on talking in a channel that was closed loses its connection", () => {
    const outputs = [new PassThrough(), new PassThrough()];
    const reasons: string[] = [];
    watchClosed(outputs, (reason) => reasons.push(reason));
    for (const output of outputs) output.emit("data", Buffer.alloc(4 * MiB));
    expect(reasons).toEqual([]);
    outputs[1]?.emit("data", Buffer.from("x"));
    expect(reasons).toEqual([expect.stringContaining("a channel that was closed")]);
  });

  test.each<[string, (shell: RogueShell) => NodeJS.WritableStream]>([
    ["standard output", ({ channel }) => channel],
    ["standard error", ({ channel }) => channel.stderr],
  ])("whose command prints for ever on %s", async (_, stream) => {
    const transport = connect(greeted((rogue) => flood(stream(rogue) as never, line, sent)));
    expect(await transport.run({ ...command, timeoutMs: 60_000 })).toMatchObject({ ...lost, tooLong: true });
  });

  test("whose commands print all they may, one after the other, is not let do that for ever", async () => {
    const most = "x".repeat(15 * MiB);
    const numbers = [1, 2, 3, 4, 5, 6];
    const transport = connect(
      greeted(({ out, err, frame }) => {
        for (const number of numbers) err(frame(number, 0, 0));
        for (const number of numbers) out(`${most}${frame(number, 0, 0)}`);
      }),
    );
    const results = await transport.runAll(Array<Command>(6).fill(command), { as: "looks" });
    const kept = results.map((result) => result?.stdout.length ?? 0).reduce((sum, bytes) => sum + bytes, 0);
    expect(kept).toBeLessThanOrEqual(64 * MiB);
    expect(results.at(-1)).toMatchObject({ tooLong: true });
  });

  test.each<[string, (socket: Socket) => void]>([
    ["lines that are no SSH", (socket) => flood(socket, line, sent)],
    ["a line that is no SSH", (socket) => flood(socket, "x".repeat(20_000), sent)],
    [
      "packets after its name",
      (socket) => {
        socket.write("SSH-2.0-rogue\r\n");
        flood(socket, Buffer.from([0, 0, 0, 12, 10, 2, 0, 0, 0, 0, 1, 2, 3, 4, 5, 6]), sent);
      },
    ],
    ["its name, and no more", (socket) => void socket.write("SSH-2.0-rogue\r\n")],
  ])("that says %s", async (_, raw) => {
    const { code, error } = await faultOf(connect({ raw: (socket) => raw(socket.resume()) }).run(command));
    expect([code, error.host]).toEqual(["CANNOT_CONNECT", "127.0.0.1"]);
  });

  const banner = Buffer.concat([Buffer.from([53]), sshText(line), sshText("")]);
  const ignored = Buffer.concat([Buffer.from([2]), sshText(line)]);
  const always = (connection: Connection, packet: Buffer) => {
    const go = () => {
      if (sent.bytes > 30 * MiB) return;
      sent.bytes += packet.length;
      sendPacket(connection, packet);
      setImmediate(go);
    };
    go();
  };

  test.each<[string, Behaviour]>([
    ["says nothing", { authenticate: () => "ignore" }],
    [
      "shows banners",
      { authenticate: () => "ignore", connected: (one) => void one.once("authentication", () => always(one, banner)) },
    ],
    [
      "sends what is to be ignored",
      { authenticate: () => "ignore", connected: (one) => void one.once("authentication", () => always(one, ignored)) },
    ],
  ])("that %s while we log in", async (_, behaviour) => {
    const { code, error } = await faultOf(connect(behaviour, { connectTimeout: 1.5 }).run(command));
    expect([code, error.host, error.summary]).toEqual([
      "CANNOT_CONNECT",
      "127.0.0.1",
      expect.stringContaining("was not logged in within 1.5 s"),
    ]);
  });

  test("that tells of its keys again and again, and proves none", async () => {
    const keyBlob = Buffer.from(server.hostKey.publicKey.split(" ")[1] ?? "", "base64");
    const keys = Buffer.concat([Buffer.from([80]), sshText("hostkeys-00@openssh.com"), Buffer.from([0]), sshText(keyBlob)]);
    let tell = () => {};
    const transport = connect({
      ...greeted(() => tell()),
      connected(connection) {
        connection.on("request", () => {});
        tell = () => {
          for (let left = 300; left > 0; left -= 1) sendPacket(connection, keys);
        };
      },
    });
    const result = await transport.run({ ...command, timeoutMs: 60_000 });
    expect(result).toMatchObject({ ...lost, stderr: expect.stringContaining("answers nothing") });
  });

  test("that asks and asks, and reads no answers", () => {
    const stream = new Duplex({ read() {}, write() {} });
    const client = { _callbacks: [], _protocol: {} };
    const reasons: string[] = [];
    const end = watchConnection(client as never, stream, (reason) => reasons.push(reason));
    const hear = () => stream.emit("data", Buffer.from("request"));
    stream.write(Buffer.alloc(7 * MiB));
    hear();
    expect(reasons).toEqual([]);
    stream.write(Buffer.alloc(2 * MiB));
    hear();
    expect(reasons).toEqual([expect.stringContaining("reads no answers")]);
    end();
    hear();
    expect(reasons).toHaveLength(1);
  });

  test.each<[string, Behaviour]>([
    ["talks for ever in the place of the host behind it", { forward: (channel) => flood(channel, line, sent) }],
    ["is silent in its place", { forward: () => {} }],
    ["closes the way at once", { forward: (channel) => void channel.end() }],
  ])("to jump through that %s", async (_, behaviour) => {
    const jump = spec();
    const transport = connect(behaviour, { jump, port: 22, connectTimeout: 1.5 }, ["behind.example"]);
    const { code, error } = await faultOf(transport.run(command));
    expect([code, error.host]).toEqual(["CANNOT_CONNECT", "behind.example"]);
  });
});
