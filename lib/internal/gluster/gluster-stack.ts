// The GlusterFS clusters of a stack as their shares, access rules and snapshots use them: three claim blocks for all of them, since a
// share may be on any of several clusters. Those of a site have blocks of their own.
import type { Construct, IConstruct } from "constructs";
import { defined } from "../../../src/spec/defined";
import { type ClusterSpec, maxSslAllowBytes } from "../../../src/spec/gluster";
import type { GlusterKind } from "../../../src/spec/kinds";
import { nameAtSite } from "../../../src/spec/name";
import { env, maxEnvBytes } from "../../../src/spec/request";
import { type CarrierResource, hookEnvironment } from "../carrier-resource";
import { type Carrier, carrierOf } from "../carriers";
import type { ClaimBlock } from "../claim-block";
import { otherStack } from "../errors";
import { machinesOf } from "../machines";
import type { ProtectedShares } from "../protected-shares";
import { StackScope } from "../stack-scope";
import { escapeAll, escapeTemplate, isToken } from "../tokens";
import { declare } from "./declarations";
import * as errors from "./errors";

/** A cluster that is described in a stack. */
export interface BoundCluster {
  readonly construct: IConstruct;
  readonly spec: ClusterSpec;
  /** Its servers, each as one text: two descriptions with one in common are of one cluster. */
  readonly places: readonly string[];
  readonly stack: GlusterStack;
}

interface Applied {
  readonly construct: Construct;
  readonly clusters: readonly BoundCluster[];
  readonly key: string;
  /** What is there is taken over. */
  readonly adopt: boolean;
  readonly triggers: object;
  /** References to other applied resources, so that those come first. */
  readonly late?: () => Record<string, string>;
}

interface AppliedShare {
  readonly removalPolicy: string;
  /** `false` is said where it was protected before. */
  readonly deletionProtection: boolean | undefined;
}

const stacks = new WeakMap<StackScope, Map<string | undefined, GlusterStack>>();

export class GlusterStack {
  /** @throws ShareSynthesisError for a cluster that the stack has already, or that is carried otherwise than others of its site */
  static bind(construct: Construct, spec: ClusterSpec, asked: string | undefined): BoundCluster {
    const scope = StackScope.of(construct);
    const carrier = carrierOf(construct, asked);
    const bySite = stacks.get(scope) ?? new Map<string | undefined, GlusterStack>();
    stacks.set(scope, bySite);
    const stack = bySite.get(spec.site) ?? new GlusterStack(scope, construct, carrier, spec.site);
    bySite.set(spec.site, stack);
    const others = [...bySite.values()].flatMap(({ clusters }) => clusters);
    return stack.addCluster(construct, spec, carrier, others);
  }

  private readonly clusters: BoundCluster[] = [];
  private readonly blocks: Record<GlusterKind, ClaimBlock>;
  private readonly protectedShares: ProtectedShares;
  /** Names that the rules of each share allow, as far as they are known. */
  private readonly commonNames = new Map<string, { names: Set<string>; bytes: number }>();
  private readonly environments = new Map<string, Record<string, string>>();

  private constructor(
    private readonly scope: StackScope,
    private readonly first: IConstruct,
    private readonly carrier: Carrier,
    private readonly site: string | undefined,
  ) {
    this.protectedShares = scope.protectedShares(`${nameAtSite("gluster", site)}_deletion_protection`, carrier);
    const shares = this.claimBlock("share", "gluster.share");
    this.blocks = {
      "gluster.share": shares,
      "gluster.access-rule": this.claimBlock("rule", "gluster.access-rule", shares),
      "gluster.snapshot": this.claimBlock("snapshot", "gluster.snapshot", shares),
    };
  }

  /** Where keys of claims are unique. */
  private get home(): string {
    return `stack ${this.scope.node.addr} ${this.site ?? ""}`;
  }

  /** @throws ShareSynthesisError when `construct` is in another stack: its claim would be in a block that this stack does not have. */
  requireSameStack(construct: IConstruct, property: string, definedAt: IConstruct): void {
    if (StackScope.of(construct) !== this.scope)
      throw otherStack(construct.node.path, property, definedAt.node.path, "GlusterCluster", "GlusterShare");
  }

  addShare(share: Applied & AppliedShare): CarrierResource {
    declare(share.construct, this.home, share.clusters, { property: "shareName", key: share.key, name: share.key });
    this.protectedShares.set(share.key, share.deletionProtection);
    return this.apply("gluster.share", share, share.removalPolicy);
  }

