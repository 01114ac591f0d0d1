// Before a run with SSH tests: programs installed, users made. After it: users removed.
import { userInfo } from "node:os";
import { install } from "../install";
import { type Rig, rigVariable } from "./rig";
import { makeUsers } from "./users";

const packages = {
  "/usr/sbin/sshd": "openssh-server",
  "/usr/bin/ssh": "openssh-client",
  "/usr/bin/sudo": "sudo",
  "/usr/bin/tcsh": "tcsh",
  "/usr/bin/fish": "fish",
} as const;

/** Files of tests say by their name or folder that they need it. */
function isNeeded(words: readonly string[]): boolean {
  const files = words.filter((word) => word.startsWith("test/"));
  return files.length === 0 || files.some((file) => !file.endsWith(".ts") || /ssh|e2e|executor|fronts/.test(file));
}

export default function setup(): (() => void) | undefined {
  // Each project with tests of servers asks for it.
  if (process.env[rigVariable] !== undefined || !isNeeded(process.argv)) return undefined;
  const { rig, remove } = makeRig();
  process.env[rigVariable] = JSON.stringify(rig);
  return remove;
}

/** The bench uses it, too. */
export function makeRig(): { rig: Rig; remove: () => void } {
  const { missing, why } = install({ packages, tests: "SSH" });
  const noSshd = missing.includes("/usr/sbin/sshd") || missing.includes("/usr/bin/ssh") ? why : "";
  const noUsers = noSshd || (userInfo().uid === 0 ? why : "not root");
  if (noUsers) return { rig: { noSshd, noUsers, users: [] }, remove: () => {} };
  const { users, remove } = makeUsers();
  return { rig: { noSshd, noUsers, users }, remove };
}
