// What the tests of the constructs share: a stack, its JSON, and the error that a construct raises.
import { TerraformStack, Testing } from "cdktf";
import type { Construct } from "constructs";
import * as fc from "fast-check";
import { LustreFileSystem, type LustreFileSystemProps, ShareSynthesisError, Size } from "../../lib";

export interface SynthesizedResource {
  readonly triggers?: Record<string, string>;
  readonly triggers_replace?: Record<string, string>;
  readonly provisioner: { "local-exec": { command: string; interpreter: string[]; environment: Record<string, string> } }[];
}

export interface Synthesized {
  readonly resource: Record<string, Record<string, SynthesizedResource>>;
  readonly locals: Record<string, Record<string, unknown>>;
  readonly moved?: { from: string; to: string }[];
  readonly output?: Record<string, { value: unknown }>;
  readonly provider?: Record<string, unknown[]>;
}

export function newStack(context: Record<string, unknown> = {}): TerraformStack {
  return new TerraformStack(Testing.app({ context }), "stack");
}

export function newFileSystem(scope: Construct, props: Partial<LustreFileSystemProps> = {}, id = "scratch"): LustreFileSystem {
  return new LustreFileSystem(scope, id, { fsName: "scratch", exportNids: ["10.0.0.1@tcp"], ...props });
}

/** Owner of a share whose owner is not the point. */
export const rootOwner = { uid: 0, gid: 0 };

export const tenTebibytes = Size.tebibytes(10);

/** The JSON of the stack after all validations. */
export function synthText(stack: TerraformStack): string {
  return Testing.synth(stack, true);
}

export function synth(stack: TerraformStack): Synthesized {
  return JSON.parse(synthText(stack)) as Synthesized;
}

/** A variable of a resource's hook as the hook gets it: texts of local maps are those texts, and no other expression is in it. */
export function hookVariable({ locals }: Synthesized, resource: SynthesizedResource | undefined, name: string): string {
  const text = resource?.provisioner[0]?.["local-exec"].environment[name] ?? "null";
  const whole = text.replace(/\$\{local\.([\w-]+)\["([^"]+)"\]\}/g, (_all, map, key) => String(locals[map]?.[key]));
  return whole.replace(/\$\$\{/g, "${").replace(/%%\{/g, "%{");
}

/** Triggers of the null_resource with that logical id. */
export function triggersOf(stack: TerraformStack, logicalId: string): Record<string, string> | undefined {
  return synth(stack).resource["null_resource"]?.[logicalId]?.triggers;
}

/** What the resource with that logical id has Terraform start: kind and action. */
export function hookOf({ resource }: Synthesized, logicalId: string, carrier = "null_resource"): string[] | undefined {
  return resource[carrier]?.[logicalId]?.provisioner[0]?.["local-exec"].interpreter.slice(3);
}

/** The ShareSynthesisError that `build` throws. */
export function errorOf(build: () => unknown): ShareSynthesisError {
  try {
    build();
  } catch (error) {
    if (ShareSynthesisError.isShareSynthesisError(error)) return error;
    throw error;
  }
  throw new Error("nothing was thrown");
}

/** The text of all validation errors of a stack, "" when there are none. */
export function validationErrors(stack: TerraformStack): string {
  try {
    stack.runAllValidations();
    return "";
  } catch (error) {
    return String(error);
  }
}

/** Asserts a property of fast-check that has no promises in it. */
export function holds<T>(property: fc.IProperty<T>, parameters: fc.Parameters<T> = {}): void {
  // biome-ignore lint/nursery/noFloatingPromises: it is a promise only for an asynchronous property, which the type rules out.
  fc.assert(property, parameters);
}

/** What synthesis says of the constructs of a tree without refusing it, "path: text". */
export function warningsOf(scope: Construct): string[] {
  return scope.node
    .findAll()
    .flatMap(({ node }) => node.metadata.filter(({ type }) => type === "@cdktf/warn").map(({ data }) => `${node.path}: ${data}`));
}
