// The SSH transport on a server that misbehaves: the contract while it behaves, and what every misbehaviour is taken for.
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import type { Command } from "../../src/core/command";
import type { SshConnectionSpec } from "../../src/spec/connection";
import { type SshTransport, sshTransport } from "../../src/transports/ssh";
import { type ConnectionPool, connectionPool } from "../../src/transports/ssh/connection";
import { type Key, makeKey } from "../sshd/keys";
import { writeKnownHosts } from "../sshd/known-hosts";
import { startBounded, until, whenEnded } from "../sshd/processes";
import { answering, type Behaviour, startUnrulyServer, type UnrulyServer } from "../sshd/unruly";
import { transportContract } from "./contract";
import { faultOf, hasSshKeygen, testDirectory } from "./ssh/support";

const { dir, home } = testDirectory();
const file = (leaf: string) => join(dir, leaf);
const sh = (script: string, more: Partial<Command> = {}): Command => ({ argv: ["/bin/sh", "-c", script], ...more });
const module = (path: string) => JSON.stringify(pathToFileURL(join(process.cwd(), path)).href);

let key: Key;
let pool: ConnectionPool;
const specOf = (port: number, knownHosts: string, more: Partial<SshConnectionSpec> = {}): SshConnectionSpec => ({
  type: "ssh",
  hosts: ["127.0.0.1"],
  port,
  user: "anybody",
  privateKeyPath: key.path,
  knownHostsPath: file(knownHosts),
  ...more,
});

