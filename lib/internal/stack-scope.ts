// What sharewright adds to a stack once, whatever the number of constructs: executor, provider block, claim blocks, checks.
import { Construct, type IConstruct } from "constructs";
import { type CarrierResource, type CarrierResourceConfig, carrierResource, type Hook } from "./carrier-resource";
import type { Carrier } from "./carriers";
import { ClaimBlock, type ClaimBlockConfig } from "./claim-block";
import { claimBlockTaken } from "./errors";
import { ExecutorAsset } from "./executor-asset";
import { frameworkOf, stackOf, type TerraformResource, type TerraformStack } from "./framework";
import { addLocal } from "./locals";
import { logicalIdProblems, scopeId } from "./logical-ids";
import { type MovedBlocks, movedBlocks } from "./moved-blocks";
import { addNullProvider } from "./null-provider";
import { ProtectedShares } from "./protected-shares";
import { stackIdentity } from "./stack-identity";

interface AppliedConfig
  extends Pick<CarrierResourceConfig, "carrier" | "triggers" | "lateTriggers">,
    Omit<Hook, "executor" | "action"> {
  /** What is there is taken over. Where it does not count any more it is taken out of the code, which must replace nothing: no trigger says it. */
  readonly adopt: boolean;
}

const scopes = new WeakMap<TerraformStack, StackScope>();

export class StackScope extends Construct {
  static of(construct: IConstruct): StackScope {
    const stack = stackOf(construct);
    const found = scopes.get(stack);
    if (found) return found;
    // First of all: it throws where nothing can be made.
    frameworkOf(stack);
    const made = new StackScope(stack);
    scopes.set(stack, made);
    return made;
  }

  readonly executor: string;
  private readonly blocks = new Map<string, ClaimBlock>();
  private readonly protections = new Map<string, ProtectedShares>();
  private readonly validated = new Set<object>();
  private identity: TerraformResource | undefined;
  private readonly texts = new Map<string, Record<string, string>>();
  private moved: MovedBlocks | undefined;
  private hasNullProvider = false;

  private constructor(readonly stack: TerraformStack) {
    super(stack, scopeId);
    this.executor = new ExecutorAsset(this, "executor").path;
    this.node.addValidation({ validate: () => logicalIdProblems(stack) });
  }

  /** The claim block of that name; made when it is first asked for. */
  claimBlock(config: Omit<ClaimBlockConfig, "executor">): ClaimBlock {
    const found = this.blocks.get(config.name);
    if (found && found.kind !== config.kind)
      throw claimBlockTaken(found.resource.node.path, config.name, found.kind, config.kind);
    if (found) return found;
    const block = new ClaimBlock(this, { ...config, executor: this.executor });
    this.blocks.set(config.name, block);
    this.carry(config.carrier, block.resource);
    return block;
  }

  /** The protected shares of that name; made when they are first asked for. */
  protectedShares(name: string, carrier: Carrier): ProtectedShares {
    const found = this.protections.get(name);
    if (found) return found;
    const block = new ProtectedShares(this, name, carrier, (move) => this.moves.others.push(move));
    this.protections.set(name, block);
    this.carry(carrier, block.resource);
    return block;
  }

  /** The applied resource of a construct: its child "Default", which takes the construct's own logical id. */
  applied(construct: Construct, config: AppliedConfig): CarrierResource {
    const { kind, key, environment, adopt, ...rest } = config;
    const action = adopt ? ("adopt" as const) : ("apply" as const);
    const hook = { kind, key, environment, executor: this.executor, action };
    const resource = carrierResource(construct, "Default", { ...rest, hook });
    this.carry(config.carrier, resource);
    return resource;
  }

  /**
   * Reference to a text that many apply hooks are given: it stands once in the stack, in a local map. Not for destroy hooks, which take literals only.
   *
   * @param key of the map; where another text has it, a number is put behind it
   */
  shared(map: string, key: string, text: string): string {
    const texts = this.texts.get(map) ?? this.localMap(map);
    let free = key;
    for (let other = 2; Object.hasOwn(texts, free) && texts[free] !== text; other += 1) free = `${key} ${other}`;
    texts[free] = text;
    return `\${local.${map}["${free}"]}`;
  }

  private localMap(name: string): Record<string, string> {
    const texts: Record<string, string> = {};
    addLocal(this, name, name, texts);
    this.texts.set(name, texts);
    return texts;
  }

  /** Expression of the stack's random id. */
  stackId(carrier: Carrier): string {
    if (!this.identity) {
      this.identity = stackIdentity(this, carrier);
      this.carry(carrier, this.identity);
    }
    return `\${${carrier.resourceType}.${this.identity.friendlyUniqueId}.id}`;
  }

  /** Adds a check that runs at synthesis, once for each `subject`. */
  validateOnce(subject: object, problems: () => Error[]): void {
    if (this.validated.has(subject)) return;
    this.validated.add(subject);
    this.node.addValidation({ validate: () => problems().map((problem) => problem.message) });
  }

  private get moves(): MovedBlocks {
    this.moved ??= new (movedBlocks(this))(this, "moved");
    return this.moved;
  }

  private carry(carrier: Carrier, resource: TerraformResource): void {
    if (carrier.resourceType === "terraform_data") {
      this.moves.resources.push(resource);
    } else if (!this.hasNullProvider) {
      addNullProvider(this);
      this.hasNullProvider = true;
    }
  }
}
