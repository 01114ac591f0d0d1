// Takes a rule out of force, whatever the records say.
import { runStep } from "../../../core/engine";
import { run } from "../../../core/host";
import { leftAlone } from "../../../core/manager";
import type { Step } from "../../../core/plan";
import * as cli from "../cli";
import { mark, note, nothingRecorded } from "../leaving";
import { lockAndLook, withAccessLock } from "../locks";
import { readAllRecords, removeRecord, writeRecord } from "../records";
import { recordsFolder, type Site } from "../site";
import { convergeAccess } from "./converge";
import { proveNoneLost, proveTaken } from "./proof";
import { leavingRecord } from "./rules";

export async function destroyRule(site: Site, key: string, claim: string): Promise<Step[]> {
  // What is there is looked at under the lock of access: waiting for it may take minutes.
  if (!(await lockAndLook(site, key, async () => {}))) {
    const nothing = await nothingRecorded(site, key);
    await proveNoneLost(site, key);
    return nothing;
  }
  return withAccessLock(site, async () => {
    const records = await readAllRecords(site, "named");
    const record = records.rules.find((rule) => rule.key === key);
    if (record && record.claim !== claim) return note(site, key, leftAlone(record, site.fileSystem.owner));
    if (record && !record.leaving) {
      const unmarked = await mark(site, [writeRecord(site, "rules", leavingRecord(site, record))]);
      if (unmarked) site.log.note(`${key} is closed without a record that it is going, since ${unmarked.said}`);
    }
    const settled = await convergeAccess(site, key, { leaving: key, records });
    await proveTaken(site, key, record, settled);
    await forgetRule(site, key);
    return settled.done;
  });
}

/** The last of a rule; and, since nobody else writes them now, half-written records of nodemaps that killed runs left. */
async function forgetRule(site: Site, key: string): Promise<void> {
  await runStep(site.client, removeRecord(site, "rules", key));
  await run(site.client, cli.findTemporary(recordsFolder(site, "nodemaps")));
}
