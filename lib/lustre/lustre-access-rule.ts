import { Construct } from "constructs";
import { maxId, rbacRoles, rbacRoles216, ruleMessage } from "../../src/spec/lustre";
import { namePattern, nameRule, ruleKey } from "../../src/spec/name";
import { squashEffect } from "../../src/spec/squash";
import { AccessLevel, Squash } from "../access";
import type { CarrierResource } from "../internal/carrier-resource";
import { Checks } from "../internal/checks";
import type { RuleTriggers, ShareTarget } from "../internal/lustre/bound-file-system";
import { clientsText } from "../internal/lustre/clients";
import * as errors from "../internal/lustre/errors";
import { defaultNet } from "../internal/lustre/locations";
import * as kind from "../internal/property-kinds";
import { idIn, type Read, required, type Shape } from "../internal/property-kinds";
import { isToken } from "../internal/tokens";
import { kindsOf, triggersOf } from "../message-triggers";
import type { ILustreShare } from "./lustre-share";

/** Properties of an access rule, without share, clients and level. */
export interface LustreAccessRuleOptions {
  /**
   * Name of the rule on the storage. Another name is another rule; access that both give is never interrupted. 1 to 64 of
   * `A-Z a-z 0-9 . _ -`, beginning with a letter or digit.
   *
   * @default - the id of the construct
   */
  readonly ruleName?: string;

  /**
   * Who the users of the clients are on the share. A client has one squash on all its shares.
   *
   * @default Squash.root()
   */
  readonly squash?: Squash;

  /**
   * Roles of the clients' nodemap, such as `file_perms` or `fscrypt_admin`; an empty list takes away all. A client has one list on all
   * its shares.
   *
   * @default - what the squash implies
   * @see lctl-nodemap_modify(8): property `rbac`
   */
  readonly rbac?: string[];

  /**
   * Accepts, for clients that may write another share, that this share is read-only by agreement: Lustre 2.17 lets such a client
   * remount it for writing. Only for level ro; without it, the mix of levels is an error.
   *
   * @default false
   */
  readonly advisoryReadOnly?: boolean;
}

/** Properties of LustreAccessRule. */
export interface LustreAccessRuleProps extends LustreAccessRuleOptions {
  /** The share that the rule opens; of the same stack, or from `LustreShare.fromShareName`. */
  readonly share: ILustreShare;

  /**
   * One or many of: an address `10.1.0.5`, a network `10.1.0.0/24`, a NID `10.1.0.5@tcp1`, a range of NIDs `10.1.0.[1-20]@tcp` or
   * `10.1.0.1@tcp:10.1.0.9@tcp`; IPv6 on Lustre 2.17; nodes with numbers, `10761@kfi` or `[10761-10824]@kfi`. Without a net, the net of
   * the file system's first export NID is meant. The list or its items may be tokens, such as the address of a machine of the same
   * stack; those are checked at deploy time.
   */
  readonly clients: string | string[];

  /** What the clients may do. A client has one level on all its shares, but for `advisoryReadOnly`. */
  readonly level: AccessLevel;
}

const ruleProps: Shape<LustreAccessRuleProps> = {
  share: required(kind.made("AnyLustreShare", "a LustreShare, or what LustreShare.fromShareName returns")),
  ruleName: kind.text,
  ...kindsOf(ruleMessage.table, {
    clients: required(kind.oneOrMore(kind.text, '"10.1.0.0/24"')),
    squash: kind.made("Squash", "Squash.root(), Squash.none() or Squash.all(uid, gid)"),
    rbac: kind.texts("file_perms"),
  }),
};

/**
 * Lets clients mount a share: their NIDs are put into a nodemap whose filesets are the shares that they may mount
 * (`lctl nodemap_add`, `nodemap_modify`, `nodemap_fileset_add`, `nodemap_add_range`, on the MGS).
 *
 * A NID is in exactly one nodemap, so all access rules of a file system are compiled together, and clients with the same rights share
 * a nodemap. What other people set up there is never changed; an overlap with it is an error at deploy time.
 *
 * Removing the rule closes the share to clients that no other rule lets in; what becomes of those that have it mounted is the file
 * system's `revocation`. Like a share, a rule is a claim and an applied resource; only a claim that goes away takes access away.
 */
