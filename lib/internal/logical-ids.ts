// cdktf deep-merges two elements of one Terraform name without a word; for ours that would drop a share.
import { TerraformLocal, TerraformResource, type TerraformStack } from "cdktf";
import type { IConstruct } from "constructs";
import { CarrierResource } from "./carrier-resource";
import { logicalIdInvalid, logicalIdsMerge } from "./errors";

type Named = TerraformResource | TerraformLocal;

/** Messages about elements of ours whose name is taken by another element of the stack, or is no name for Terraform. */
export function logicalIdProblems(stack: TerraformStack): string[] {
  const taken = new Map<string, Named>();
  const problems: string[] = [];
  for (const element of stack.node.findAll().filter(isNamed)) {
    const id = element.friendlyUniqueId;
    const address = `${element instanceof TerraformLocal ? "local" : element.terraformResourceType}.${id}`;
    const first = taken.get(address);
    if (first === undefined) taken.set(address, element);
    else if (isOurs(first) || isOurs(element)) problems.push(logicalIdsMerge(element.node.path, id, first.node.path).message);
    if (isOurs(element) && !/^[A-Za-z_][\w-]*$/.test(id)) problems.push(logicalIdInvalid(element.node.path, id).message);
  }
  return problems;
}

function isNamed(construct: IConstruct): construct is Named {
  return TerraformResource.isTerraformResource(construct) || construct instanceof TerraformLocal;
}

function isOurs(element: Named): boolean {
  return element instanceof CarrierResource || element.node.scope instanceof CarrierResource;
}
