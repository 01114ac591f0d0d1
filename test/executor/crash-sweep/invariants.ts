// The invariants of the sandbox's watch, looked at from outside while executors work; and which commands can break them.
import { trustedNodemap } from "../../../src/backends/lustre/access/trusted";
import type { State } from "../../../src/sandbox/state";
import { readState } from "../../../src/sandbox/store";
import { newWatch } from "../../../src/sandbox/watch";
import { countBelow, openedDirectories, violations } from "../../../src/sandbox/watch-rules";
import type { TestSite } from "../support";

/** How commands begin that change nothing on the storage. */
export const looks = [
  "lfs getname", "lfs path2fid", "lfs getstripe", "lfs quota", "lfs project -d", "lfs project /", "lfs mdts", "lfs osts", "lctl dl", "lctl get_param",
  "lctl list_param", "lctl list_nids", "lctl nodemap_test_nid", "lctl --list-commands", "stat", "find", "df", "flock", "cat", "tee",
  "mktemp", "mkfifo", "rm -rf",
]; // biome-ignore format: a list of words

/** A look that removes is none. */
export const removing = "-delete";

export function changes(text: string): boolean {
  return text.includes(removing) || !looks.some((look) => text.startsWith(look));
}

export interface Inspector {
  look(): void;
  /** What was found broken so far. */
  broken: string[];
}

export function inspector(site: TestSite): Inspector {
  const watch = newWatch(readState(site.dir), "sw_", [trustedNodemap]);
  const broken: string[] = [];
  const openedIn = (state: State) => openedDirectories(state, site.mount).map((path) => ({ path, count: countBelow(path) }));
  let before = openedIn(readState(site.dir));
  const look = () => {
    const state = readState(site.dir);
    broken.push(...violations(state, site.mount, watch).map(({ detail }) => detail));
    const removed = before.filter(({ path, count }) => countBelow(path) < count);
    broken.push(...removed.map(({ path }) => `data was removed from ${path} while a nodemap opened it`));
    before = openedIn(state);
  };
  return { look, broken };
}
