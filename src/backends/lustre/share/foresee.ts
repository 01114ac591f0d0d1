// What will be seen of a share when steps have done what they say. Pure.
import type { Command } from "../../../core/command";
import type { Step } from "../../../core/plan";
import { defined } from "../../../spec/defined";
import type { Layout } from "../../../spec/layout";
import type { StripeComponent } from "../parse";
import type { Quota } from "../parse-quota";
import type { ShareRecord } from "../records";
import { onClient, projectLink, recordPath, type Site, stagingPath, trashName, trashPath } from "../site";
import type { Directory } from "./kept";
import type { SeenShare } from "./observe";

/** The share that is looked at. */
export interface Subject {
  site: Site;
  key: string;
  /** What `lfs setstripe` of it sets. */
  layout?: Layout | undefined;
}

type Place = "directory" | "staging" | "trash";

export function afterStep(subject: Subject, seen: SeenShare, { commands }: Step): SeenShare {
  return commands.reduce((now, command) => afterCommand(subject, now, command), seen);
}

/** One command on what has been seen so far. */
interface Change {
  subject: Subject;
  seen: SeenShare;
  argv: readonly string[];
  stdin: string;
  /** What the command ends with. */
  path: string;
  /** What lies there, where it is the share's. */
  place: Place | undefined;
}

/** By the builders of `cli.ts` that plans use. */
const effects: Readonly<Record<string, (change: Change) => SeenShare>> = {
  mkdir: ({ seen, argv, path, place }) =>
    place ? { ...seen, [place]: made(argv[2] ?? "") } : { ...seen, missing: seen.missing.filter((one) => one.path !== path) },
  dd: ({ subject, seen, argv, stdin }) =>
    argv[1] === `of=${ownRecord(subject)}.tmp` ? recorded(subject.key, seen, JSON.parse(stdin) as ShareRecord) : seen,
  ln: ({ subject, seen, argv, path }) => (isLinkOfId(subject, path) ? { ...seen, idClaimedFor: argv.at(-2) ?? "" } : seen),
  rm: ({ subject, seen, argv, path }) => {
    if (argv.includes(ownRecord(subject))) return without(seen, "record");
    return isLinkOfId(subject, path) ? without(seen, "idClaimedFor") : seen;
  },
  rmdir: ({ seen, place }) => (place ? without(seen, place) : seen),
  find: ({ seen }) => without(seen, "trash"),
  mv: ({ subject, seen, argv, place }) => afterMove(subject, seen, argv.at(-2) ?? "", place),
  chown: ({ seen, argv, place }) => changed(seen, place, ownerIn(argv.at(-2) ?? "")),
  chmod: ({ seen, argv, place }) => changed(seen, place, { mode: Number.parseInt(argv.at(-2) ?? "", 8) }),
  "lfs project": ({ seen, argv, place }) => changed(seen, place, { project: { id: Number(argv[3]), inherit: true } }),
  "lfs setstripe": ({ subject, seen, argv }) => ({
    ...seen,
    layout: argv[2] === "-d" ? [] : (subject.layout ?? []).map(asSeen),
  }),
  "lfs setquota": ({ seen, argv }) =>
    argv.includes("--delete") ? without(seen, "quota") : { ...seen, quota: limited(seen.quota, argv) },
};

function afterCommand(subject: Subject, seen: SeenShare, { argv, stdin = "" }: Command): SeenShare {
  const effect = effects[argv.slice(0, argv[0] === "lfs" ? 2 : 1).join(" ")];
  if (!effect) throw new Error(`not foreseen: ${argv.join(" ")}`);
  const path = argv.at(-1) ?? "";
  return effect({ subject, seen, argv, stdin, path, place: placeOf(subject, seen, path.replace(/\/\.$/, "")) });
}

function ownRecord({ site, key }: Subject): string {
  return recordPath(site, "shares", key);
}

/** Whose an id is, is looked up only of a share in the making; one that was ready has kept its own. */
function recorded(key: string, seen: SeenShare, record: ShareRecord): SeenShare {
  const isMadeAnew = record.state === "creating" && seen.record?.state === "ready";
  return { ...seen, record, ...(isMadeAnew ? { idClaimedFor: key } : {}) };
}

function without<K extends keyof SeenShare>(seen: SeenShare, name: K): SeenShare {
  const { [name]: _, ...rest } = seen;
  return rest as SeenShare;
}

function placeOf({ site, key }: Subject, seen: SeenShare, path: string): Place | undefined {
  if (path === stagingPath(site, key)) return "staging";
  if (path === onClient(site, seen.path)) return "directory";
  return seen.record?.projectId !== undefined && path === trashPath(site, trashName(key, seen.record.projectId))
    ? "trash"
    : undefined;
}

/** The links of the ids of others are not touched by a plan. */
function isLinkOfId({ site }: Subject, path: string): boolean {
  const id = Number(path.slice(path.lastIndexOf("/") + 1));
  return Number.isInteger(id) && path === projectLink(site, id);
}

function made(mode: string): Directory {
  return {
    type: "directory",
    mode: Number.parseInt(mode, 8),
    uid: 0,
    gid: 0,
    project: { id: 0, inherit: false },
    empty: true,
  };
}

function afterMove(subject: Subject, seen: SeenShare, source: string, to: Place | undefined): SeenShare {
  const from = placeOf(subject, seen, source);
  const moved = from && seen[from];
  return from && to && moved ? { ...without(seen, from), [to]: moved } : seen;
}

function changed(seen: SeenShare, place: Place | undefined, change: Partial<Directory>): SeenShare {
  const directory = place && seen[place];
  return directory ? { ...seen, [place]: { ...directory, ...change } } : seen;
}

function ownerIn(text: string): Pick<Directory, "uid" | "gid"> {
  const [uid, gid] = text.split(":").map(Number);
  return { uid: uid ?? 0, gid: gid ?? 0 };
}

function limited(quota: Quota | undefined, argv: readonly string[]): Quota {
  const number = (flag: string) => BigInt((argv[argv.indexOf(flag) + 1] ?? "0").replace(/k$/, ""));
  const used = quota ?? { usedBytes: 0n, usedInodes: 0n, reliable: true };
  return {
    ...used,
    blockSoft: number("-b") * 1024n,
    blockHard: number("-B") * 1024n,
    inodeSoft: number("-i"),
    inodeHard: number("-I"),
  };
}

function asSeen({ end, stripeCount, stripeSize, pool, onMdt }: Layout[number]): StripeComponent {
  return {
    end: end ?? "EOF",
    count: stripeCount ?? 0,
    size: stripeSize ?? 0n,
    pattern: onMdt ? "mdt" : "raid0",
    index: -1,
    ...defined({ pool }),
  };
}
