// Who may mount a share: common names of client certificates in auth.ssl-allow of its volume. The whole list is written each time, in one
// transaction with the record of the rule, and with server.dynamic-auth, so that a name that goes is cut off at once and nobody else is.
import { type Asker, isOurs, managedBy, managedElsewhere, managerText } from "../../../core/manager";
import type { Step } from "../../../core/plan";
import { type GlusterRuleSpec, isInfrastructureName, sslAllow } from "../../../spec/gluster";
import * as cli from "../cli";
import { fault } from "../faults";
import type { Volume } from "../parse";
import { none, rulesOf, type Slot, shareMark, slotMark } from "../records";
import type { Found, SeenShare } from "../share/observe";
import { step } from "../share/steps";
import { allowedNames, isDynamic, isListed, missingTls, sslAllowText, strangersIn, turnedDynamic } from "../volume/options";

/** An access rule as its claim wants it. */
export interface RuleWish extends Asker {
  key: string;
  spec: GlusterRuleSpec;
}

/** Pure. */
export function planRule(found: Found, wish: RuleWish, { volume, record }: SeenShare): Step[] {
  if (!volume || record?.state !== "ready") throw notReady(wish, record?.state);
  const { cluster } = found;
  const { commonName } = wish.spec;
  if (isInfrastructureName(commonName, cluster.spec.infrastructureNames) || record.infrastructure.includes(commonName)) {
    throw fault("BAD_REQUEST", {
      object: wish.key,
      summary: `commonName = "${commonName}" is a server's or the managing host's, which always have access and never lose it`,
      fix: "give the client a certificate with a name of its own",
    });
  }
  const rules = rulesOf(volume, record);
  const own = rules.find(({ key }) => key === wish.key);
  requireTlsOn(wish.key, volume);
  guardOwner(wish, own, cluster.spec.owner);
  const others = rules.filter(({ key }) => key !== wish.key).map(({ name }) => name);
  // A name that an adopted volume let in is the rule's from now on, and goes with it.
  const kept = record.kept.filter((name) => name !== commonName);
  const names = allowedNames({ ...record, kept }, [...others, commonName]);
  const marks = {
    ...slotMark(volume, "rule", {
      key: wish.key,
      volume: volume.name,
      ...managedBy(wish, cluster.spec.owner),
      name: commonName,
    }),
    ...(kept.length === record.kept.length ? {} : shareMark({ ...record, kept })),
  };
  if (
    Object.entries(marks).every(([option, text]) => volume.options[option] === text) &&
    isListed(volume, names) &&
    isDynamic(volume)
  )
    return [];
  const strangers = strangersIn(volume, record).filter((name) => name !== commonName);
  const out = strangers.length === 0 ? "" : `, and shut out ${strangers.join(", ")}: no access rule explains them`;
  const from = own === undefined || own.claim === wish.claim ? "" : `, by a rule taken over from ${managerText(own)}`;
  return [
    step(
      "allow",
      `let ${commonName} into volume ${volume.name}${from}${out}`,
      cli.volumeSet(volume.name, { [sslAllow]: sslAllowText(wish.key, names), ...turnedDynamic(volume), ...marks }),
    ),
  ];
}

/** Pure. */
export function planWithdrawal(key: string, { volume, record }: SeenShare): Step[] {
  if (!volume || !record) return [];
  const rules = rulesOf(volume, record);
  const own = rules.find((one) => one.key === key);
  if (!own) return [];
  if (record.state === "ready") requireTlsOn(key, volume);
  const allow = allowedNames(
    record,
    rules.filter((one) => one !== own).map(({ name }) => name),
  );
  const others = rules.filter((one) => one !== own && one.name === own.name).map((one) => `${one.key} of "${one.owner}"`);
  const by = others.length > 0 ? others.join(" and ") : "what it let in before";
  // On its way out the share lets in nobody but the infrastructure already.
  const names = record.state === "ready" ? allow : record.infrastructure;
  return [
    step(
      "withdraw",
      names.includes(own.name)
        ? `take back the rule of ${own.name}, whom volume ${volume.name} lets in by ${by} as well`
        : `shut ${own.name} out of volume ${volume.name}`,
      cli.volumeSet(volume.name, { [sslAllow]: sslAllowText(key, names), ...turnedDynamic(volume), [own.option]: none }),
    ),
  ];
}

/** Without it bricks let in everybody, whatever the list says: nothing would be allowed or taken back. */
function requireTlsOn(key: string, volume: Volume): void {
  const missing = Object.keys(missingTls(volume));
  if (missing.length === 0) return;
  throw fault("RESTART_NEEDED", {
    object: key,
    summary: `${missing.join(" and ")} of volume ${volume.name} ${missing.length === 1 ? "is" : "are"} not on, so it lets in everybody, whatever access rules say; to set them takes effect only when the volume is restarted`,
    fix: "set allowRestart: true on the share and apply that first",
  });
}

function guardOwner(wish: RuleWish, slot: Slot | undefined, owner: string): void {
  if (!slot || wish.spec.adopt || isOurs(slot, wish)) return;
  const on = "on the share, which takes it over with its rules";
  throw managedElsewhere({ object: wish.key, what: "the access rule", record: slot, owner, nameProperty: "ruleName", on });
}

export function notReady(wish: RuleWish, state?: string) {
  return fault("SHARE_NOT_READY", {
    object: wish.key,
    summary: state ? `the share ${wish.spec.share} is ${state}, not ready` : `the share ${wish.spec.share} is not there`,
  });
}
