// What tests find on this machine of GlusterFS: set once for a run by the global setup, read by every test file.

/** Why there is none; "" if there is one. */
export const noGlusterVariable = "SHAREWRIGHT_TEST_NO_GLUSTER";

export function noGluster(): string {
  return process.env[noGlusterVariable] ?? "the global setup has not run";
}