describe.skipIf(!hasSshKeygen)("over an SSH server of our own", () => {
  beforeAll(() => {
    key = makeKey(dir, { name: "key" });
  });
  beforeEach(() => {
    pool ??= connectionPool({ environment: {}, home });
  });
  afterAll(() => pool?.close());

  describe("in a process of its own, because the contract's tests block theirs", () => {
    let stop = async () => {};
    let spec: SshConnectionSpec;
    beforeAll(async () => {
      const [program, said] = [file("server.mjs"), file("server.json")];
      writeFileSync(
        program,
        `const { startUnrulyServer } = await import(${module("test/sshd/unruly.ts")});
const { renameSync, writeFileSync } = await import("node:fs");
const server = await startUnrulyServer();
writeFileSync(${JSON.stringify(`${said}.new`)}, JSON.stringify({ port: server.port, line: server.knownHostsLine }));
renameSync(${JSON.stringify(`${said}.new`)}, ${JSON.stringify(said)});
process.on("SIGTERM", () => server.stop().then(() => process.exit()));
`,
      );
      const child = startBounded([process.execPath, "--import", "tsx", program]);
      const ended = whenEnded(child);
      stop = async () => {
        child.kill("SIGTERM");
        await ended;
      };
      await until(() => existsSync(said) || child.exitCode !== null, "the server");
      const { port, line } = JSON.parse(readFileSync(said, "utf8")) as { port: number; line: string };
      writeKnownHosts(file("known-other"), [line]);
      spec = specOf(port, "known-other");
    });
    afterAll(() => stop());

    transportContract("ssh on ssh2's server", {
      make: () => sshTransport(spec, { pool, environment: {} }),
      moduleText: () => `const { sshTransport } = await import(${module("src/transports/ssh.ts")});
const { connectionPool } = await import(${module("src/transports/ssh/connection.ts")});
const make = () => {
  const pool = connectionPool({ environment: {}, home: ${JSON.stringify(home)} });
  const transport = sshTransport(${JSON.stringify(spec)}, { pool, environment: {} });
  return { ...transport, close: async () => { await transport.close(); await pool.close(); } };
};`,
    });
  });

  describe("that misbehaves", () => {
    let server: UnrulyServer;
    const open: SshTransport[] = [];
    const pools: ConnectionPool[] = [];

    beforeEach(async () => {
      server = await startUnrulyServer();
      writeKnownHosts(file("known"), [server.knownHostsLine]);
    });
    afterEach(async () => {
      // Ended first, the server answers no farewell: nothing may wait for one.
      await server.stop();
      for (const one of [...open.splice(0), ...pools.splice(0)]) await one.close();
    });
    const connect = (more: Partial<SshConnectionSpec> = {}): SshTransport => {
      const own = connectionPool({ environment: {}, home });
      const transport = sshTransport(specOf(server.port, "known", more), { pool: own, environment: {} });
      open.push(transport);
      pools.push(own);
      return transport;
    };
    /** A transport that has run a command; the server misbehaves from now on. */
    const connected = async (behaviour: Behaviour, more: Partial<SshConnectionSpec> = {}): Promise<SshTransport> => {
      const transport = connect(more);
      expect(await transport.run(sh("exit 0"))).toMatchObject({ exitCode: 0 });
      server.behaviour = behaviour;
      return transport;
    };
    const lost = { exitCode: null, timedOut: false };

    test("output in packets of one byte is decoded once, at the end", async () => {
      const transport = await connected({});
      server.behaviour.packetBytes = 1;
      expect(await transport.run(sh("printf 'äö€🙂'; printf 'ü' >&2"))).toMatchObject({ stdout: "äö€🙂", stderr: "ü" });
    });

    test.each<[string, Behaviour]>([
      ["dropped before the command is begun", { input: (data, acts) => answering(acts.drop(), data.subarray(0, 0)) }],
      ["dropped in the middle of output", { output: (data, _, acts) => answering(acts.drop(), data) }],
      ["closed in the middle of output", { output: (data, _, acts) => answering(acts.close(), data) }],
      ["ended with status 0 in the middle of output", { output: (data, _, acts) => answering(acts.end(0), data.subarray(0, 1)) }],
      ["ended by a signal", { output: (data, _, acts) => answering(acts.end("KILL"), data.subarray(0, 1)) }],
    ])("a channel that is %s is no success, and is not tried again", async (_, behaviour) => {
      const transport = await connected(behaviour);
      const list = await transport.runAll([sh(`echo x >> ${file("runs")}; head -c 100000 /dev/zero`), sh("exit 0")], {
        as: "steps",
      });
      expect(list).toMatchObject([lost, undefined]);
      const runs = existsSync(file("runs")) ? readFileSync(file("runs"), "utf8") : "";
      writeFileSync(file("runs"), "");
      expect(runs.length).toBeLessThanOrEqual(2);
      server.behaviour = {};
      expect((await transport.run(sh("exit 6"))).exitCode).toBe(6);
    });

    test("a connection that breaks after the command has ended, before its status is told, is no success", async () => {
      const transport = await connected({});
      // A status of ours is a frame on stdout: all that comes after the output is withheld.
      server.behaviour.output = (data, stream, acts) => {
        if (stream === "stdout" && data.includes("done")) acts.drop();
        return data.subarray(0, 0);
      };
      expect(await transport.run(sh(`printf done; echo > ${file("ended")}`))).toMatchObject(lost);
      await until(() => existsSync(file("ended")), "the end of the command");
    });

    test("where signals are ignored, a second channel ends the command at its deadline", async () => {
      const transport = await connected({ ignoreSignals: true });
      const result = await transport.run(sh("exec sleep 60", { timeoutMs: 200 }));
      expect(result).toMatchObject({ exitCode: null, timedOut: true, stderr: "" });
      expect(server.asked.signals).toEqual(["TERM"]);
      expect(await transport.run(sh("exit 5"))).toMatchObject({ exitCode: 5 });
    });

    test("where nothing ends a command, we are not kept beyond the deadline, and say what may still run", async () => {
      const transport = await connected({ ignoreSignals: true, exec: () => "refuse" });
      const result = await transport.run(sh("exec sleep 60", { timeoutMs: 200 }));
      expect(result).toMatchObject({ exitCode: null, timedOut: true, stderr: expect.stringContaining("may still be running") });
    });

    test("one that answers nothing any more is lost after three signs of life", async () => {
      const transport = await connected({ input: (data, acts) => answering(acts.freeze(), data) }, { keepalive: 0.2 });
      expect(await transport.run(sh("sleep 60"))).toMatchObject(lost);
    });

    test("one that drops idle connections is connected to again", async () => {
      server.behaviour.idleMs = 300;
      const transport = connect();
      expect((await transport.run(sh("exit 3"))).exitCode).toBe(3);
      await until(() => server.connections() === 0, "the drop");
      expect((await transport.run(sh("exit 4"))).exitCode).toBe(4);
      expect(server.asked.connections).toBe(2);
    });

    test("refused connections and channels are asked for again, a bounded number of times", async () => {
      server.behaviour = { refuseConnections: 1, refuseChannels: 2 };
      expect((await connect().run(sh("exit 3"))).exitCode).toBe(3);
      expect(server.asked).toMatchObject({ connections: 2, channels: 3 });
      server.behaviour = { refuseConnections: 1000 };
      expect((await faultOf(connect().run(sh("exit 0")))).code).toBe("CANNOT_CONNECT");
      server.behaviour = { refuseChannels: 1000 };
      await faultOf(connect().run(sh("exit 0")));
      expect(server.asked.connections + server.asked.channels).toBeLessThan(100);
    });

    test.each<[string, Behaviour]>([
      ["garbage", { greeting: "garbage" }],
      ["a byte a second", { greeting: "drip" }],
      ["nothing", { greeting: "silence" }],
    ])("one that says %s instead of SSH cannot be connected to", async (_, behaviour) => {
      server.behaviour = behaviour;
      expect((await faultOf(connect({ connectTimeout: 1.5 }).run(sh("exit 0")))).code).toBe("CANNOT_CONNECT");
    });

    test("one that refuses to log in, or to run anything, is a fault", async () => {
      server.behaviour = { authenticate: () => false };
      expect((await faultOf(connect().run(sh("exit 0")))).code).toBe("AUTHENTICATION_FAILED");
      server.behaviour = { exec: () => "refuse" };
      await faultOf(connect().run(sh("exit 0")));
      server.behaviour = { exec: () => "ignore" };
      await faultOf(connect({ connectTimeout: 1 }).run(sh("exit 0")));
    });
  });
});
