// A path is safe only if all its parents are root's alone: whoever may write in one of them puts something else in the place of what lies there,
// a link to another tenant's directory for one, and what is then owned, limited or deleted is not the share.
import { fault } from "./faults";
import type { Entry } from "./parse";
import { onClient, recordsRoot, type Site } from "./site";

/** The directories on the way to a path of the file system, outermost first; the first is the mount point. */
export function parentsOf(site: Site, path: string): string[] {
  const parts = path.split("/").slice(1, -1);
  return [site.client.mount, ...parts.map((_, index) => onClient(site, `/${parts.slice(0, index + 1).join("/")}`))];
}

const othersMayWrite = 0o022;

/** Throws for one of the places that is there and is not a directory of root's alone. */
export function guardPlaces(site: Site, places: readonly string[], entries: ReadonlyMap<string, Entry>): void {
  for (const place of places) {
    const entry = entries.get(place);
    if (!entry) continue;
    if (entry.type !== "directory") {
      throw fault("FOREIGN_DIRECTORY", {
        summary: `${place} is a ${entry.type}, not a directory`,
        fix: "move it away, or choose another pathPrefix",
      });
    }
    if (entry.uid !== 0 || (entry.mode & othersMayWrite) !== 0) {
      const whose =
        entry.uid === 0 ? `may be written to by others (mode ${entry.mode.toString(8)})` : `belongs to uid ${entry.uid}`;
      throw fault("PARENT_UNSAFE", {
        summary: `${place} ${whose}, who can put something else in the place of what lies in it`,
        fix: `chown root:root ${place}; chmod go-w ${place}; then see that what lies in it is what you expect`,
      });
    }
  }
  const records = entries.get(recordsRoot(site));
  if (records && (records.mode & 0o077) !== 0) {
    const mode = records.mode.toString(8);
    throw fault("PREFLIGHT", {
      summary: `${recordsRoot(site)} is open to others (mode ${mode})`,
      fix: `chmod 0700 ${recordsRoot(site)}`,
    });
  }
}
