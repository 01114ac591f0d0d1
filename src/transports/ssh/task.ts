// What is asked of a shell on a host, and what it answers.
import type { Cause, Limits } from "../running";

/** What is asked of the shell, and how long it may take once it is its turn. */
export interface Task extends Limits {
  /** Text that the shell answers with one frame on each stream, and before it perhaps with a "held" one. */
  text: string;
  /** The lock is somebody's: what that one called itself. */
  onHeld?: ((holder: string) => void) | undefined;
  /** Told at once, before anybody can ask for more. */
  onAnswer?: ((answer: Answer) => void) | undefined;
}

export interface Answer {
  /** As the shell says it; undefined: nobody knows how it ended. */
  status?: string;
  /** Only if the shell obeyed, or was given up. */
  cause?: Cause;
  /** The shell takes it for a step that failed. */
  failed?: true;
  stdout: Buffer;
  stderr: Buffer;
  ms: number;
  /** Why there is no status. */
  lost?: string;
  /** Of several that were lost together only the first can have been run. */
  first?: true;
}
