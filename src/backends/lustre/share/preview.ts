// What an apply or a removal of a share would do in all its rounds, foreseen from one look. Pure; nothing of it has happened.
import { managedBy } from "../../../core/manager";
import type { Step } from "../../../core/plan";
import { shareMessage } from "../../../spec/lustre";
import type { ShareRecord } from "../records";
import { onClient, type Site } from "../site";
import type { SeenShare } from "./observe";
import { planShare } from "./plan";
import { planRemoval } from "./removal";
import type { ShareWish } from "./steps";

/** Steps that people are told about. Throws what an apply would be refused with. */
export function previewShare(site: Site, wish: ShareWish, seen: SeenShare): Step[] {
  const first = planShare(site, wish, seen);
  return [...first, ...laterRounds(site, wish, seen, first)].filter((step) => !step.quiet || step.risk);
}

function laterRounds(site: Site, wish: ShareWish, seen: SeenShare, first: readonly Step[]): Step[] {
  const next = afterFirstRound(site, wish, seen);
  if (next) return previewShare(site, wish, { ...next, missing: [] });
  const isCreation = !seen.directory && !first.some((step) => step.id === "show" || step.risk);
  return isCreation ? [{ id: "show", say: `show it as ${onClient(site, wish.spec.fileset)}`, on: "client", commands: [] }] : [];
}

/** What the first round leaves behind where it does nothing but prepare: an adoption, a directory made anew, a creation begun anew. */
function afterFirstRound(site: Site, wish: ShareWish, seen: SeenShare): SeenShare | undefined {
  const { record, directory } = seen;
  if (!record) return directory && { ...seen, record: adoptedRecord(site, wish, seen) };
  if (directory) return undefined;
  if (record.state === "ready") return { ...seen, record: { ...record, state: "creating" } };
  const { staging: _, ...withoutStaging } = seen;
  const spec = shareMessage.write(wish.spec);
  const isOutdated = record.state === "creating" && JSON.stringify(record.spec) !== JSON.stringify(spec);
  return isOutdated ? { ...withoutStaging, record: { ...record, spec } } : undefined;
}

/** The record that the first round of an adoption writes. */
function adoptedRecord(site: Site, wish: ShareWish, seen: SeenShare): ShareRecord {
  return {
    format: 1,
    kind: "lustre.share",
    key: wish.key,
    ...managedBy(wish, site.fileSystem.owner),
    state: "ready",
    projectId: seen.directory?.project.id ?? 0,
    adopted: true,
    spec: shareMessage.write(wish.spec),
  };
}

/** How the share would go by the policy that was applied last. */
export function previewRemoval(site: Site, key: string, seen: SeenShare): Step[] {
  const { record } = seen;
  if (!record) return [];
  const leaving: SeenShare = record.state === "ready" ? { ...seen, record: { ...record, state: "leaving" } } : seen;
  const first = planRemoval(site, key, leaving);
  const later =
    record.spec.removal_policy === "destroy" && leaving.record?.state === "leaving"
      ? planRemoval(site, key, inTrash(leaving))
      : [];
  return [...first, ...later].filter((step) => !step.quiet);
}

function inTrash(seen: SeenShare): SeenShare {
  const { directory, ...rest } = seen;
  const record = seen.record as ShareRecord;
  const trash = directory ??
    seen.trash ?? { type: "directory", mode: 0, uid: 0, gid: 0, project: { id: 0, inherit: false }, empty: false };
  return { ...rest, trash, record: { ...record, state: "deleting" } };
}
