// One error class, and the ways of ending other than well that are the same on all storage; backends and transports have tables of their own.
import { printable } from "./printable";
import { quote } from "./quote";

/** What a fault means, in general: its exit code, what happened, and what usually mends it. `sharewright explain CODE` prints it. */
export interface Meaning {
  exit: number;
  summary: string;
  fix: string;
  /** What is gone, and may be made anew, empty, by `sharewright repair --recreate`. */
  lost?: string;
}

/** What to do in other words than those of the table, by code; "stuck": a command that cannot even be killed. */
export type Advice = Readonly<Partial<Record<CoreFault | "stuck", string>>>;

export const coreFaults = {
  INTERNAL: { exit: 1, summary: "sharewright did something wrong", fix: "please report it with the output above" },
  BAD_REQUEST: { exit: 2, summary: "the request cannot be understood", fix: "correct the property named above" },
  NOT_CONVERGED: {
    exit: 1,
    summary: "every command succeeded, but a second look still differs from what was asked for",
    fix: "look at the remaining steps with `sharewright plan`; somebody may be changing the same object",
  },
  PREFLIGHT: {
    exit: 3,
    summary: "the storage is not in a state in which limits and access hold",
    fix: "see `sharewright doctor`; or set preflight: warn to go on at your own risk",
  },
  SHRINK_BELOW_USE: {
    exit: 3,
    summary: "the new limit is below, or too near, what is in use",
    fix: "free space first or ask for more; use is judged with a margin of 5 % because it is reported late",
  },
  MANAGED_ELSEWHERE: {
    exit: 4,
    summary: "another stack manages this object",
    fix: "remove it there first, or set adopt: true to take it over",
  },
  SHARE_NOT_READY: {
    exit: 4,
    summary: "the rule opens a share that does not exist or is being removed",
    fix: "create the share first; `sharewright list` shows what exists",
  },
  DELETION_PROTECTED: {
    exit: 3,
    summary: "deletion protection is on: the share is neither removed nor let go of",
    fix: "put it back into the code with deletionProtection: false, apply, and only then remove it",
  },
  RECORD_BROKEN: {
    exit: 4,
    summary: "a record of sharewright on the storage cannot be read",
    fix: "look at what is named above; restore it from a backup, or move it away and adopt the object",
  },
  NO_SUCH_ROLE: {
    exit: 5,
    summary: "none of the connection's hosts is the one that is looked for",
    fix: "see what each of them said above; name the host that has the role now",
  },
  LOCKED: {
    exit: 7,
    summary: "another run holds the lock",
    fix: "wait for it to end; `fuser -v FILE` on the host shows who holds it",
  },
  COMMAND_FAILED: { exit: 6, summary: "a command failed", fix: "see what it said; the next apply goes on from here" },
  OUTPUT_TOO_LONG: {
    exit: 6,
    summary: "a command said far more than it should, and was ended",
    fix: "run it by hand to see what it says",
  },
  COMMAND_LOST: { exit: 5, summary: "a command was cut off", fix: "apply again: the next run looks first and goes on from here" },
  DEADLINE: {
    exit: 7,
    summary: "a command did not end in time",
    fix: "see whether all servers answer, then apply again",
  },
  TOOL_MISSING: {
    exit: 8,
    summary: "a tool is missing on the host",
    fix: "install it there, or add its directory to the connection's path",
  },
  VERSION: { exit: 8, summary: "the version of a program cannot do what is asked for", fix: "upgrade it" },
} as const satisfies Record<string, Meaning>;

export type CoreFault = keyof typeof coreFaults;

const brand = Symbol.for("sharewright/ShareError");

export class ShareError extends Error {
  readonly [brand] = true;
  code = "INTERNAL";
  exit: number = coreFaults.INTERNAL.exit;
  /** What exactly is wrong, in one sentence. */
  summary = "";
  object?: string;
  host?: string;
  command?: readonly string[];
  /** What the tool said. */
  said?: string;
  /** What usually mends it. */
  fix: string = coreFaults.INTERNAL.fix;
  lost?: string;

  static isShareError(value: unknown): value is ShareError {
    return typeof value === "object" && value !== null && brand in value;
  }
}

export type Details = Partial<Pick<ShareError, "summary" | "object" | "host" | "command" | "said" | "cause">> & {
  fix?: string | undefined;
};

/** The way to say that something of these has happened. */
export function faultsOf<Code extends string>(meanings: Readonly<Record<Code, Meaning>>) {
  return (code: Code, details: Details = {}): ShareError => {
    const meaning = meanings[code];
    const { summary = meaning.summary, fix = meaning.fix } = details;
    const { exit, lost } = meaning;
    return Object.assign(new ShareError(summary), { ...details, code, exit, summary, fix, ...(lost ? { lost } : {}) });
  };
}

export const fault = faultsOf(coreFaults);

export function exitCodeOf(error: unknown): number {
  return ShareError.isShareError(error) ? error.exit : coreFaults.INTERNAL.exit;
}

/** The error block for people; the diagnosis stands last because Terraform repeats only the last 8 KB. */
export function renderError(error: unknown): string {
  if (!ShareError.isShareError(error))
    return `error INTERNAL  ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`;
  const rows: [string, string | undefined][] = [
    ["object", error.object],
    ["host", error.host],
    ["command", error.command && quote(error.command)],
    ["said", error.said && shortened(error.said)],
    ["fix", error.fix],
  ];
  const lines = rows.flatMap(([label, text]) => (text ? [`  ${label.padEnd(9)} ${printable(text, indent)}`] : []));
  return [`error ${error.code}  ${printable(error.summary, indent)}`, ...lines].join("\n");
}

export function errorDocument(error: unknown): Record<string, unknown> {
  if (!ShareError.isShareError(error)) return { code: "INTERNAL", summary: String(error) };
  const { code, summary, object, host, command, said, fix } = error;
  return { code, summary, object, host, command, said, fix };
}

const maxSaid = 2000;
const indent = " ".repeat(12);

function shortened(text: string): string {
  const said = text.trim();
  return said.length > maxSaid ? `… ${said.slice(-maxSaid)}` : said;
}
