import { existsSync, renameSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { applyShare } from "../../../src/backends/lustre/share/apply";
import { destroyShare } from "../../../src/backends/lustre/share/destroy";
import { readTrashEntries, restore } from "../../../src/backends/lustre/share/trash";
import type { ShareSpec } from "../../../src/spec/lustre";
import { refusal } from "../../core/refusal";
import { type SandboxSite, sandboxSite } from "./sandbox-site";

let world: SandboxSite;
beforeEach(() => {
  world = sandboxSite();
});
afterEach(() => world.sandbox.remove());

const spec: ShareSpec = {
  fileset: "/shares/a",
  size: 1024n ** 3n,
  owner: { uid: 0, gid: 0 },
  mode: 0o750,
  removalPolicy: "trash",
  adopt: false,
};
const apply = () => applyShare(world.site, { key: "shares/a", claim: "a", spec });
const place = () => join(world.sandbox.mount, "shares/a");

/** A share in the trash. */
async function trashed(): Promise<string> {
  await apply();
  await destroyShare(world.site, "shares/a", "a");
  const [{ name = "" } = {}] = await readTrashEntries(world.site);
  return name;
}

test("a restore that was cut off behind its move goes on", async () => {
  const name = await trashed();
  renameSync(join(world.sandbox.mount, ".sharewright/trash", name), place());
  expect((await restore(world.site, name, undefined)).key).toBe("shares/a");
  expect([existsSync(place()), await readTrashEntries(world.site)]).toEqual([true, []]);
});

test("a restore to where something else is is refused", async () => {
  const name = await trashed();
  await world.sandbox.run(["mkdir", place()]);
  expect((await refusal(restore(world.site, name, undefined))).code).toBe("FOREIGN_DIRECTORY");
});
