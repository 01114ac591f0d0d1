// Whether a directory that others made may become a share. Changes nothing.
import { run } from "../../../core/host";
import { defined } from "../../../spec/defined";
import { pathsNest } from "../../../spec/name";
import * as cli from "../cli";
import { idOwner, readProjects } from "../look";
import { parseLfsProject } from "../parse";
import { readAllRecords } from "../records";
import { onClient, type Site } from "../site";

export interface AdoptionSight {
  /** Key that the directory's project id is claimed for. */
  idClaimedFor?: string;
  /** Why it cannot be adopted. */
  problem?: string;
}

/** A share's directory is no link, lies in no other share, holds none, and its project id is on nothing else. */
export async function observeAdoption(
  site: Site,
  key: string,
  path: string,
  id: number,
  recorded: boolean,
): Promise<AdoptionSight> {
  const idClaimedFor = recorded ? await idOwner(site, id) : undefined;
  const problem = (await placeProblem(site, path, recorded)) ?? (await idProblem(site, key, path, id, idClaimedFor));
  return { ...defined({ idClaimedFor, problem }) };
}

async function placeProblem(site: Site, path: string, recorded: boolean): Promise<string | undefined> {
  const parent = onClient(site, parentOf(path));
  const project = parent === site.client.mount ? undefined : (await readProjects(site, [parent])).get(parent);
  if (project?.inherit) return `it lies in ${parent}, which has project ${project.id}`;
  const shares = recorded ? (await readAllRecords(site)).shares : [];
  const nested = shares.find((share) => pathsNest(share.spec.fileset, path));
  return nested && `it and the share ${nested.key} (${nested.spec.fileset}) lie in each other`;
}

async function idProblem(
  site: Site,
  key: string,
  path: string,
  id: number,
  claimedFor: string | undefined,
): Promise<string | undefined> {
  if (claimedFor !== undefined && claimedFor !== key) return `its project ${id} belongs to ${claimedFor}`;
  const siblings = parseLfsProject((await run(site.client, cli.lfsProjectChildren(onClient(site, parentOf(path))))).stdout);
  const twin = siblings.find((sibling) => sibling.id === id && sibling.path !== onClient(site, path));
  return twin && `its project ${id} is also on ${twin.path}`;
}

function parentOf(path: string): string {
  return path.slice(0, path.lastIndexOf("/"));
}
