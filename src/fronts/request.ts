// Reads a request out of the environment that a provisioner sets, and says what is wrong with it before anything is done.
import { fault } from "../core/errors";
import { env } from "../spec/request";

export type Environment = Readonly<Record<string, string | undefined>>;

interface Schema<T> {
  safeParse(
    value: unknown,
  ): { success: true; data: T } | { success: false; error: { issues: readonly { path: PropertyKey[]; message: string }[] } };
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
    throw fault("BAD_REQUEST", { summary: `${name} is not JSON`, said: text.slice(0, 200), cause });
  }
  const result = schema.safeParse(value);
  if (result.success) return result.data;
  const lines = result.error.issues.map((issue) => {
    const path = issue.path.map(String).join(".") || name;
    const found = valueAt(value, issue.path);
    // zod/mini has no texts of its own.
    const message =
      issue.message === "Invalid input" ? (found === undefined ? "is missing" : "is not what is expected here") : issue.message;
    return `${path}${shown(issue.path, found)}: ${message}`;
  });
  throw fault("BAD_REQUEST", { ...(object ? { object } : {}), summary: lines.join("; ") });
}

// Where people paste a secret when they take the reference to one for the secret itself.
const references: readonly PropertyKey[] = ["passwordFromEnv", "passphraseFromEnv", "privateKeyPath"];

function shown(path: readonly PropertyKey[], value: unknown): string {
  if (value === undefined) return "";
  return references.includes(path.at(-1) ?? "") ? " (not shown, since it may be a secret)" : ` = ${JSON.stringify(value)}`;
}

function valueAt(value: unknown, path: readonly PropertyKey[]): unknown {
  return path.reduce<unknown>(
    (at, key) => (typeof at === "object" && at !== null ? (at as Record<PropertyKey, unknown>)[key] : undefined),
    value,
  );
}

export function specText(environment: Environment): string {
  return required(environment, env.spec);
}

export function claimOf(environment: Environment): string {
  return required(environment, env.claim);
}
