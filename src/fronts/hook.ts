// What a provisioner starts: `sharewright hook KIND apply|destroy KEY`. One line a step, a summary line last.
import { applyRule, applyShare, destroyRule, destroyShare } from "../backends/lustre/operations";
import { fault, ShareError } from "../core/errors";
import { type Sink, textLog } from "../core/log";
import type { Step } from "../core/plan";
import { type Action, isAction, isKind, type Kind } from "../spec/kinds";
import { isRuleKey, isShareKey } from "../spec/name";
import { claimOf, type Environment, fileSystemOf, readRule, readShare, specText, stackKeys } from "./request";
import { withSite } from "./site";

export async function hook(args: readonly string[], environment: Environment, sink: Sink): Promise<number> {
  const [kind, action, key] = args;
  if (args.length !== 3 || !isKind(kind) || !isAction(action) || key === undefined) {
    throw fault("BAD_REQUEST", { summary: `hook ${args.join(" ")}: expected KIND apply|destroy KEY` });
  }
  const isKey = kind === "lustre.share" ? isShareKey : isRuleKey;
  if (!isKey(key)) throw fault("BAD_REQUEST", { summary: `"${key}" is not the key of a ${kind}` });
  const started = Date.now();
  const done = await perform(kind, action, key, environment, sink).catch((error: unknown) => {
    throw ShareError.isShareError(error) ? Object.assign(error, { object: error.object ?? key }) : error;
  });
  const seconds = ((Date.now() - started) / 1000).toFixed(1);
  sink.stdout(
    `${kind} ${key}: ${done.length === 0 ? "nothing to do" : `${action === "apply" ? "as described" : "removed as its policy says"} after ${count(done)}`} (${seconds} s)\n`,
  );
  return 0;
}

function count(done: readonly Step[]): string {
  return `${done.length} ${done.length === 1 ? "step" : "steps"}`;
}

async function perform(kind: Kind, action: Action, key: string, environment: Environment, sink: Sink): Promise<Step[]> {
  const fileSystem = fileSystemOf(environment);
  const log = textLog(sink, environment["SHAREWRIGHT_LOG"] === "debug");
  if (action === "destroy") {
    const claim = claimOf(environment);
    return kind === "lustre.share"
      ? withSite(fileSystem, log, (site) => destroyShare(site, key, claim), rolesOfShare)
      : withSite(fileSystem, log, (site) => destroyRule(site, key, claim), rolesOfRule);
  }
  if (kind === "lustre.share") {
    const request = readShare(specText(environment), key);
    return withSite(fileSystem, log, async (site) => (await applyShare(site, { key, ...request })).done, rolesOfShare);
  }
  const request = readRule(specText(environment), key);
  const keys = stackKeys(environment);
  return withSite(fileSystem, log, (site) => applyRule(site, { key, ...request, ...(keys ? { keys } : {}) }), rolesOfRule);
}

// Hosts that every such hook has to do with, whatever it finds.
const rolesOfShare = ["client", "mds"] as const;
const rolesOfRule = ["client", "mgs"] as const;
