// Names and paths on the storage: one strict grammar, so that no name can leave its folder, hide itself or need quoting. Imports nothing.

/** A share or rule name: 1 to 64 of [A-Za-z0-9._-], beginning with a letter or digit. */
export const namePattern = /^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/;
export const nameRule = "1 to 64 of A-Z a-z 0-9 . _ -, beginning with a letter or digit";

/** A Lustre file system name: 1 to 8 of [A-Za-z0-9_] (mkfs.lustre --fsname; 8 is Lustre's limit). */
export const fsNamePattern = /^[A-Za-z0-9_]{1,8}$/;
export const fsNameRule = "1 to 8 of A-Z a-z 0-9 _ (the limit of mkfs.lustre --fsname)";

/** Which of several file systems of one name, or of several groups of clusters, a stack means. */
export const sitePattern = /^[A-Za-z][A-Za-z0-9_-]{0,31}$/;
export const siteRule = "1 to 32 of A-Z a-z 0-9 _ -, beginning with a letter";

/** What is called by its name alone, or, where a stack has another of the name, with its site: "-" is in no fsName. */
export function nameAtSite(name: string, site: string | undefined): string {
  return site === undefined ? name : `${name}-${site}`;
}

/** The owner label of a stack, for people. */
export const ownerPattern = /^[A-Za-z0-9][A-Za-z0-9 ._/@:-]{0,127}$/;
export const ownerRule = "1 to 128 of A-Z a-z 0-9 blank . _ / @ : -, beginning with a letter or digit";

/** Where our records live below the mount point: reserved, never a share. */
export const recordsDirectory = ".sharewright";

/** Relative path of one or more names, such as a path prefix "projects/genomics". */
export function isRelativePath(path: string): boolean {
  return path.length <= 100 && path.split("/").every((part) => namePattern.test(part));
}
export const relativePathRule = `names joined by "/" (each ${nameRule}), at most 100 characters`;

/**
 * Absolute path of a directory below the file system's root, as a fileset names it: "/shares/genomics".
 * Wider than our own names, for adopted directories, but never ".", "..", a hidden name, an empty part or a control character.
 */
export function isFilesetPath(path: string): boolean {
  if (!path.startsWith("/") || path.length > 1024) return false;
  return path
    .slice(1)
    .split("/")
    .every((part) => /^[^.\p{Cc}\s,;{}[\]][^\p{Cc}\s,;{}[\]]{0,254}$/u.test(part));
}
export const filesetPathRule =
  'an absolute path below the root of the file system, without "." or "..", hidden names, blanks, commas, brackets or control characters';

/** True when one path is the other or lies below it. */
export function pathsNest(a: string, b: string): boolean {
  const [left, right] = [withSlash(a), withSlash(b)];
  return left.startsWith(right) || right.startsWith(left);
}

function withSlash(path: string): string {
  return path.endsWith("/") ? path.replace(/\/+$/, "/") : `${path}/`;
}

/** Identity of a share on its file system. */
export function shareKey(pathPrefix: string, shareName: string): string {
  return `${pathPrefix}/${shareName}`;
}

/** Identity of an access rule: its share's key and its own name. */
export function ruleKey(share: string, ruleName: string): string {
  return `${share}#${ruleName}`;
}

/** A key as a file name: "/" is in no name, ":" is in no name either. */
export function keyFile(key: string): string {
  return key.replaceAll("/", ":");
}

export function isShareKey(key: string): boolean {
  const at = key.lastIndexOf("/");
  return isRelativePath(key.slice(0, Math.max(at, 0))) && namePattern.test(key.slice(at + 1));
}

const isName = (text: string) => namePattern.test(text);

function isPair(key: string, between: string, ...are: ((text: string) => boolean)[]): boolean {
  const parts = key.split(between);
  return parts.length === are.length && are.every((is, index) => is(parts[index] ?? ""));
}

export const isRuleKey = (key: string) => isPair(key, "#", isShareKey, isName);

/** The share a rule key belongs to. */
export function shareOfRule(key: string): string {
  return key.slice(0, key.indexOf("#"));
}

const wordsOfGluster: readonly string[] = ["help", "all", "volume"];
/** A name that a volume can have, and with it a GlusterFS share: no word of the gluster command line, and never empty, which would delete every volume's configuration. */
export function isVolumeName(name: string): boolean {
  return /^[A-Za-z0-9][A-Za-z0-9_-]{0,63}$/.test(name) && !wordsOfGluster.includes(name);
}
export const volumeNameRule = '1 to 64 of A-Z a-z 0-9 _ -, beginning with a letter or digit, and none of "help", "all", "volume"';

export const isGlusterRuleKey = (key: string) => isPair(key, "#", isVolumeName, isName);

/** Identity of a snapshot: its share's key and its own name. */
export function snapshotKey(share: string, snapshot: string): string {
  return `${share}@${snapshot}`;
}

export const isGlusterSnapshotKey = (key: string) => isPair(key, "@", isVolumeName, isVolumeName);

export function splitSnapshotKey(key: string): { share: string; snapshot: string } {
  const at = key.indexOf("@");
  return { share: key.slice(0, at), snapshot: key.slice(at + 1) };
}
