// Reads cdk.tf.json: every hook of ours in it, whichever resource carries it.
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { basename, join, resolve } from "node:path";
import { fault } from "../core/errors";
import { hasKind, type System } from "./system";
import { textIn } from "./terraform-text";

/** What the objects of a hook are, and where: as the system of that kind reads it. */
export interface Placed {
  kind: string;
  place: unknown;
}

/** An applied resource: one share, access rule or snapshot. */
export type AppliedBlock = Placed & {
  type: string;
  name: string;
  key: string;
  /** Its hook takes over what it finds. */
  adopt: boolean;
  /** As written, expressions and all. */
  triggers: Record<string, string>;
};

/** A `for_each` block of claims. */
export type ClaimBlock = Placed & {
  type: string;
  name: string;
  keys: string[];
};

export interface StackConfig {
  directory: string;
  name: string;
  applied: AppliedBlock[];
  claims: ClaimBlock[];
  /** Places by kinds, also those without an object. */
  placed: Placed[];
}

/** The argument that holds the triggers, by the carrier's resource type. */
export const triggerArguments: Readonly<Record<string, string>> = {
  null_resource: "triggers",
  terraform_data: "triggers_replace",
};

const file = "cdk.tf.json";

/** The folder of a synthesized stack: the one that is named, by path or by name, else the only one there is. */
export function findStack(named: string | undefined, workingDirectory: string): string {
  const stacks = join(workingDirectory, "cdktf.out", "stacks");
  const names = synthesizedIn(join(workingDirectory, "cdktf.out"));
  if (named !== undefined) {
    const candidates = [resolve(workingDirectory, named), join(stacks, named)];
    const found = candidates.find((candidate) => existsSync(join(candidate, file)));
    if (found) return found;
    throw fault("BAD_REQUEST", { summary: `there is no synthesized stack at ${candidates[0]}`, fix: adviceFor(names) });
  }
  const [only, ...others] = names;
  if (only !== undefined && others.length === 0) return join(stacks, only);
  const summary =
    only === undefined ? `there is no synthesized stack below ${stacks}` : `there are ${names.length} stacks below ${stacks}`;
  throw fault("BAD_REQUEST", { summary, fix: adviceFor(names) });
}

/** Folders below `stacks`. One that the manifest does not list is of an earlier synthesis: cdktf leaves it there. */
function synthesizedIn(output: string): string[] {
  const stacks = join(output, "stacks");
  const names = existsSync(stacks) ? readdirSync(stacks).filter((name) => existsSync(join(stacks, name, file))) : [];
  const manifest = join(output, "manifest.json");
  if (!existsSync(manifest)) return names;
  const listed = Object.values(objectAt(readJson(manifest), "stacks")).map((stack) => objectAt(stack)["workingDirectory"]);
  // On Windows cdktf writes "stacks\\NAME".
  return names.filter((name) => listed.some((folder) => String(folder).replaceAll("\\", "/") === `stacks/${name}`));
}

function adviceFor(names: readonly string[]): string {
  return names.length === 0
    ? "run `cdktf synth` first, or name the folder that holds cdk.tf.json"
    : `name one by --stack: ${names.map((name) => `cdktf.out/stacks/${name}`).join(", ")}`;
}

export function readStackConfig(directory: string, systems: readonly System[]): StackConfig {
  return parseStackConfig(readJson(join(directory, file)), directory, systems);
}

function readJson(path: string): unknown {
  try {
    return JSON.parse(readFileSync(path, "utf8"));
  } catch (cause) {
    throw fault("BAD_REQUEST", { summary: `${path} is not JSON`, fix: "synthesize the stack again (`cdktf synth`)", cause });
  }
}

/** Pure. */
export function parseStackConfig(document: unknown, directory: string, systems: readonly System[]): StackConfig {
  const applied: AppliedBlock[] = [];
  const claims: ClaimBlock[] = [];
  for (const [type, argument] of Object.entries(triggerArguments)) {
    for (const [name, block] of Object.entries(objectAt(document, "resource", type))) {
      const hook = hookOf(block, systems, objectAt(document, "locals"));
      if (!hook) continue;
      const { action, key, placed } = hook;
      if (action === "destroy") claims.push({ type, name, ...placed, keys: Object.keys(objectAt(document, "locals", name)) });
      else {
        const triggers = objectAt(block, argument) as Record<string, string>;
        applied.push({ type, name, ...placed, key, adopt: action === "adopt", triggers });
      }
    }
  }
  const metadata = objectAt(document, "//", "metadata");
  const name = typeof metadata["stackName"] === "string" ? metadata["stackName"] : basename(directory);
  const placed = [...applied, ...claims].map(({ kind, place }) => ({ kind, place }));
  return { directory, name, applied, claims, placed: distinct(placed) };
}

export function distinct<T>(values: readonly T[]): T[] {
  return [...new Map(values.map((value) => [JSON.stringify(value), value])).values()];
}

export function objectAt(value: unknown, ...path: string[]): Record<string, unknown> {
  const found = path.reduce<unknown>((at, key) => (isObject(at) ? at[key] : undefined), value);
  return isObject(found) ? found : {};
}

export function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

interface Hook {
  action: string;
  key: string;
  placed: Placed;
}

/** Our hook of a resource: `node EXECUTOR hook KIND ACTION` with the key as its command. */
function hookOf(block: unknown, systems: readonly System[], locals: Record<string, unknown>): Hook | undefined {
  const provisioners = isObject(block) && Array.isArray(block["provisioner"]) ? (block["provisioner"] as unknown[]) : [];
  for (const provisioner of provisioners) {
    const { interpreter, command, environment } = objectAt(provisioner, "local-exec");
    if (!Array.isArray(interpreter) || typeof command !== "string" || !isObject(environment)) continue;
    const [, , word, kind, action] = interpreter as string[];
    const system = systems.find((each) => kind !== undefined && hasKind(each, kind));
    if (word !== "hook" || kind === undefined || !system || action === undefined) continue;
    const text = environment[system.placeVariable];
    if (typeof text !== "string") continue;
    return { action, key: command, placed: { kind, place: system.readPlace(withLocals(text, locals)) } };
  }
  return undefined;
}

/** With entries of local maps. What is read otherwise is no text that constructs wrote. */
function withLocals(text: string, locals: Record<string, unknown>): string {
  const says = (reference: string) => {
    const [, map = "", key = ""] = /^local\.([\w-]+)\["([^"]+)"\]$/.exec(reference) ?? [];
    const value = objectAt(locals, map)[key];
    return typeof value === "string" ? textIn(value) : undefined;
  };
  return textIn(text, says) ?? text;
}
