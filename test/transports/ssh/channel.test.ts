// A command that is over before anybody could listen.
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { type AddressInfo, createServer } from "node:net";
import { Server } from "ssh2";
import { expect, test } from "vitest";
import { makeKey } from "../../sshd/keys";
import { hasSshKeygen, outputOf, ssh, testDirectory, withPool } from "./support";

const { dir, home } = testDirectory();

test.skipIf(!hasSshKeygen)("nothing is missed of a command whose whole answer comes in one packet", async () => {
  const key = makeKey(dir);
  const server = new Server({ hostKeys: [readFileSync(key.path)] });
  const tcp = createServer((socket) => {
    server.once("connection", (connection) => {
      connection.on("error", () => {}).on("authentication", (context) => context.accept());
      connection.on("session", (accept) => {
        accept().on("exec", (acceptCommand) => {
          socket.cork();
          const channel = acceptCommand();
          channel.write("output");
          channel.stderr.write("complaint");
          channel.exit(3);
          channel.end();
          setImmediate(() => socket.uncork());
        });
      });
    });
    server.injectSocket(socket);
  }).listen(0, "127.0.0.1");
  await once(tcp, "listening");
  try {
    await withPool({ home }, async (pool) => {
      const { port } = tcp.address() as AddressInfo;
      const connection = await pool.connect(
        ssh({ port, user: "x", hostKey: key.publicKey, privateKeyPath: key.path }),
        "127.0.0.1",
      );
      const said = await outputOf(await connection.start("anything"));
      expect(said).toEqual({ ending: { exitCode: 3 }, stdout: "output", stderr: "complaint" });
    });
  } finally {
    tcp.close();
  }
});
