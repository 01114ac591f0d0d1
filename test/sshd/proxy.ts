// A loopback TCP proxy that adds latency, counts, freezes and cuts.
import { once } from "node:events";
import { type AddressInfo, connect, createServer, type Socket } from "node:net";

export interface ProxyOptions {
  to: { port: number };
  /** Milliseconds that every byte is under way, in each direction. @default 0 */
  latencyMs?: number;
}

export type Direction = "toServer" | "toClient";

/** Over all connections since the start or the last `resetCounts`. */
export interface Counts {
  connections: number;
  /** Bytes passed on. */
  toServer: number;
  toClient: number;
  /** Times that the client sent something after it had heard something, the first time included: an upper bound of round trips. */
  flights: number;
}

export interface LoopbackProxy {
  readonly port: number;
  counts(): Counts;
  resetCounts(): void;
  /** Ends the open connections at both sides; "reset" by RST. What is under way is lost. */
  cutNow(how?: "close" | "reset"): void;
  /**
   * Cuts once: after so many more bytes in that direction, to the byte, or after the chunk with which the predicate holds.
   * Resolves when it has cut.
   */
  cutAfter(limit: Limit, direction?: Direction): Promise<void>;
  /** From now on nothing passes, and nobody is told, until `thaw`. */
  freeze(): void;
  thaw(): void;
  /** The next connections are closed at once. */
  refuse(connections: number): void;
  stop(): Promise<void>;
}

interface Link {
  client: Socket;
  server: Socket;
  heard: boolean;
}

type Limit = number | ((counts: Counts) => boolean);

function isReached(limit: Limit, counts: Counts): boolean {
  return typeof limit === "number" ? limit <= 0 : limit({ ...counts });
}

export async function startProxy({ to, latencyMs = 0 }: ProxyOptions): Promise<LoopbackProxy> {
  const none = (): Counts => ({ connections: 0, toServer: 0, toClient: 0, flights: 0 });
  const links = new Set<Link>();
  let counts = none();
  let refusals = 0;
  let frozen: (() => void)[] | undefined;
  let limit: { reached: Limit; direction: Direction; cut: () => void } | undefined;

  const cutNow: LoopbackProxy["cutNow"] = (how = "close") => {
    for (const { client, server } of links)
      for (const socket of [client, server]) how === "reset" ? socket.resetAndDestroy() : socket.destroy();
    links.clear();
  };
  const cutLimited = (): void => {
    limit?.cut();
    limit = undefined;
    // What was written has to leave first.
    setImmediate(() => cutNow());
  };
  /** How much of a chunk may pass before the cut. */
  const allowed = (direction: Direction, data: Buffer): Buffer => {
    if (limit?.direction !== direction || typeof limit.reached !== "number") return data;
    const part = data.subarray(0, limit.reached);
    limit.reached -= part.length;
    return part;
  };
  const pass = (link: Link, direction: Direction, data: Buffer): void => {
    if (!links.has(link)) return;
    if (frozen) {
      frozen.push(() => pass(link, direction, data));
      return;
    }
    if (direction === "toServer" && link.heard) counts.flights += 1;
    link.heard = direction === "toClient";
    const part = allowed(direction, data);
    counts[direction] += part.length;
    (direction === "toServer" ? link.server : link.client).write(part);
    if (limit && isReached(limit.reached, counts)) cutLimited();
  };
  const later = (work: () => void): void => {
    if (latencyMs > 0) setTimeout(work, latencyMs);
    else work();
  };

  const proxy = createServer({ noDelay: true, allowHalfOpen: true }, (client) => {
    if (refusals > 0) {
      refusals -= 1;
      client.destroy();
      return;
    }
    counts.connections += 1;
    const server = connect({ host: "127.0.0.1", port: to.port, noDelay: true, allowHalfOpen: true });
    const link: Link = { client, server, heard: true };
    links.add(link);
    for (const [from, other, direction] of [
      [client, server, "toServer"],
      [server, client, "toClient"],
    ] as const) {
      from.on("data", (data) => later(() => pass(link, direction, data)));
      from.on("end", () => later(() => (frozen ? frozen.push(() => other.end()) : other.end())));
      from.on("error", () => other.destroy());
      from.on("close", () => {
        if (client.destroyed && server.destroyed) links.delete(link);
      });
    }
  });
  proxy.listen(0, "127.0.0.1");
  await once(proxy, "listening");
  return {
    port: (proxy.address() as AddressInfo).port,
    counts: () => ({ ...counts }),
    resetCounts: () => {
      counts = none();
    },
    cutNow,
    cutAfter: (reached, direction = "toClient") =>
      new Promise((resolve) => {
        limit = { reached, direction, cut: resolve };
      }),
    freeze: () => {
      frozen ??= [];
    },
    thaw: () => {
      const waiting = frozen ?? [];
      frozen = undefined;
      for (const work of waiting) work();
    },
    refuse: (connections) => {
      refusals = connections;
    },
    async stop() {
      cutNow();
      proxy.close();
      await once(proxy, "close");
    },
  };
}
