// Reads a request out of the environment that a provisioner sets, and says what is wrong with it before anything is done.
import { fault } from "../core/errors";
import type { Action } from "../spec/kinds";
import { env, idPattern } from "../spec/request";

export type Environment = Readonly<Record<string, string | undefined>>;

interface Issue {
  code: string;
  path: PropertyKey[];
  message: string;
  /** Of "unrecognized_keys". */
  keys?: string[];
}

interface Schema<T> {
  safeParse(value: unknown): { success: true; data: T } | { success: false; error: { issues: readonly Issue[] } };
}

export function required(environment: Environment, name: string): string {
  const value = environment[name];
  if (value !== undefined && value !== "") return value;
  throw fault("BAD_REQUEST", {
    summary: `${name} is not set`,
    fix: "hooks are started by Terraform; see `sharewright --help` for what people run",
  });
}

/** What a text holds, or a fault that names every part that is wrong. */
export function readJson<T>(schema: Schema<T>, text: string, name: string, object?: string): T {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (cause) {
    // Not even in part: what is in it cannot be told apart from a secret.
    throw fault("BAD_REQUEST", { summary: `${name} is not JSON (${text.length} characters)`, cause });
  }
  const result = schema.safeParse(value);
  if (result.success) return result.data;
  const lines = result.error.issues.map((issue) => {
    const path = issue.path.map(String).join(".") || name;
    if (issue.code === "unrecognized_keys") return `${path}: there is no property ${issue.keys?.join(", ")}`;
    const found = valueAt(value, issue.path);
    // zod/mini has no texts of its own.
    const message =
      issue.message === "Invalid input" ? (found === undefined ? "is missing" : "is not what is expected here") : issue.message;
    return `${path}${shown(issue.path, found)}: ${message}`;
  });
  throw fault("BAD_REQUEST", { ...(object ? { object } : {}), summary: lines.join("; ") });
}

/** Reads what is asked of the object of a key. */
export function readerOf<T>(triggers: Schema<T>): (text: string, key: string) => T {
  return (text, key) => readJson(triggers, text, env.spec, key);
}

// Where people paste a secret when they take the reference to one for the secret itself.
const references: readonly PropertyKey[] = ["passwordFromEnv", "passphraseFromEnv", "privateKeyPath"];

/** Of what has parts the parts may be anything, and so may a text where something with parts belongs. */
const withParts: readonly PropertyKey[] = ["client", "mgs", "mds", "servers", "connection", "jump", "hostKey"];

function shown(path: readonly PropertyKey[], value: unknown): string {
  if (value === undefined || typeof value === "object") return "";
  const name = path.findLast((part) => typeof part === "string") ?? "";
  const isHidden = references.includes(name) || withParts.includes(name);
  return isHidden ? " (not shown, since it may be a secret)" : ` = ${JSON.stringify(value)}`;
}

function valueAt(value: unknown, path: readonly PropertyKey[]): unknown {
  return path.reduce<unknown>(
    (at, key) => (typeof at === "object" && at !== null ? (at as Record<PropertyKey, unknown>)[key] : undefined),
    value,
  );
}

/** The triggers, and the consent to take over what is there. */
export function specText(environment: Environment, action: Action): string {
  const text = required(environment, env.spec);
  return action === "adopt" ? text.replace("{", '{"adopt":"true",') : text;
}

/** Of an apply hook; stacks that earlier versions synthesized do not say it. */
export function stackOf(environment: Environment): { stack?: string } {
  const stack = environment[env.stack];
  if (stack === undefined || stack === "") return {};
  if (idPattern.test(stack)) return { stack };
  throw fault("BAD_REQUEST", { summary: `${env.stack} = ${JSON.stringify(stack)} is not the id of a stack` });
}

export function claimOf(environment: Environment): string {
  return required(environment, env.claim);
}
