// What a volume for a share is looked for in when none is marked for it: where its wish says, and nowhere else.
import { expect, test } from "vitest";
import { shareMark } from "../../../../src/backends/gluster/records";
import { previewShare } from "../../../../src/backends/gluster/share/apply";
import type { GlusterShareSpec } from "../../../../src/spec/gluster";
import { fakeCluster } from "../fake-cluster";
import { closed, recordOf, wishOf } from "../shares";
import { volume } from "../volume";

test.each<[kind: string, provisioning: GlusterShareSpec["provisioning"], code: string]>([
  ["the pool", { kind: "pool" }, "NO_FREE_VOLUME"],
  ["a snapshot", { kind: "clone", snapshot: "a@monday" }, "SNAPSHOT_MISSING"],
])("%s has none: said in its words", async (_, provisioning, code) => {
  const share = volume("pool-1", { options: { ...closed, ...shareMark(recordOf()) } });
  const wish = { ...wishOf({ share: "b", provisioning }), key: "b" };
  await expect(previewShare([fakeCluster({ servers: { s1: {} }, volumes: [share] })], wish)).rejects.toMatchObject({ code });
});
