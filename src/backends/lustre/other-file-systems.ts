// Nodemaps belong to the MGS, not to a file system: it has to be the one of ours, and a fileset opens the same path on every other
// file system that it serves.
import type { Check } from "../../core/check";
import { attempt } from "../../core/host";
import * as cli from "./cli";
import { statAll } from "./look";
import { nidsOf, parseMounts, wholeOf } from "./mounts";
import { readParams } from "./params";
import { lines } from "./parse";
import type { Site } from "./site";

/** Whether the MGS serves our file system, and whether clients of `path` could mount a directory of another one by it. */
export async function checkServedFileSystems(site: Site, path: string): Promise<Check[]> {
  const { fsName } = site.fileSystem;
  const served = await servedFileSystems(site);
  const base = { id: "mgs-serves", about: `the MGS of the file system "${fsName}"` };
  if (!served) return [{ ...base, verdict: "unknown", found: "what it serves cannot be seen" }];
  if (!served.includes(fsName)) {
    const found = `the MGS of ${served.join(", ") || "nothing"}`;
    return [{ ...base, verdict: "bad", found, fix: "point `mgs` at the host that the file system's clients mount from" }];
  }
  const others = served.filter((name) => name !== fsName);
  return [
    { ...base, verdict: "good", found: "this one" },
    ...(await Promise.all(others.map((other) => checkOther(site, other, path)))),
  ];
}

async function checkOther(site: Site, other: string, path: string): Promise<Check> {
  const mounts = await mountsOf(site, other);
  const base = { id: "other-file-system", about: `${path} on the file system "${other}" of the same MGS` };
  if (mounts.length === 0) {
    return { ...base, verdict: "unknown", found: "not mounted on the client; if it is there, these clients can mount it" };
  }
  const there = await statAll(
    site,
    mounts.map((mount) => `${mount}${path}`),
  );
  if (there.size === 0) return { ...base, verdict: "good", found: "not there" };
  const fix = "choose another pathPrefix or shareName, or rename it there";
  return { ...base, verdict: "bad", found: "exists: these clients could mount it", fix };
}

/** What the MGS keeps logs of besides file systems (golden y164, y173). */
const notFileSystems = ["nodemap", "params"];

/** Undefined where the MGS does not show it. */
async function servedFileSystems(site: Site): Promise<string[] | undefined> {
  const listed = (await readParams(site.mgs, cli.mgsParameter)).get(cli.mgsParameter);
  return listed === undefined ? undefined : lines(listed).filter((name) => !notFileSystems.includes(name));
}

async function mountsOf(site: Site, fsName: string): Promise<string[]> {
  const mounts = parseMounts((await attempt(site.client, cli.findmntLustre())).stdout);
  const own = mounts.filter(({ target }) => target === site.client.mount).flatMap(nidsOf);
  return wholeOf(mounts, fsName, [...own, ...site.fileSystem.exportNids.flatMap((host) => host.split(","))]);
}
