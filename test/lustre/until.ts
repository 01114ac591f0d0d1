// Waits end when what is waited for has come. On a slow machine that may take long; the bound is there for what never comes.
import { setTimeout as sleep } from "node:timers/promises";

const boundMs = 15 * 60_000;

/** `look` returns undefined as long as it is not so. */
export async function until<T>(what: string, look: () => Promise<T | undefined>, bound = boundMs): Promise<T> {
  const deadline = Date.now() + bound;
  for (let pause = 20; ; pause = Math.min(pause * 2, 2_000)) {
    const found = await look();
    if (found !== undefined) return found;
    if (Date.now() > deadline) throw new Error(`waited ${Math.round(bound / 60_000)} min in vain: ${what}`);
    await sleep(pause);
  }
}