export class LustreAccessRule extends Construct {
  /** Name of the rule on the storage. */
  readonly ruleName: string;

  /** The share that the rule opens. */
  readonly share: ILustreShare;

  private readonly applied: CarrierResource;

  /** @throws ShareSynthesisError for a property that cannot be used; rules that contradict each other are found at synthesis */
  constructor(scope: Construct, id: string, given: LustreAccessRuleProps) {
    super(scope, idIn(scope, id));
    const check = new Checks(this);
    const props = check.properties(ruleProps, given);
    const { _target: target } = props.share;
    const { spec } = target.fileSystem;
    target.fileSystem.requireSameStack(this, "share");
    this.share = props.share;
    this.ruleName = check.text("ruleName", props.ruleName ?? id, namePattern, nameRule);
    const clients = clientsText(check, props.clients, defaultNet(spec.exportNids), spec.lustreVersion);
    const triggers = { clients: clients.text, ...rightsTriggers(check, props, spec.lustreVersion) };
    warnOfSquash(check, props, target.top);
    this.applied = target.fileSystem.addRule(this, ruleKey(target.key, this.ruleName), target, triggers, clients);
  }

  /**
   * Address of the applied resource, so that what mounts the share can wait for its access: `dependsOn: [rule]`. A machine whose own
   * address is a client of the rule cannot.
   */
  get fqn(): string {
    return this.applied.fqn;
  }
}

function rightsTriggers(check: Checks, props: Read<LustreAccessRuleProps>, version: string): Omit<RuleTriggers, "clients"> {
  return triggersOf(check, ruleMessage.table, props, {
    squash: (squash = Squash.root()) => squashText(check, squash),
    rbac: (rbac) => rbac && rbacText(check, rbac, version),
    advisoryReadOnly: (isAdvisory) => (isAdvisory ? advisory(check, props.level, version) : undefined),
  });
}

function squashText(check: Checks, squash: Squash): string {
  const ids = squash._ids();
  if (ids) {
    if (check.integerOrToken("squash.uid", ids.uid, 0, maxId) === 0) throw errors.squashToRoot(check.path);
    check.integerOrToken("squash.gid", ids.gid, 0, maxId);
  }
  return squash.toString();
}

/** Whoever has written the mode down is taken to know whom it lets in, unless that is nobody. */
function warnOfSquash(check: Checks, { squash, level }: Read<LustreAccessRuleProps>, top: ShareTarget["top"]): void {
  const ids = squash?._ids();
  if (!ids || !top || [ids.uid, ids.gid, top.uid, top.gid].some(isToken)) return;
  const { letsIn, words } = squashEffect(ids, level, top);
  if (letsIn === "nobody") check.warn("squash", words, "give the share to these ids (owner), or write another mode on it");
  else if (letsIn === "some" && !top.isModeWritten)
    check.warn("squash", words, "write `mode` on the share, also if these are meant");
}

// In Lustre's own order and once each, so that two ways to write a list are one text.
function rbacText(check: Checks, roles: string[], version: string): string {
  check.literal("rbac", roles);
  const known = version === "2.16" ? rbacRoles216 : rbacRoles;
  for (const role of roles) check.oneOf("rbac", role, known);
  return known.filter((role) => roles.includes(role)).join(",");
}

function advisory(check: Checks, level: string, version: string): string {
  if (level !== AccessLevel.READ_ONLY) throw errors.advisoryNeedsReadOnly(check.path);
  if (version === "2.16") {
    throw errors.needs217(check.path, "advisoryReadOnly", true, "a level for each share", "leave it out");
  }
  return "true";
}
