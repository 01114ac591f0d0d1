import { once } from "node:events";
import { type AddressInfo, connect, createServer } from "node:net";
import { expect, test } from "vitest";
import { endpointOf } from "../../../src/transports/ssh/endpoint";
import { openSocket } from "../../../src/transports/ssh/socket";
import { ssh, testDirectory } from "./support";

const { home } = testDirectory();

test("what is ended before it connects leaves no connection behind", async () => {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  const endpoint = await endpointOf(ssh({ port, user: "x", privateKeyPath: "/none" }), "127.0.0.1", { home, environment: {} });
  const came: number[] = [];
  const both = new Promise<void>((resolve) =>
    server.on("connection", (socket) => {
      came.push(socket.remotePort ?? 0);
      if (socket.remotePort === later.localPort) resolve();
    }),
  );
  const outcome = openSocket(endpoint, performance.now() + 60_000, AbortSignal.abort());
  // The server takes them in the order in which they come.
  await outcome;
  const later = connect(port, "127.0.0.1");
  await both;
  expect(came).toEqual([later.localPort]);
  expect(await outcome).toMatchObject({ error: { code: "CANNOT_CONNECT" }, again: "never" });
  later.destroy();
  server.close();
  await once(server, "close");
});