  /** @throws ShareSynthesisError also when the names that may mount the share become longer than one option of a volume can be */
  addRule(rule: Applied, share: string, commonName: string): CarrierResource {
    declare(rule.construct, this.home, rule.clusters, { property: "ruleName", key: rule.key, name: rule.key });
    if (!isToken(commonName)) this.addCommonName(rule.construct, share, commonName);
    return this.apply("gluster.access-rule", rule);
  }

  addSnapshot(snapshot: Applied, name: string): CarrierResource {
    declare(snapshot.construct, this.home, snapshot.clusters, { property: "snapshotName", key: snapshot.key, name });
    return this.apply("gluster.snapshot", snapshot);
  }

  private apply(
    kind: GlusterKind,
    { construct, clusters, key, adopt, triggers, late }: Applied,
    policy?: string,
  ): CarrierResource {
    return this.scope.applied(construct, {
      carrier: this.carrier,
      kind,
      key,
      adopt,
      triggers: { claim: this.blocks[kind].add(key, policy), ...escapeAll(triggers) },
      ...defined({ lateTriggers: late }),
      environment: this.environmentFor(clusters),
    });
  }

  private environmentFor(clusters: readonly BoundCluster[]): Record<string, string> {
    const names = clusters.map(({ spec }) => spec.name).join();
    const found = this.environments.get(names);
    if (found) return found;
    const each = clusters.map(({ spec }) => this.scope.shared("sharewright_clusters", spec.name, clusterText(spec)));
    const request = {
      [env.clusters]: `[${each.join()}]`,
      [env.spec]: `\${jsonencode(self.${this.carrier.triggers})}`,
      [env.stack]: this.scope.stackId(this.carrier),
    };
    const environment = hookEnvironment(request);
    this.environments.set(names, environment);
    return environment;
  }

  /** `others`: of every site of the stack. */
  private addCluster(construct: Construct, spec: ClusterSpec, carrier: Carrier, others: readonly BoundCluster[]): BoundCluster {
    const { path } = construct.node;
    if (carrier.resourceType !== this.carrier.resourceType)
      throw errors.carriersDiffer(path, carrier.resourceType, this.first.node.path, this.carrier.resourceType);
    const namesake = others.find((other) => other.spec.name === spec.name);
    if (namesake) throw errors.clusterNameTaken(path, spec.name, namesake.construct.node.path);
    const places = spec.servers.map(({ connection, host }) => JSON.stringify([host, ...machinesOf(connection)]));
    for (const other of others) {
      const shared = places.findIndex((place) => other.places.includes(place));
      const server = spec.servers[shared];
      if (server) throw errors.clusterTwice(path, server.host, other.construct.node.path);
    }
    const cluster = { construct, spec, places, stack: this };
    this.clusters.push(cluster);
    const { length } = clustersText(this.clusters);
    if (length > maxEnvBytes) throw errors.clustersTooLong(path, length, maxEnvBytes);
    return cluster;
  }

  private addCommonName(construct: IConstruct, share: string, commonName: string): void {
    const known = this.commonNames.get(share) ?? { names: new Set<string>(), bytes: 0 };
    this.commonNames.set(share, known);
    if (known.names.has(commonName)) return;
    known.names.add(commonName);
    // With the comma before it.
    known.bytes += commonName.length + 1;
    if (known.bytes - 1 > maxSslAllowBytes)
      throw errors.tooManyNames(construct.node.path, share, known.names.size, known.bytes - 1, maxSslAllowBytes);
  }

  private claimBlock(noun: string, kind: GlusterKind, before?: ClaimBlock): ClaimBlock {
    return this.scope.claimBlock({
      name: `${nameAtSite("gluster", this.site)}_${noun}_claims`,
      noun,
      kind,
      carrier: this.carrier,
      environment: {},
      hasPolicies: noun === "share",
      // A share that is destroyed is found by its mark, on whatever cluster of the stack it is; they are all known only at the end.
      lateEnvironment: () => ({ [env.clusters]: clustersText(this.clusters) }),
      ...defined({ before }),
    });
  }
}

function clustersText(clusters: readonly BoundCluster[]): string {
  return `[${clusters.map(({ spec }) => clusterText(spec)).join()}]`;
}

function clusterText(spec: ClusterSpec): string {
  return escapeTemplate(JSON.stringify(spec));
}
