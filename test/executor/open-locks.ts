// Locks of executors within the test, with the meaning that flock has for processes: of an open file, by its inode, held until that is closed,
// first come, first served. Between an executor within the test and a process they mean nothing.
import { closeSync, existsSync, fstatSync, openSync, readFileSync, writeFileSync } from "node:fs";
import type { Result } from "../../src/core/command";
import { type Lock, lockOf, noteOf, type Transport } from "../../src/core/transport";

/** Who waits for each file; there is an entry as long as it is locked. */
const locked = new Map<string, (() => void)[]>();

const ended = (exitCode: number, stderr = ""): Result => ({ exitCode, timedOut: false, stdout: "", stderr, ms: 0 });

export interface OpenLocks {
  lock: Transport["lock"];
  isAny(): boolean;
  /** Of a process that has ended: all of its files are closed. */
  close(): void;
}

export function openLocks(): OpenLocks {
  const open = new Set<() => void>();
  /** Undefined: the file cannot be opened, and why. */
  const take = (file: string): { id: string; descriptor: number } | string => {
    try {
      const descriptor = openSync(file, "a+", 0o600);
      const { dev, ino } = fstatSync(descriptor, { bigint: true });
      return { id: `${dev}:${ino}`, descriptor };
    } catch (error) {
      return (error as Error).message;
    }
  };
  return {
    async lock(file, _waitMs, { name, onWait }): Promise<Lock> {
      const taken = take(file);
      if (typeof taken === "string") return lockOf(ended(1, taken), async () => {});
      const { id, descriptor } = taken;
      const waiting = locked.get(id);
      if (waiting) {
        const holder = noteOf(file);
        onWait(existsSync(holder) ? readFileSync(holder, "utf8").trim() : "");
        await new Promise<void>((resolve) => waiting.push(resolve));
      } else locked.set(id, []);
      const letGo = () => {
        if (!open.delete(letGo)) return;
        closeSync(descriptor);
        const next = locked.get(id)?.shift();
        if (next) next();
        else locked.delete(id);
      };
      open.add(letGo);
      writeFileSync(noteOf(file), `${name}\n`);
      return lockOf(ended(0), async () => letGo());
    },
    isAny: () => open.size > 0,
    close: () => {
      for (const letGo of [...open]) letGo();
    },
  };
}
