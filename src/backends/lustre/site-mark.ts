// Which of several file systems of one name a mount holds. Of itself it says its name alone, so where a stack writes `site` the word stands in a link
// among the records, made with them, and every look at them compares it. Where no stack writes one there is none.
import type { Host } from "../../core/host";
import { quote } from "../../core/quote";
import { recordsDirectory } from "../../spec/name";
import * as cli from "./cli";
import { fault } from "./faults";
import type { Entry } from "./parse";
import type { Site } from "./site";

type Mounted = Pick<Host, "mount">;

export function siteMark({ mount }: Mounted): string {
  return `${mount}/${cli.siteMarkPath}`;
}

/** The last of the folders of records: there once anything can have been recorded. */
function allFolders({ mount }: Mounted): string {
  return `${mount}/${recordsDirectory}/locks`;
}

/** What `judgeSite` has to be told of a host's mount. */
export function sitePlaces({ fileSystem }: Pick<Site, "fileSystem">, host: Mounted): string[] {
  return [siteMark(host), ...(fileSystem.site === undefined ? [] : [allFolders(host)])];
}

/** Throws where the mount is of another site. A file system without records is of none yet. */
export function judgeSite(
  site: Site,
  host: Host,
  entries: ReadonlyMap<string, Entry>,
  hasRecords = entries.has(allFolders(host)),
): void {
  const mark = entries.get(siteMark(host));
  const { site: word } = site.fileSystem;
  // What is no link has no text, and says nothing that could be meant.
  if (mark ? mark.link !== undefined && mark.link === word : word === undefined || !hasRecords) return;
  throw otherSite(site, host, mark);
}

function otherSite({ fileSystem: { fsName, site } }: Site, host: Host, mark: Entry | undefined) {
  const path = siteMark(host);
  const found = mark ? `that of the site "${mark.link ?? "?"}"` : "one that no site has marked";
  const right =
    site === undefined
      ? `write its site in every stack that describes it, or, where it is to have none: ${quote(cli.rmFile(path).argv)}`
      : `on the client: ${quote(cli.lnReplace(site, path).argv)}; and write that site in every stack that describes it`;
  return fault("OTHER_SITE", {
    host: host.name,
    summary: `the file system "${fsName}" at ${host.mount} is ${found}, and ${site === undefined ? "no site is written here" : `"${site}" is meant`}`,
    fix: `see what is mounted there (\`findmnt -T ${host.mount}\`) and mount the right one; only where it is the right one, ${right}`,
  });
}
