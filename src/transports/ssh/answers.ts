// What a shell's answer means as a result of a command; and what sudo says for itself, which must not pass for the command's.
import type { Command, Result } from "../../core/command";
import type { ShareError } from "../../core/errors";
import { fault } from "../faults";
import { causeIn } from "../running";
import { notRunStatus } from "./shell-script";
import type { Answer } from "./task";

/** Signals by the numbers they have on Linux, where the hosts are; this machine may count otherwise. */
const signals: Record<number, string> = {
  1: "SIGHUP",
  2: "SIGINT",
  3: "SIGQUIT",
  4: "SIGILL",
  5: "SIGTRAP",
  6: "SIGABRT",
  7: "SIGBUS",
  8: "SIGFPE",
  9: "SIGKILL",
  10: "SIGUSR1",
  11: "SIGSEGV",
  12: "SIGUSR2",
  13: "SIGPIPE",
  14: "SIGALRM",
  15: "SIGTERM",
  24: "SIGXCPU",
  25: "SIGXFSZ",
};

/** The result of a command, or undefined when it was not run. */
export function resultOf(answer: Answer): Result | undefined {
  if (answer.status === notRunStatus) return undefined;
  const { cause, lost, ms } = answer;
  const stderr = answer.stderr.toString("utf8");
  const note = lost === undefined ? "" : answer.first ? lost : `not known to have been run: ${lost}`;
  return {
    ...ending(answer),
    ...causeIn(cause),
    ...(lost !== undefined && cause !== undefined ? { stuck: true } : {}),
    stdout: answer.stdout.toString("utf8"),
    stderr: [stderr.trimEnd() === "" ? "" : stderr, note].filter(Boolean).join(stderr.endsWith("\n") ? "" : "\n"),
    ms,
  };
}

/** A shell says "128 + number" of a command that a signal ended. One that exits with such a status itself cannot be told apart: no success either. */
function ending({ status }: Answer): Pick<Result, "exitCode" | "signal"> {
  if (status === undefined) return { exitCode: null };
  const signal = signals[Number(status) - 128];
  return signal ? { exitCode: null, signal } : { exitCode: Number(status) };
}

const refusals =
  /^(sudo: (a password is required|a terminal is required|sorry, you must have a tty|command not found|no valid sudoers|account validation|effective uid|.* must be (owned|setuid)|PAM|unable to (open|stat|initialize).*)|Sorry, user .* (is not allowed|may not run)|.* is not in the sudoers file).*$/m;
/** Said by sudo, which goes on all the same; callers take a word on standard error for the command's. */
const warnings = /^sudo: unable to resolve host .*\n/gm;

/** The result without what sudo said; throws SUDO_REFUSED if sudo did not run the command at all. */
export function afterSudo(result: Result, command: Command["argv"], sudo: readonly string[], host: string): Result {
  if (sudo.length === 0) return result;
  const stderr = result.stderr.replace(warnings, "");
  const own = result.exitCode === 1 || result.exitCode === 127 ? stderr : "";
  // Sudo names the tool it cannot find as it was given to it, and has one exit code for all it refuses.
  if (own.startsWith(`sudo: ${command[0]}: command not found`)) return { ...result, exitCode: 127, stderr };
  const isMissing = own.startsWith(`${sudo[0]}: command not found`);
  if (result.stdout === "" && (isMissing || refusals.test(own))) throw refusal(command, sudo, host, own);
  return { ...result, stderr };
}

function refusal(command: Command["argv"], sudo: readonly string[], host: string, said: string): ShareError {
  return fault("SUDO_REFUSED", { host, command: [...sudo, ...command], said: said.trim() });
}
