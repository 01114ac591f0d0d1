// The first look at a share, in one go, because a round trip costs more than a command. What the answers do not settle is asked for later.
import { hole } from "../../../core/command";
import { type Answer, type Looks, looksAt } from "../../../core/looks";
import type { ShareSpec } from "../../../spec/lustre";
import * as cli from "../cli";
import { askMount, askPlaces, childIds, idOwner, parseLastId, parseLinks, quotaIn } from "../look";
import { type Entry, type ProjectOf, parseLfsProject, parseLfsProjectChildren } from "../parse";
import type { Quota } from "../parse-quota";
import { recordsIn, type ShareRecord } from "../records";
import { lastIdName, onClient, prefixDirectories, projectLink, recordPath, recordsFolder, type Site, stagingPath } from "../site";
import { type LookFor, looksFor, type Told } from "./kept";

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
  /** Of the staging and the share's directory, where they are; undefined where they were not asked for. */
  projects: ProjectOf[] | undefined;
  told: Told;
  /** Of the record's project id; undefined also when the MDS is another host. */
  quota: Quota | undefined;
  /** Key that the project id of a share in the making is claimed for. */
  idClaimedFor: string | undefined;
  /** Only where there is no record, and for an apply. */
  ids: IdLists | undefined;
}

export interface GlanceAt {
  key: string;
  /** Path of the share's directory, unless its record says otherwise. */
  path: string;
  /** Paths whose existence is asked for. */
  others: readonly string[];
  /** undefined for a removal. */
  want: ShareSpec | undefined;
  /** The project id that a share in the making is known to have. */
  projectId: number | undefined;
  /** Whether projects of the staging and of the share's directory are asked for along. */
  projects: boolean;
  /** Whether limits are: of every share, of one that is being deleted, of none. */
  limits: "all" | "deleting" | "none";
}

export async function glance(site: Site, at: GlanceAt): Promise<Glance> {
  const { key, path, others, want, projectId, limits } = at;
  const { client, mds } = site;
  const looks = looksAt(client);
  const staging = stagingPath(site, key);
  const places = [staging, onClient(site, path)];
  const link = projectId === undefined ? [] : [projectLink(site, projectId)];

  const first = askPlaces(site, looks, [...others, ...places, ...link, recordPath(site, "shares", key)], ["shares"]);
  const ifThere = (place: string) => ({ given: { of: first.of, says: `|${place}\n` } });
  const tagged = at.projects ? places : [];
  const projects = tagged.map((place) => looks.output({ ...cli.lfsProjectOf(place), ...ifThere(place) }, parseLfsProject));
  const asked = Object.entries<LookFor>(looksFor).filter(([name]) => want?.[name as keyof Told] !== undefined);
  const tellings = asked.map(([name, { at, parse }]) => {
    return [name, places.map((place) => looks.output({ ...at(place), ...ifThere(place) }, parse))] as const;
  });
  const onMds = mds.transport === client.transport && limits !== "none" ? askMds(site, looks, first.of, limits) : undefined;
  const claim = projectId === undefined ? askClaim(site, looks, first.of) : undefined;
  const ids = want ? askIds(site, looks, first.of) : undefined;

  await looks.send();
  const { entries, records } = first();
  /** Answers about the places that are directories. */
  const about = <T>(answers: Answer<T>[]): T[] =>
    answers.flatMap((answer, index) => {
      const said = entries.get(places[index] ?? "")?.type === "directory" ? answer() : undefined;
      return said ? [said] : [];
    });
  const { shares: seen } = recordsIn(site, records, { shares: key });
  const claimedFor = async (id: number) => {
    if (claim) return claim()?.get(id);
    return id === projectId ? entries.get(projectLink(site, id))?.link : idOwner(site, id);
  };
  return {
    entries,
    lookedAt: places,
    record: seen,
    projects: at.projects ? about(projects).flat() : undefined,
    told: Object.fromEntries(
      tellings.flatMap(([name, answers]) =>
        about(answers)
          .slice(-1)
          .map((told) => [name, told]),
      ),
    ),
    quota: onMds?.(),
    idClaimedFor: seen?.state === "creating" && seen.projectId !== undefined ? await claimedFor(seen.projectId) : undefined,
    ids: ids?.(entries),
  };
}

const projectIdIs = '"projectId":';

/** For whom the project id of a share in the making is claimed, by what the command at that place in the list says of its record. */
function askClaim(site: Site, looks: Looks, of: number): Answer<Map<number, string>> {
  const given = { of, says: '"state":"creating"', digitsAfter: projectIdIs };
  return looks.output({ ...cli.findLinks(recordsFolder(site, "projects"), "-name", hole), given }, parseLinks);
}

/** The limits of the record's project id, where the same host tells them. */
function askMds(site: Site, looks: Looks, of: number, limits: "all" | "deleting"): () => Quota | undefined {
  const { client, mds } = site;
  const says = limits === "all" ? projectIdIs : '"state":"deleting"';
  const isSame = mds.mount === client.mount;
  const mount = isSame ? undefined : askMount(site, looks, mds);
  const quota = looks.ask(
    { ...cli.lfsQuota(hole, mds.mount), given: { of, says, digitsAfter: projectIdIs } },
    (result, command) => quotaIn(site, command, result),
  );
  return () => {
    mount?.();
    return quota();
  };
}

/** Without a record an id will have to be chosen. */
function askIds(site: Site, looks: Looks, of: number): (entries: Map<string, Entry>) => IdLists | undefined {
  const prefixes = prefixDirectories(site);
  const last = prefixes.at(-1) ?? "";
  const links = looks.output(
    { ...cli.findLinks(recordsFolder(site, "projects")), given: { of, says: '"key"', not: true } },
    (text) => ({ claimed: [...parseLinks(text).keys()], last: parseLastId(text, lastIdName(site)) }),
  );
  const ifAsked = { given: { of: links.of, says: "" } };
  const children = looks.output({ ...cli.lfsProjectChildren(last), ...ifAsked }, parseLfsProjectChildren);
  const on = prefixes.map((prefix) => looks.output({ ...cli.lfsProjectOf(prefix), ...ifAsked }, parseLfsProject));
  return (entries) => {
    const isThere = (place: string) => entries.has(place);
    const ids = isThere(recordsFolder(site, "locks")) ? links() : undefined;
    if (!ids) return undefined;
    return {
      ...ids,
      inPrefix: isThere(last) ? childIds(site, children()) : [],
      prefixes: prefixes.flatMap((prefix, index) => (isThere(prefix) ? (on[index]?.() ?? []) : [])),
    };
  };
}
