// Who may write to a file of the configuration, as ssh judges it.
import { textIn } from "./home";

interface Owned {
  uid: number;
  gid: number;
  mode: number;
}

/**
 * ssh of Debian and Ubuntu, where the usual umask makes files that groups may write to, takes those of a group in which nobody but the owner is;
 * any other ssh refuses them.
 */
export function isOwn({ uid, gid, mode }: Owned): boolean {
  if ((uid !== 0 && uid !== process.getuid?.()) || (mode & 0o002) !== 0) return false;
  if ((mode & 0o020) === 0) return true;
  return isPrivate({ uid, gid }, textIn("/etc/group"), textIn("/etc/passwd"));
}

/** Pure. Whether a group is known, is the owner's own, and has no other member; `groups` and `users` as in /etc/group and /etc/passwd. */
export function isPrivate({ uid, gid }: Omit<Owned, "mode">, groups: string, users: string): boolean {
  const entries = (text: string) => text.split("\n").map((line) => line.split(":"));
  const group = entries(groups).find(([, , id]) => id === String(gid));
  const people = entries(users).filter(([, , id, own]) => id === String(uid) || own === String(gid));
  const names = new Set([...people.map(([name]) => name), ...(group?.[3]?.split(",").filter(Boolean) ?? [])]);
  return group !== undefined && names.size === 1 && people.some(([, , id, own]) => id === String(uid) && own === String(gid));
}
