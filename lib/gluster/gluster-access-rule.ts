import { Construct } from "constructs";
import { glusterRuleMessage } from "../../src/spec/gluster";
import { namePattern, nameRule, ruleKey } from "../../src/spec/name";
import { AccessLevel } from "../access";
import type { CarrierResource } from "../internal/carrier-resource";
import { Checks } from "../internal/checks";
import { noReadOnly } from "../internal/gluster/errors";
import { commonNameText } from "../internal/gluster/share-checks";
import * as kind from "../internal/property-kinds";
import { idIn, required, type Shape } from "../internal/property-kinds";
import { kindsOf, triggersOf } from "../message-triggers";
import type { IGlusterShare } from "./gluster-share";

/** Properties of an access rule, without share, common name and level. */
export interface GlusterAccessRuleOptions {
  /**
   * Name of the rule on the storage. Another name is another rule; access that both give is never interrupted. 1 to 64 of
   * `A-Z a-z 0-9 . _ -`, beginning with a letter or digit.
   *
   * @default - the id of the construct
   */
  readonly ruleName?: string;
}

/** Properties of GlusterAccessRule. */
export interface GlusterAccessRuleProps extends GlusterAccessRuleOptions {
  /** The share that the rule opens; of the same stack, or from `GlusterShare.fromShareName`. */
  readonly share: IGlusterShare;

  /**
   * The common name (CN) of the clients' certificate: 1 to 64 of `A-Z a-z 0-9 . _ @ : + -`, beginning with a letter or digit. No pattern,
   * and no name of the clusters' `infrastructureNames`. May be a token, which is checked at deploy time.
   */
  readonly commonName: string;

  /**
   * What the clients may do. GlusterFS has read and write only: a volume is read-only for all of its clients or for none.
   *
   * @default AccessLevel.READ_WRITE
   */
  readonly level?: AccessLevel;
}

const ruleProps: Shape<GlusterAccessRuleProps> = {
  share: required(kind.made("AnyGlusterShare", "a GlusterShare, or what GlusterShare.fromShareName returns")),
  ruleName: kind.text,
  ...kindsOf(glusterRuleMessage.table, { commonName: required(kind.text) }),
};

/**
 * Lets clients with a certificate of that common name mount a share over TLS: the name is put into `auth.ssl-allow` of its volume
 * (`gluster volume set`), which holds the names of all rules of the share and of the infrastructure, and nothing else.
 *
 * Certificates are made and handed out elsewhere. Adding a name cuts nobody; removing it cuts the clients that have it, at once
 * (`server.dynamic-auth`). Like a share, a rule is a claim and an applied resource; only a claim that goes away takes access away.
 */
export class GlusterAccessRule extends Construct {
  /** Name of the rule on the storage. */
  readonly ruleName: string;

  /** The share that the rule opens. */
  readonly share: IGlusterShare;

  private readonly applied: CarrierResource;

  /** @throws ShareSynthesisError for a property that cannot be used, level ro, or more names than one volume can hold */
  constructor(scope: Construct, id: string, given: GlusterAccessRuleProps) {
    super(scope, idIn(scope, id));
    const check = new Checks(this);
    const props = check.properties(ruleProps, given);
    const { _target: target } = props.share;
    const { stack, bound, names } = target.clusters;
    stack.requireSameStack(this, "share", props.share);
    this.share = props.share;
    this.ruleName = check.text("ruleName", props.ruleName ?? id, namePattern, nameRule);
    if (props.level === AccessLevel.READ_ONLY) throw noReadOnly(check.path);
    const asked = triggersOf(check, glusterRuleMessage.table, props, {
      commonName: (commonName) => commonNameText(check, commonName, bound),
    });
    this.applied = stack.addRule(
      {
        construct: this,
        clusters: bound,
        key: ruleKey(target.key, this.ruleName),
        adopt: target.adopt,
        triggers: { clusters: names, ...asked },
        late: () => ({ share: target.share() }),
      },
      target.key,
      props.commonName,
    );
  }

  /** Address of the applied resource, so that what mounts the share can wait for its access: `dependsOn: [rule]`. */
  get fqn(): string {
    return this.applied.fqn;
  }
}
