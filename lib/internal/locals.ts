// Locals of the stack.
import type { Construct } from "constructs";
import { frameworkOf } from "./framework";

/** `name` is its whole address: no construct's path is in it. */
export function addLocal(scope: Construct, id: string, name: string, value: unknown): void {
  const { TerraformLocal } = frameworkOf(scope);
  new TerraformLocal(scope, id, value).overrideLogicalId(name);
}

/**
 * What a block's `for_each` is, by its name: literal in one local, a map in another. A literal map in for_each would be evaluated again for every instance:
 * 164 s of CPU for 1,000 of them, 45 s through a local. For each of them it is still taken apart whole (up to 1.12 three times): an object, as a literal
 * is, makes the plan of a block a fourth dearer than a map.
 */
export function addInstances(block: Construct, name: string, instances: object): void {
  addLocal(block, "keys", name, instances);
  addLocal(block, "map", mapOf(name), `\${tomap(local.${name})}`);
}

/** The local that `for_each` names. */
export const mapOf = (name: string) => `${name}_map`;
