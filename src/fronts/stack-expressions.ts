// Values of triggers that are written as Terraform expressions: what the code itself tells, else what was applied last. Pure.
import type { AppliedBlock, StackConfig } from "./stack-config";
import { textIn } from "./terraform-text";

export interface ResolvedTriggers {
  triggers: Record<string, string>;
  /** What only an apply can tell. */
  unknown: string[];
  /** What was taken from the last apply, since only Terraform can evaluate the expression. */
  remembered: Set<string>;
}

type Written = Pick<AppliedBlock, "type" | "name" | "triggers">;

/** `applied` are the triggers in the state. The claim is not among them: it is looked up by its key. */
export function resolveTriggers(
  config: StackConfig,
  block: AppliedBlock,
  applied: Record<string, string> | undefined,
): ResolvedTriggers {
  const resolved: ResolvedTriggers = { triggers: {}, unknown: [], remembered: new Set() };
  for (const [name, text] of Object.entries(block.triggers)) {
    if (name === "claim") continue;
    const value = evaluate(config.applied, text);
    const former = applied?.[name];
    if (value !== undefined) resolved.triggers[name] = value;
    else if (former !== undefined) {
      resolved.triggers[name] = former;
      resolved.remembered.add(name);
    } else resolved.unknown.push(name);
  }
  return resolved;
}

const trigger = /^([a-z_]+)\.([A-Za-z0-9_-]+)\.triggers(?:_replace)?\["([^"]+)"\]$/;

/** Literal text in which there may be references to triggers of other applied resources; undefined for anything else. */
export function evaluate(applied: readonly Written[], text: string, depth = 0): string | undefined {
  return textIn(text, (reference) => {
    const [, type, name, key = ""] = trigger.exec(reference) ?? [];
    const next = applied.find((block) => block.type === type && block.name === name)?.triggers[key];
    return next === undefined || depth > applied.length ? undefined : evaluate(applied, next, depth + 1);
  });
}
