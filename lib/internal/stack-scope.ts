// What sharewright adds to a stack once, whatever the number of constructs: executor, provider block, claim blocks, checks.
import { type TerraformResource, TerraformStack } from "cdktf";
import { Construct, type IConstruct } from "constructs";
import { CarrierResource, type CarrierResourceConfig, type Hook } from "./carrier-resource";
import type { Carrier } from "./carriers";
import { ClaimBlock, type ClaimBlockConfig } from "./claim-block";
import { claimBlockTaken } from "./errors";
import { ExecutorAsset } from "./executor-asset";
import { logicalIdProblems } from "./logical-ids";
import { MovedBlocks } from "./moved-blocks";
import { addNullProvider } from "./null-provider";
import { StackIdentity } from "./stack-identity";

interface AppliedConfig
  extends Pick<CarrierResourceConfig, "carrier" | "triggers" | "lateTriggers">,
    Omit<Hook, "executor" | "action"> {
  /** What is there is taken over. Where it does not count any more it is taken out of the code, which must replace nothing: no trigger says it. */
  readonly adopt: boolean;
}

const scopes = new WeakMap<TerraformStack, StackScope>();

export class StackScope extends Construct {
  static of(construct: IConstruct): StackScope {
    const stack = TerraformStack.of(construct);
    const found = scopes.get(stack) ?? new StackScope(stack);
    scopes.set(stack, found);
    return found;
  }

  readonly executor: string;
  private readonly blocks = new Map<string, ClaimBlock>();
  private readonly validated = new Set<object>();
  private identity: StackIdentity | undefined;
  private moved: MovedBlocks | undefined;
  private hasNullProvider = false;

  private constructor(readonly stack: TerraformStack) {
    super(stack, "@sharewright");
    this.executor = new ExecutorAsset(this, "executor").path;
    this.node.addValidation({ validate: () => logicalIdProblems(stack) });
  }

  /** The claim block of that name; made when it is first asked for. */
  claimBlock(config: Omit<ClaimBlockConfig, "executor">): ClaimBlock {
    const found = this.blocks.get(config.name);
    if (found && found.kind !== config.kind) throw claimBlockTaken(found.node.path, config.name, found.kind, config.kind);
    if (found) return found;
    const block = new ClaimBlock(this, { ...config, executor: this.executor });
    this.blocks.set(config.name, block);
    this.carry(config.carrier, block);
    return block;
  }

  /** The applied resource of a construct: its child "Default", which takes the construct's own logical id. */
  applied(construct: Construct, config: AppliedConfig): CarrierResource {
    const { kind, key, environment, adopt, ...rest } = config;
    const action = adopt ? ("adopt" as const) : ("apply" as const);
    const hook = { kind, key, environment, executor: this.executor, action };
    const resource = new CarrierResource(construct, "Default", { ...rest, hook });
    this.carry(config.carrier, resource);
    return resource;
  }

  /** Expression of the stack's random id. */
  stackId(carrier: Carrier): string {
    if (!this.identity) {
      this.identity = new StackIdentity(this, carrier);
      this.carry(carrier, this.identity);
    }
    return this.identity.reference;
  }

  /** Adds a check that runs at synthesis, once for each `subject`. */
  validateOnce(subject: object, problems: () => Error[]): void {
    if (this.validated.has(subject)) return;
    this.validated.add(subject);
    this.node.addValidation({ validate: () => problems().map((problem) => problem.message) });
  }

  private carry(carrier: Carrier, resource: TerraformResource): void {
    if (carrier.resourceType === "terraform_data") {
      this.moved ??= new MovedBlocks(this, "moved");
      this.moved.add(resource);
    } else if (!this.hasNullProvider) {
      addNullProvider(this);
      this.hasNullProvider = true;
    }
  }
}
