// A file system as its shares and access rules use it: its registry in the app, its claim blocks in the stack, its text for hooks.
import type { Construct, IConstruct } from "constructs";
import { defined } from "../../../src/spec/defined";
import type { Kind } from "../../../src/spec/kinds";
import { type FileSystemSpec, fileSystemName, type RuleWire, type ShareWire } from "../../../src/spec/lustre";
import { env } from "../../../src/spec/request";
import { type CarrierResource, hookEnvironment } from "../carrier-resource";
import { type Carrier, carrierOf } from "../carriers";
import type { ClaimBlock } from "../claim-block";
import { otherStack } from "../errors";
import type { ProtectedShares } from "../protected-shares";
import { StackScope } from "../stack-scope";
import { escapeAll, escapeTemplate, isToken } from "../tokens";
import { FileSystemRegistry } from "./app-registry";
import type { ClientsText } from "./clients";
import { RuleIntents } from "./rule-intents";
import { requireSameDescription } from "./same-file-system";

/** What an access rule has to know of its share. */
export interface ShareTarget {
  readonly fileSystem: BoundFileSystem;
  readonly key: string;
  /** Path from the root of the file system; a reference where the share is managed in this stack, so that it is made first. */
  fileset(): string;
  /** A share that is taken over takes its rules along. */
  readonly adopt: boolean;
  /** Its top directory, where it is known here; tokens may be among the ids. */
  readonly top?: { readonly uid: number; readonly gid: number; readonly mode: number; readonly isModeWritten: boolean };
}

export type ShareTriggers = Omit<ShareWire, "claim" | "adopt">;
export type RuleTriggers = Omit<RuleWire, "claim" | "share" | "fileset" | "adopt">;

interface ShareWish {
  readonly triggers: ShareTriggers;
  readonly adopt: boolean;
  /** Whether the share is adopted from elsewhere, and stays there. */
  readonly adoptsPath: boolean;
  /** `false` is said where it was protected before. */
  readonly deletionProtection: boolean | undefined;
}

export class BoundFileSystem {
  private readonly stack: StackScope;
  private readonly registry: FileSystemRegistry;
  private readonly carrier: Carrier;
  private readonly shareClaims: ClaimBlock;
  private readonly ruleClaims: ClaimBlock;
  private readonly protectedShares: ProtectedShares;
  private readonly stackId: string;
  private environments: Record<"share" | "rule", Record<string, string>> | undefined;
  private readonly intents: RuleIntents;

  constructor(
    private readonly construct: Construct,
    readonly spec: FileSystemSpec,
    carrier: string | undefined,
  ) {
    this.carrier = carrierOf(construct, carrier);
    this.stack = StackScope.of(construct);
    const described = { construct, stack: this.stack, spec, carrier: this.carrier.resourceType };
    requireSameDescription(described);
    this.registry = FileSystemRegistry.of(described);
    this.registry.addProjectIds(construct, spec.projectIds);
    this.shareClaims = this.claimBlock("share", "lustre.share");
    this.ruleClaims = this.claimBlock("rule", "lustre.access-rule", this.shareClaims);
    this.protectedShares = this.stack.protectedShares(`${blockPrefix(spec)}_deletion_protection`, this.carrier);
    this.stackId = this.stack.stackId(this.carrier);
    this.intents = intentsOf(this.stack, `${blockPrefix(spec)}_rule_intents`);
    this.stack.validateOnce(this.registry, () => this.registry.accessProblems(this.stack.stack));
  }

  /** @throws ShareSynthesisError when `construct` is in another stack: its claim would be in a block that this stack does not have. */
  requireSameStack(construct: IConstruct, property: string): void {
    if (StackScope.of(construct) !== this.stack)
      throw otherStack(construct.node.path, property, this.construct.node.path, "LustreFileSystem", "LustreShare");
  }

  addShare(construct: Construct, key: string, { triggers, adopt, adoptsPath, deletionProtection }: ShareWish): CarrierResource {
    this.registry.addShare(construct, key, triggers.fileset, adoptsPath ? "adopt.path" : "shareName");
    this.protectedShares.set(key, deletionProtection);
    return this.stack.applied(construct, {
      carrier: this.carrier,
      kind: "lustre.share",
      key,
      adopt,
      triggers: { claim: this.shareClaims.add(key, triggers.removal_policy), ...escapeAll(triggers) },
      environment: this.environment.share,
    });
  }

  addRule(
    construct: Construct,
    key: string,
    share: ShareTarget,
    triggers: RuleTriggers,
    { intervals, qualified }: Pick<ClientsText, "intervals" | "qualified">,
  ): CarrierResource {
    const { clients, ...rights } = triggers;
    this.intents.add(key, { rights, clients, qualified });
    this.registry.addRule(key, {
      construct,
      share: share.key,
      level: triggers.level,
      advisoryReadOnly: triggers.advisory_read_only !== undefined,
      squash: isToken(triggers.squash) ? "all" : triggers.squash,
      rbac: triggers.rbac,
      lustreVersion: this.spec.lustreVersion,
      intervals,
    });
    return this.stack.applied(construct, {
      carrier: this.carrier,
      kind: "lustre.access-rule",
      key,
      adopt: share.adopt,
      triggers: {
        claim: this.ruleClaims.add(key),
        share: share.key,
        ...escapeAll(triggers),
      },
      lateTriggers: () => ({ fileset: share.fileset() }),
      environment: this.environment.rule,
    });
  }

  /** Of the apply hooks: all shares have one, and all rules. */
  private get environment() {
    this.environments ??= this.applyEnvironments();
    return this.environments;
  }

  private applyEnvironments() {
    const described = `${fileSystemName(this.spec)}/${this.spec.pathPrefix}`;
    const request = {
      [env.fileSystem]: this.stack.shared("sharewright_file_systems", described, textOf(this.spec)),
      [env.spec]: `\${jsonencode(self.${this.carrier.triggers})}`,
      [env.stack]: this.stackId,
    };
    // All rules are known only when every construct of the stack has been made.
    return { share: hookEnvironment(request), rule: hookEnvironment(request, () => this.intents.environment()) };
  }

  private claimBlock(noun: string, kind: Kind, before?: ClaimBlock): ClaimBlock {
    const name = `${blockPrefix(this.spec)}_${noun}_claims`;
    return this.stack.claimBlock({
      name,
      noun,
      kind,
      carrier: this.carrier,
      environment: { [env.fileSystem]: textOf(this.spec) },
      hasPolicies: noun === "share",
      ...defined({ before }),
    });
  }
}

function textOf(spec: FileSystemSpec): string {
  return escapeTemplate(JSON.stringify(spec));
}

const intents = new WeakMap<StackScope, Map<string, RuleIntents>>();

/** Several constructs may describe one file system: its rules are all meant. */
function intentsOf(scope: StackScope, name: string): RuleIntents {
  const byName = intents.get(scope) ?? new Map<string, RuleIntents>();
  intents.set(scope, byName);
  const found = byName.get(name) ?? new RuleIntents(scope, name);
  byName.set(name, found);
  return found;
}

/** Terraform's names do not begin with a digit; "-" is in no fsName and a site begins with a letter, so that two file systems never share a block. */
function blockPrefix(spec: FileSystemSpec): string {
  const name = fileSystemName(spec);
  return /^\d/.test(name) ? `fs-${name}` : name;
}
