// `moved` blocks, such as let a stack change from null_resource to terraform_data without a single hook.
import type { Construct } from "constructs";
import { frameworkOf, perFramework, stackOf, type TerraformElement, type TerraformResource } from "./framework";

export interface MovedBlocks extends TerraformElement {
  readonly resources: TerraformResource[];
  /** What else has moved. */
  readonly others: Move[];
}

export interface Move {
  readonly from: string;
  readonly to: string;
}

/** Harmless for what never existed as a null_resource. Terraform supports no move the other way. */
export const movedBlocks = perFramework<new (scope: Construct, id: string) => MovedBlocks>(
  ({ TerraformElement }) =>
    class extends TerraformElement {
      readonly resources: TerraformResource[] = [];
      readonly others: Move[] = [];

      override toTerraform(): unknown {
        const moved = movesOf(this);
        return moved.length === 0 ? {} : { moved };
      }

      override toHclTerraform(): unknown {
        const reference = (value: string) => ({ value, isBlock: false, type: "simple", storageClassType: "reference" });
        const moved = movesOf(this).map(({ from, to }) => ({ from: reference(from), to: reference(to) }));
        return moved.length === 0 ? {} : { moved };
      }
    },
);

/** Terraform refuses a move from an address that the stack has, and two from or to one address: there the user's word counts. */
function movesOf(blocks: MovedBlocks): Move[] {
  const { TerraformResource } = frameworkOf(blocks);
  const all = stackOf(blocks).node.findAll().filter(TerraformResource.isTerraformResource);
  const present = all.filter(({ terraformResourceType }) => terraformResourceType === "null_resource").map(addressOf);
  const asked = all.filter((resource) => resource.hasResourceMove()).flatMap(moveOf);
  const taken = new Set([...present, ...asked.flatMap(({ from, to }) => [from, to])]);
  const carried = blocks.resources
    .map((resource) => ({ from: `null_resource.${resource.friendlyUniqueId}`, to: addressOf(resource) }))
    .filter(({ from, to }) => !taken.has(from) && !taken.has(to));
  return [...carried, ...blocks.others];
}

function addressOf({ terraformResourceType, friendlyUniqueId }: TerraformResource): string {
  return `${terraformResourceType}.${friendlyUniqueId}`;
}

function moveOf(resource: TerraformResource): Move[] {
  return (resource.toTerraform() as { moved?: Move[] }).moved ?? [];
}
