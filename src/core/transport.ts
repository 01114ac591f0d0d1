// How commands reach a host, and the locks that live there.
import type { Command, Result } from "./command";

/** `result` tells whether the lock is held: exit 0, else why not. */
export interface Lock {
  result: Result;
  release(): Promise<void>;
}

export interface Transport {
  /** Runs a command; every ending is a result. While locks are held the command inherits them. */
  run(command: Command, signal?: AbortSignal): Promise<Result>;
  /**
   * Waits for an exclusive kernel lock on a file, which is made if its directory exists, and holds it until `release`. Commands run meanwhile
   * inherit the lock, so it ends when the last of them has ended, also when we are killed.
   */
  lock(file: string, waitMs: number): Promise<Lock>;
  /** Directory of the host for what need not outlive a reboot, such as the nodemap lock. */
  readonly runDirectory: string;
  close(): Promise<void>;
}
