// Before a run with tests on a real GlusterFS: installed where that is allowed; what runs that were killed left behind is removed.
import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { userInfo } from "node:os";
import { install } from "../install";
import { certificateDirectory } from "./identities";
import { removeLeftovers } from "./leftovers";
import { noGlusterVariable } from "./rig";

const packages = {
  "/usr/sbin/glusterd": "glusterfs-server",
  "/usr/sbin/gluster": "glusterfs-cli",
  "/usr/sbin/mount.glusterfs": "glusterfs-client",
  "/usr/bin/openssl": "openssl",
} as const;

/** Files of tests say by their name or folder that they need it. */
function isNeeded(words: readonly string[]): boolean {
  const files = words.filter((word) => word.startsWith("test/"));
  return files.length === 0 || files.some((file) => !file.endsWith(".ts") || /gluster/.test(file));
}

export default async function setup(): Promise<void> {
  // Each project with tests of servers asks for it.
  if (process.env[noGlusterVariable] !== undefined || !isNeeded(process.argv)) return;
  const why = whyNot();
  process.env[noGlusterVariable] = why;
  if (why === "") await removeLeftovers();
}

function whyNot(): string {
  if (userInfo().uid !== 0) return "not root";
  if (!existsSync("/dev/fuse")) return "no /dev/fuse";
  const { status, stderr, error } = spawnSync("unshare", ["-m", "--propagation", "private", "true"], { encoding: "utf8" });
  if (status !== 0) return `no mount namespace: ${(stderr || String(error)).trim()}`;
  const { why } = install({ packages, tests: "GlusterFS" });
  if (why !== "") return why;
  return existsSync(certificateDirectory())
    ? ""
    : `${certificateDirectory()} is missing, where this GlusterFS looks for certificates`;
}
