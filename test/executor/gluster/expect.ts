// What tests of GlusterFS expect more than once.
import { expect } from "vitest";
import type { Volume } from "../../../src/sandbox/gluster/state";
import type { Ended } from "../support";

/** Who is let into every pool volume of the sandbox. */
export const infrastructure = "glusterfs-server-1,glusterfs-server-2,glusterfs-server-3,manila-host-1";

/** glusterd keeps these for itself once quota was on, and a `user.` option cannot be taken away. */
export const quotaTraces = /^(features\.(quota|inode-quota|quota-deem-statfs)|user\.sharewright\..*)$/;

export function optionsBesides({ options }: Pick<Volume, "options">, besides: RegExp): Record<string, string> {
  return Object.fromEntries(options.filter(([name]) => !besides.test(name)).sort());
}

export function expectRefusal(ended: Ended, exitCode: number, code: string): void {
  expect(ended).toMatchObject({ exitCode, stderr: expect.stringMatching(new RegExp(`^error ${code} `)) });
}
