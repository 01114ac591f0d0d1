// Two elements of one Terraform name are deep-merged without a word by the framework; for ours that would drop a share.
import type { IConstruct } from "constructs";
import { isMarked } from "./brands";
import { logicalIdInvalid, logicalIdsMerge } from "./errors";
import { frameworkOf, type TerraformLocal, type TerraformResource, type TerraformStack } from "./framework";

type Named = TerraformResource | TerraformLocal;

/** Id of the construct that holds what a stack has of ours once. */
export const scopeId = "@sharewright";

/** Messages about elements of ours whose name is taken by another element of the stack, or is no name for Terraform. */
export function logicalIdProblems(stack: TerraformStack): string[] {
  const { TerraformLocal, TerraformResource } = frameworkOf(stack);
  const isLocal = (construct: IConstruct): construct is TerraformLocal => construct instanceof TerraformLocal;
  const isNamed = (construct: IConstruct): construct is Named =>
    TerraformResource.isTerraformResource(construct) || isLocal(construct);
  const taken = new Map<string, Named>();
  const problems: string[] = [];
  for (const element of stack.node.findAll().filter(isNamed)) {
    const id = element.friendlyUniqueId;
    const address = `${isLocal(element) ? "local" : element.terraformResourceType}.${id}`;
    const first = taken.get(address);
    if (first === undefined) taken.set(address, element);
    else if (isOurs(first) || isOurs(element)) problems.push(logicalIdsMerge(element.node.path, id, first.node.path).message);
    if (isOurs(element) && !/^[A-Za-z_][\w-]*$/.test(id)) problems.push(logicalIdInvalid(element.node.path, id).message);
  }
  return problems;
}

function isOurs(element: Named): boolean {
  const { scope } = element.node;
  return scope?.node.id === scopeId || [element, scope].some((each) => isMarked(each, "CarrierResource"));
}
