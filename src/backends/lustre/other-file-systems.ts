// Nodemaps belong to the MGS, not to a file system: a fileset opens the same path on every file system that the MGS serves.
import { attempt, run } from "../../core/host";
import * as cli from "./cli";
import { statAll } from "./look";
import { lines } from "./parse";
import type { Check } from "./preflight";
import type { Site } from "./site";

/** Whether clients of `path` could mount a directory of another file system by it. */
export async function checkOtherFileSystems(site: Site, path: string): Promise<Check[]> {
  const checks: Check[] = [];
  for (const other of await otherFileSystems(site)) {
    const about = `${path} on the file system "${other}" of the same MGS`;
    const mount = await mountOf(site, other);
    const base = { id: "other-file-system", about };
    if (mount === undefined)
      checks.push({
        ...base,
        verdict: "unknown",
        found: "not mounted on the client; if it is there, these clients can mount it",
      });
    else if ((await statAll(site, [`${mount}${path}`])).has(`${mount}${path}`)) {
      checks.push({
        ...base,
        verdict: "bad",
        found: "exists: these clients could mount it",
        fix: "choose another pathPrefix or shareName, or rename it there",
      });
    } else checks.push({ ...base, verdict: "good", found: "not there" });
  }
  return checks;
}

async function otherFileSystems(site: Site): Promise<string[]> {
  const listed = await run(site.mgs, cli.lctlListFileSystems());
  const names = lines(listed.stdout).flatMap((line) => line.split(".").at(-1) ?? []);
  return names.filter((name) => name !== "params" && name !== site.fileSystem.fsName);
}

async function mountOf(site: Site, fsName: string): Promise<string | undefined> {
  const mounts = (await attempt(site.client, cli.findmntLustre())).stdout;
  const line = lines(mounts).find((mount) => mount.split(/\s+/)[0]?.endsWith(`:/${fsName}`));
  return line?.split(/\s+/)[1];
}
