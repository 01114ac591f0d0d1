import { expect, test } from "vitest";
import type { Cluster } from "../../../src/backends/gluster/site";
import { noteUnseen } from "../../../src/backends/gluster/volume/brick-content";
import { silentLog } from "../../../src/core/log";
import { volume } from "./volume";

test.each([
  [[], []],
  [["s2:/b", "s1:/b"], [expect.stringMatching(/^s1:\/b, s2:\/b of volume v cannot be looked at/)]],
])("bricks that could not be looked at are told, and nothing else: %j", (unseen, told) => {
  const notes: string[] = [];
  noteUnseen({ log: silentLog(notes) } as unknown as Cluster, volume("v"), { unseen: [...unseen] });
  expect(notes).toEqual(told);
});
