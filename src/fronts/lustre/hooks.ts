// Lustre shares and access rules: what hooks do with them.

import { applyRule } from "../../backends/lustre/access/apply";
import { destroyRule } from "../../backends/lustre/access/destroy";
import type { RuleWish } from "../../backends/lustre/access/rules";
import { applyShare } from "../../backends/lustre/share/apply";
import { destroyShare } from "../../backends/lustre/share/destroy";
import type { Site } from "../../backends/lustre/site";
import type { LustreKind } from "../../spec/kinds";
import type { FileSystemSpec } from "../../spec/lustre";
import { isRuleKey, isShareKey } from "../../spec/name";
import { env } from "../../spec/request";
import type { ManagedKind, System } from "../system";
import { readFileSystem, readRule, readShare, ruleIntents } from "./request";
import { type SiteRole, withSite } from "./site";

const share: ManagedKind<Site, Parameters<typeof applyShare>[1]> = {
  isKey: isShareKey,
  read: ({ key, text, stack, recreate }) => ({ key, stack, ...readShare(text, key), ...(recreate ? { recreate } : {}) }),
  apply: async (site, wish) => (await applyShare(site, wish)).done,
  destroy: destroyShare,
};

const rule: ManagedKind<Site, RuleWish> = {
  isKey: isRuleKey,
  read({ key, text, stack, environment = {}, keys }) {
    const intents = ruleIntents(environment);
    const asked = intents ? { intents, keys: [...intents.keys()] } : keys ? { keys } : {};
    return { key, stack, ...readRule(text, key), ...asked };
  },
  apply: applyRule,
  destroy: destroyRule,
};

/** Hosts that every hook has to do with, whatever it finds. */
const surely: Readonly<Record<string, readonly SiteRole[]>> = {
  "lustre.share": ["client", "mds"],
  "lustre.access-rule": ["client", "mgs"],
};

export const lustre: System<FileSystemSpec, Site> = {
  kinds: { "lustre.share": share, "lustre.access-rule": rule } satisfies Record<LustreKind, unknown>,
  placeVariable: env.fileSystem,
  readPlace: readFileSystem,
  open: (fileSystem, log, work, kind = "") => withSite(fileSystem, log, work, surely[kind]),
};
