// What removals of shares and of rules, and rules that give less, have in common.
import { runStep } from "../../core/engine";
import { ShareError } from "../../core/errors";
import type { Step } from "../../core/plan";
import { fault } from "./faults";
import { proveLustre, statAll } from "./look";
import { recordsFolder, type Site } from "./site";

export function note(site: Site, key: string, why: string): Step[] {
  site.log.note(`${key}: ${why}`);
  return [];
}

/** Without a place for locks, sharewright has never changed anything: if this is the right file system, and there really is none. */
export async function nothingRecorded(site: Site, key: string): Promise<Step[]> {
  await proveLustre(site);
  const locks = recordsFolder(site, "locks");
  if ((await statAll(site, [locks])).size > 0)
    throw fault("COMMAND_FAILED", { object: key, summary: `no lock can be had, although ${locks} is there` });
  return note(site, key, "no record of it on the file system, left alone");
}

const noRoom = /No space left on device|Disk quota exceeded|Read-only file system/;

/** Records that access is being closed. Where there is no room for that, which a tenant can bring about, the fault is returned: access is closed all the same. */
export async function mark(site: Site, steps: readonly Step[]): Promise<ShareError | undefined> {
  try {
    for (const step of steps) await runStep(site.client, step);
    return undefined;
  } catch (error) {
    if (ShareError.isShareError(error) && noRoom.test(error.said ?? "")) return error;
    throw error;
  }
}
