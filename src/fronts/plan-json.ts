// Reads `terraform show -json PLAN`: the resources of ours in it, whichever carries them. What Terraform holds for sensitive is shown to nobody.
import { fault } from "../core/errors";
import { type Action, isAction } from "../spec/kinds";
import { removalPolicies } from "../spec/removal-policy";
import { policiesOutput } from "../spec/request";
import { isObject, objectAt, triggerArguments } from "./stack-config";
import { evaluate } from "./stack-expressions";

/** One trigger. */
export interface Value {
  /** Fit for everybody's eyes. */
  shown: string;
  /** For comparisons alone; undefined where only an apply can tell. */
  raw?: string;
  /** Whether `shown` is what stands there. */
  plain: boolean;
}

type Values = Readonly<Record<string, Value>>;

/** A claim or an applied resource that the plan tells of. */
export interface PlannedResource {
  address: string;
  /** Where it was, of one that moves. */
  previous?: string;
  /** Address of the block that it is in. */
  block: string;
  /** Of `for_each`. */
  index?: string;
  actions: readonly string[];
  reason: string;
  before?: Values;
  after?: Values;
  /** The claim's own, before. */
  id?: string;
  /** Of a claim: the removal policy that the code said when it was applied last, whether or not that was reached. */
  policy?: string;
  /** Its last apply failed, or somebody has said so. */
  tainted: boolean;
  hook?: Hook;
}

/** What a block's provisioner starts. */
export interface Hook {
  kind: string;
  action: Action;
  /** Of an applied resource. */
  key: string;
  /** Expressions that its triggers refer to. */
  references: readonly string[];
  /** Its triggers as far as the code tells them; undefined where only an apply can. */
  written: Readonly<Record<string, string | undefined>>;
}

export interface PlanJson {
  resources: PlannedResource[];
  notes: string[];
}

/** Pure. @throws BAD_REQUEST where that is no plan */
export function parsePlanJson(text: string, from: string): PlanJson {
  const plan = documentOf(text);
  const version = isObject(plan) ? plan["format_version"] : undefined;
  if (!isObject(plan) || typeof version !== "string" || !isObject(plan["planned_values"])) throw noPlan(from);
  if (!/^[01]\./.test(version))
    throw fault("VERSION", { summary: `${from} is a plan of format ${version}, and 1 is known`, fix: "use a newer sharewright" });
  const hooks = hooksIn(objectAt(plan, "configuration", "root_module"), "");
  const tainted = taintedIn(objectAt(plan, "prior_state", "values", "root_module"));
  // No hook runs for a deposed resource: another one has its place already.
  const changes = listAt(plan, "resource_changes").filter(
    ({ mode, type, deposed }) => mode === "managed" && argumentOf(type) !== "" && deposed === undefined,
  );
  const outputs = objectAt(plan, "output_changes");
  return { resources: changes.map((change) => resourceOf(change, hooks, tainted, outputs)), notes: notesOf(plan) };
}

function noPlan(from: string) {
  return fault("BAD_REQUEST", {
    summary: `${from} is no plan in JSON`,
    fix: "write one: `terraform plan -out=plan.out`, then `terraform show -json plan.out > plan.json`",
  });
}

function documentOf(text: string): unknown {
  try {
    return JSON.parse(text.replace(/^\uFEFF/, ""));
  } catch {
    return undefined;
  }
}

function notesOf(plan: Record<string, unknown>): string[] {
  return [
    ...(plan["errored"] === true ? ["the plan ended with an error: more may change than it tells"] : []),
    ...(plan["complete"] === false && plan["errored"] !== true
      ? ["the plan is not the whole: a later one may change more (-target, or what is put off)"]
      : []),
  ];
}

function resourceOf(
  planned: Record<string, unknown>,
  hooks: ReadonlyMap<string, Hook>,
  tainted: ReadonlySet<string>,
  outputs: Record<string, unknown>,
): PlannedResource {
  const { address, previous_address: previous, index, action_reason: reason } = planned;
  const change = objectAt(planned, "change");
  const argument = argumentOf(planned["type"]);
  const block = blockOf(String(address));
  const before = valuesOf(change, "before", argument);
  const hook = hooks.get(configured(block));
  const after = valuesOf(change, "after", argument, hook?.written ?? before);
  const { id } = objectAt(change, "before");
  const policy = policyOf(change, index, objectAt(outputs, policiesOutput(String(planned["name"])), "before"));
  return {
    address: String(address),
    ...(typeof previous === "string" ? { previous } : {}),
    block,
    ...(typeof index === "string" ? { index } : {}),
    actions: Array.isArray(change["actions"]) ? change["actions"].map(String) : [],
    reason: String(reason ?? ""),
    ...(before ? { before } : {}),
    ...(after ? { after } : {}),
    ...(typeof id === "string" ? { id } : {}),
    ...(policy === undefined ? {} : { policy }),
    tainted: reason === "replace_because_tainted" || tainted.has(typeof previous === "string" ? previous : String(address)),
    ...(hook ? { hook } : {}),
  };
}

