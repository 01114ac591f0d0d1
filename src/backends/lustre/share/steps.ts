// Steps on one share, each only where what is differs from what is wanted. Pure.
import type { Asker } from "../../../core/manager";
import type { Step } from "../../../core/plan";
import type { ShareSpec } from "../../../spec/lustre";
import * as cli from "../cli";
import { lastIdName, projectLink, recordsFolder, type Site } from "../site";
import { client, type Directory } from "./kept";
import { describeLimits, limitsOf, sameLimits, wantedLimits } from "./limits";
import type { SeenShare } from "./observe";

/** What is asked for, and by whom. */
export interface ShareWish extends Asker {
  key: string;
  spec: ShareSpec;
  /** Consent to make a directory that is gone anew, empty. */
  recreate?: boolean;
}

export function makeBase(seen: SeenShare): Step[] {
  const say = `make ${seen.missing.map(({ path }) => path).join(", ")}`;
  // A neighbour may make them in the same moment.
  const lost: Step["lost"] = (result) => result.stderr.includes("File exists");
  return seen.missing.map(({ path, mode }) => ({
    id: "make-base",
    say,
    on: "client",
    commands: [cli.mkdir(mode, path)],
    quiet: true,
    lost,
  }));
}

export function claimId(site: Site, wish: ShareWish, id: number): Step {
  return {
    id: "claim-id",
    say: `claim project id ${id}`,
    on: "client",
    commands: [cli.lnExclusive(wish.key, projectLink(site, id))],
    lost: (result) => result.stderr.includes("File exists"),
  };
}

/** Claims an id that we have chosen, noted first as the one that was given last: whoever has the claim has the note. */
export function giveId(site: Site, wish: ShareWish, id: number): Step {
  const claim = claimId(site, wish, id);
  const note = cli.lnReplace(String(id), `${recordsFolder(site, "projects")}/${lastIdName(site)}`);
  return { ...claim, commands: [note, ...claim.commands] };
}

export function tag(id: number, path: string, directory: Directory | undefined): Step[] {
  if (directory?.project.id === id && directory.project.inherit) return [];
  return [client("set-project", `set project ${id} on ${path}`, cli.lfsProjectSet(id, path))];
}

export function limit(id: number, wish: ShareWish, seen: SeenShare, site: Site): Step[] {
  const limits = wantedLimits(wish.spec);
  if (seen.quota && sameLimits(limits, limitsOf(seen.quota))) return [];
  return [setLimits(site, id, limits)];
}

export function setLimits(site: Site, id: number, limits: cli.Limits): Step {
  return {
    id: "set-limits",
    say: `limit project ${id} to ${describeLimits(limits)}`,
    on: "mds",
    commands: [cli.lfsSetquota(id, limits, site.mds.mount)],
  };
}
