// The first look at a share, in one go, because a round trip costs more than a command. What the answers do not settle is asked for later.
import { hole } from "../../../core/command";
import { type Answer, type Looks, looksAt } from "../../../core/looks";
import * as cli from "../cli";
import { askMount, childIds, entriesIn, parseLastId, parseLinks, quotaIn } from "../look";
import {
  type Entry,
  type ProjectOf,
  parseLfsGetstripe,
  parseLfsProject,
  parseLfsProjectChildren,
  type StripeComponent,
} from "../parse";
import type { Quota } from "../parse-quota";
import { askRecords, type ShareRecord } from "../records";
import { lastIdName, onClient, prefixDirectories, recordsFolder, type Site, stagingPath } from "../site";

/** What a choice of a project id has to know of claims and directories. */
export interface IdLists {
  claimed: number[];
  /** The one that was given last. */
  last: number | undefined;
  /** Project ids of the directories of the prefix. */
  inPrefix: number[];
  /** Directories on the way to the shares. */
  prefixes: ProjectOf[];
}

export interface Glance {
  entries: Map<string, Entry>;
  /** The staging and the share's directory. */
  lookedAt: string[];
  record: ShareRecord | undefined;
  /** Of the staging and the share's directory, where they are. */
  projects: ProjectOf[];
  layout: StripeComponent[] | undefined;
  /** Of the record's project id; undefined also when the MDS is another host. */
  quota: Quota | undefined;
  /** Key that the project id of a share in the making is claimed for. */
  idClaimedFor: string | undefined;
  /** Only where there is no record, and `forApply`. */
  ids: IdLists | undefined;
}

export interface GlanceAt {
  key: string;
  /** Path of the share's directory, unless its record says otherwise. */
  path: string;
  /** Paths whose existence is asked for. */
  others: readonly string[];
  layout: boolean;
  forApply: boolean;
}

export async function glance(site: Site, { key, path, others, layout, forApply }: GlanceAt): Promise<Glance> {
  const { client, mds } = site;
  const looks = looksAt(client);
  const staging = stagingPath(site, key);
  const places = [staging, onClient(site, path)];
  const paths = [...new Set([...others, ...places])];

  const mount = askMount(site, looks, client);
  const stat = looks.ask(cli.stat(...paths), (result, command) => entriesIn(site, command, result, paths.length));
  const ifThere = (place: string) => ({ given: { of: stat.of, says: `|${place}\n` } });
  const record = askRecords(site, looks, { shares: key }, ifThere(recordsFolder(site, "shares")));
  const projects = places.map((place) => looks.output({ ...cli.lfsProjectOf(place), ...ifThere(place) }, parseLfsProject));
  const layouts = layout
    ? places.map((place) => looks.output({ ...cli.lfsGetstripe(place), ...ifThere(place) }, parseLfsGetstripe))
    : [];
  const onMds = mds.transport === client.transport ? askMds(site, looks, record) : undefined;
  const claim = looks.output(
    {
      ...cli.findLinks(recordsFolder(site, "projects"), "-name", hole),
      given: { of: record.of, says: '"state":"creating"', digitsAfter: projectIdIs },
    },
    parseLinks,
  );
  const ids = forApply ? askIds(site, looks, record) : undefined;

  await looks.send();
  mount();
  const entries = stat() ?? new Map<string, Entry>();
  /** Answers about the places that are directories. */
  const about = <T>(answers: Answer<T[]>[]): T[][] =>
    answers.flatMap((answer, index) => {
      const said = entries.get(places[index] ?? "")?.type === "directory" ? answer() : undefined;
      return said ? [said] : [];
    });
  const seen = record()?.shares;
  return {
    entries,
    lookedAt: places,
    record: seen,
    projects: about(projects).flat(),
    layout: about(layouts).at(-1),
    quota: onMds?.(),
    idClaimedFor: claim()?.get(seen?.projectId ?? 0),
    ids: ids?.(entries),
  };
}

const projectIdIs = '"projectId":';

/** The limits of the record's project id, where the same host tells them. */
function askMds(site: Site, looks: Looks, record: Answer<unknown>): () => Quota | undefined {
  const { client, mds } = site;
  const isSame = mds.mount === client.mount;
  const mount = isSame ? undefined : askMount(site, looks, mds);
  const quota = looks.ask(
    { ...cli.lfsQuota(hole, mds.mount), given: { of: record.of, says: projectIdIs, digitsAfter: projectIdIs } },
    (result, command) => quotaIn(site, command, result),
  );
  return () => {
    mount?.();
    return quota();
  };
}

/** Without a record an id will have to be chosen. */
function askIds(site: Site, looks: Looks, record: Answer<unknown>): (entries: Map<string, Entry>) => IdLists | undefined {
  const prefixes = prefixDirectories(site);
  const last = prefixes.at(-1) ?? "";
  const links = looks.output(
    { ...cli.findLinks(recordsFolder(site, "projects")), given: { of: record.of, says: '"key"', not: true } },
    (text) => ({ claimed: [...parseLinks(text).keys()], last: parseLastId(text, lastIdName(site)) }),
  );
  const ifAsked = { given: { of: links.of, says: "" } };
  const children = looks.output({ ...cli.lfsProjectChildren(last), ...ifAsked }, parseLfsProjectChildren);
  const on = prefixes.map((prefix) => looks.output({ ...cli.lfsProjectOf(prefix), ...ifAsked }, parseLfsProject));
  return (entries) => {
    const ids = links();
    if (!ids) return undefined;
    const isThere = (place: string) => entries.has(place);
    return {
      ...ids,
      inPrefix: isThere(last) ? childIds(site, children()) : [],
      prefixes: prefixes.flatMap((prefix, index) => (isThere(prefix) ? (on[index]?.() ?? []) : [])),
    };
  };
}