/** As the claim itself shows it, or the output for those of its block. */
function policyOf(change: Record<string, unknown>, index: unknown, output: Record<string, unknown>): string | undefined {
  const said = objectAt(change, "before", "input")["removal_policy"] ?? output[String(index)];
  return removalPolicies.find((policy) => policy === said);
}

function argumentOf(type: unknown): string {
  return triggerArguments[String(type)] ?? "";
}

/** The triggers before or after; undefined where there is no resource. One unknown trigger of null_resource makes all of them so (hashicorp/null 1.0): then the code tells. */
function valuesOf(
  change: Record<string, unknown>,
  side: "before" | "after",
  argument: string,
  known: object = {},
): Values | undefined {
  if (!isObject(change[side])) return undefined;
  const texts = objectAt(change, side, argument);
  const unknown = side === "after" ? objectAt(change, "after_unknown")[argument] : undefined;
  const sensitive = change[`${side}_sensitive`];
  const hidden = isObject(sensitive) ? sensitive[argument] : sensitive;
  const late = unknown === true ? Object.keys(known) : isObject(unknown) ? Object.keys(unknown) : [];
  const code = late.map((name) => [name, (known as Record<string, unknown>)[name]] as const);
  const isHidden = (name: string) => hidden === true || (isObject(hidden) && hidden[name] === true);
  return Object.fromEntries([...Object.entries(texts), ...code].map(([name, text]) => [name, valueFrom(text, isHidden(name))]));
}

function valueFrom(text: unknown, hidden: boolean): Value {
  if (typeof text !== "string") return { shown: "(known after apply)", plain: false };
  return { shown: hidden ? "(sensitive value)" : text, raw: text, plain: !hidden };
}

const instance = /\[(?:"(?:[^"\\]|\\.)*"|\d+)\]/;
const instances = new RegExp(instance, "g");
const ownInstance = new RegExp(`${instance.source}$`);

/** Without the key of its own instance. */
function blockOf(address: string): string {
  return address.replace(ownInstance, "");
}

/** As the configuration names it, which knows no instances of modules. */
function configured(block: string): string {
  return block.replace(instances, "");
}

function hooksIn(module: Record<string, unknown>, path: string): Map<string, Hook> {
  const resources = listAt(module, "resources").map((resource) => ({ resource, ...writtenIn(resource) }));
  const own = resources.flatMap(({ resource, triggers }): [string, Hook][] => {
    const written = () => Object.fromEntries(Object.entries(triggers).map(([name, text]) => [name, evaluate(resources, text)]));
    const hook = hookOf(resource, written);
    return hook ? [[`${path}${String(resource["address"])}`, hook]] : [];
  });
  const called = Object.entries(objectAt(module, "module_calls")).flatMap(([name, call]) => [
    ...hooksIn(objectAt(call, "module"), `${path}module.${name}.`),
  ]);
  return new Map([...own, ...called]);
}

/** Triggers as they are written, expressions and all. */
function writtenIn(resource: Record<string, unknown>) {
  const { type, name } = resource;
  const values = Object.entries(objectAt(resource, "expressions", argumentOf(type), "constant_value"));
  const triggers = Object.fromEntries(values.filter((one): one is [string, string] => typeof one[1] === "string"));
  return { type: String(type), name: String(name), triggers };
}

/** `node EXECUTOR hook KIND ACTION KEY`. */
function hookOf(resource: Record<string, unknown>, written: () => Hook["written"]): Hook | undefined {
  const argument = argumentOf(resource["type"]);
  const references = objectAt(resource, "expressions", argument)["references"];
  for (const { expressions } of listAt(resource, "provisioners")) {
    const words = objectAt(expressions, "interpreter")["constant_value"];
    const [, , word, kind, action] = Array.isArray(words) ? words.map(String) : [];
    if (word !== "hook" || kind === undefined || !isAction(action)) continue;
    const key = String(objectAt(expressions, "command")["constant_value"] ?? "");
    return { kind, action, key, references: Array.isArray(references) ? references.map(String) : [], written: written() };
  }
  return undefined;
}

function taintedIn(module: Record<string, unknown>): Set<string> {
  const own = listAt(module, "resources").flatMap(({ tainted, address }) => (tainted === true ? [String(address)] : []));
  return new Set([...own, ...listAt(module, "child_modules").flatMap((child) => [...taintedIn(child)])]);
}

function listAt(value: Record<string, unknown>, name: string): Record<string, unknown>[] {
  const list = value[name];
  return Array.isArray(list) ? list.filter(isObject) : [];
}
