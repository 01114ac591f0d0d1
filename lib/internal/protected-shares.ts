// Shares that are protected from being removed: resources without a hook, in a `for_each` block that Terraform lets lose no instance. A share that
// leaves the code takes its key out of the block, which fails the plan; so does `terraform destroy`. The block stays when it is empty, as those of
// claims do: of one that is not in the code Terraform lets everything go.
import type { Construct } from "constructs";
import { defined } from "../../src/spec/defined";
import { eachOfLocal } from "./carrier-resource";
import type { Carrier } from "./carriers";
import { frameworkOf, type TerraformResource } from "./framework";
import { addInstances, mapOf } from "./locals";
import type { Move } from "./moved-blocks";

export class ProtectedShares {
  readonly resource: TerraformResource;
  private readonly keys: Record<string, string> = {};

  /** `move`: tells Terraform that something has moved. */
  constructor(
    scope: Construct,
    private readonly name: string,
    { resourceType, generator }: Carrier,
    private readonly move: (move: Move) => void,
  ) {
    const { TerraformResource } = frameworkOf(scope);
    this.resource = new TerraformResource(scope, name, {
      terraformResourceType: resourceType,
      ...defined({ terraformGeneratorMetadata: generator }),
      forEach: eachOfLocal(mapOf(name)),
      lifecycle: { preventDestroy: true },
    });
    this.resource.overrideLogicalId(name);
    addInstances(this.resource, name, this.keys);
  }

  /** `false` lifts: only what has moved may leave the block, and where it has moved to there is nothing, so that it goes. */
  set(key: string, isProtected: boolean | undefined): void {
    const { terraformResourceType } = this.resource;
    const at = (block: string) => `${terraformResourceType}.${block}["${key}"]`;
    if (isProtected) this.keys[key] = "";
    else if (isProtected === false) this.move({ from: at(this.name), to: at(`${this.name}_lifted`) });
  }
}
