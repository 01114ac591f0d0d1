// Cuts a connection anywhere, not at the boundaries of commands.
import { expect } from "vitest";
import type { Direction } from "../../sshd/proxy";
import { describeStorage, readStorage, restoreStorage } from "../storage";
import type { TestSite } from "../support";
import { expectLoss } from "./disturb";
import { sshSaboteur } from "./over-ssh";
import type { SpiedHosts } from "./spied-hosts";
import { expectDone, type Scenario } from "./sweep";

/** Cuts the connection to the client's host after bytes of a whole run, spread evenly; the next run has to make it good. */
export async function sweepBytes(
  site: TestSite,
  spied: SpiedHosts,
  prepare: () => Promise<Scenario>,
  points: Readonly<Record<Direction, number>>,
): Promise<{ cut: number; failed: number }> {
  const proxy = spied.hosts.proxies.client;
  if (!proxy) throw new Error("no proxy before the client");
  const { run, rest } = sshSaboteur(site, spied, { sample: { count: 0, round: 0 }, by: ["close"] });
  expect((await site.sandbox("reset")).exitCode).toBe(0);
  const { hook } = await prepare();
  const start = readStorage(site.dir);
  proxy.resetCounts();
  expectDone(await run(hook, "undisturbed"), "undisturbed");
  const whole = proxy.counts();
  const goal = describeStorage(site.dir);
  let failed = 0;
  for (const direction of ["toServer", "toClient"] as const) {
    for (let nth = 1; nth <= points[direction]; nth += 1) {
      const bytes = Math.floor((whole[direction] * (nth - 0.5)) / points[direction]);
      const where = `after ${bytes} of ${whole[direction]} bytes ${direction}`;
      restoreStorage(site.dir, start);
      void proxy.cutAfter(bytes, direction);
      const ended = await run(hook, where);
      void proxy.cutAfter(Number.MAX_SAFE_INTEGER, direction);
      // A connection that was cut before anything was asked for is made anew.
      if (ended.exitCode === 0) expect(`${where}\n${describeStorage(site.dir)}`).toBe(`${where}\n${goal}`);
      else expectLoss(ended, where);
      failed += ended.exitCode === 0 ? 0 : 1;
      // Not waited for: what still goes on has the lock.
      expectDone(await run(hook, where), where);
      await rest?.(where);
      expect(`${where}\n${describeStorage(site.dir)}`).toBe(`${where}\n${goal}`);
    }
  }
  return { cut: points.toServer + points.toClient, failed };
}
