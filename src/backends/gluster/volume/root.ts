// What the root of a volume keeps when all that was in it is deleted: owner, mode, ACLs and other extended attributes. A tenant's root can set
// each, and the next tenant would find it, so it is put back when a volume is given back, and looked at before one is taken.

import { type Host, run } from "../../../core/host";
import { looksAt } from "../../../core/looks";
import * as cli from "../cli-content";
import { fault } from "../faults";
import type { Volume } from "../parse";

const ownerOptions = ["storage.owner-uid", "storage.owner-gid"] as const;

/** Whom bricks give the root to: `UID:GID`. */
export function rootOwner(options: Volume["options"]): string {
  return ownerOptions.map((name) => (/^\d+$/.test(options[name] ?? "") ? options[name] : "0")).join(":");
}

/** A directory of an empty volume that is not as GlusterFS makes it. */
export interface UsedDirectory {
  path: string;
  /** In words. */
  problems: string[];
  attributes: string[];
  hasOwner: boolean;
  hasMode: boolean;
}

/** Of the root and the directories that GlusterFS keeps below it; `owner`: the root's, as it should be. */
export async function usedDirectories(host: Host, root: string, owner: string): Promise<UsedDirectory[]> {
  const paths = (await run(host, cli.keptDirectories(root))).stdout.split("\n").filter(Boolean);
  const looks = looksAt(host);
  const owned = looks.output(cli.ownersAndModes(paths), linesOf);
  const named = paths.map((path) => looks.output(cli.attributeNames(path), attributesIn));
  await looks.send();
  const lines = owned() ?? [];
  if (lines.length !== paths.length)
    throw fault("COMMAND_FAILED", { host: host.name, summary: `stat did not tell owner and mode of ${paths.join(", ")}` });
  return paths.flatMap((path, index) => {
    const used = judged(path, lines[index] ?? "", named[index]?.() ?? [], path === root ? owner : "0:0");
    return used.problems.length === 0 ? [] : [used];
  });
}

const linesOf = (text: string) => text.split("\n").filter(Boolean);

/** Of `getfattr -m -`: a line with the path, then a name each. SELinux labels are the hosts' own. */
function attributesIn(text: string): string[] {
  return linesOf(text).filter((line) => !line.startsWith("# file: ") && line !== "security.selinux");
}

/** Pure. What is closed to more people than usual is no trace of anybody. */
function judged(path: string, line: string, attributes: string[], wanted: string): UsedDirectory {
  const [owner = "", mode = ""] = line.split(" ");
  const [hasOwner, hasMode] = [owner === wanted, (Number.parseInt(mode, 8) & ~0o755) === 0];
  const problems = [
    ...(hasOwner ? [] : [`belongs to ${owner}, not ${wanted}`]),
    ...(hasMode ? [] : [`has mode ${mode}, not 755`]),
    ...(attributes.length === 0 ? [] : [`has ${attributes.join(", ")}`]),
  ];
  return { path, problems, attributes, hasOwner, hasMode };
}

/** As GlusterFS makes it. ACLs first: while there is one, a mode is only its mask. */
export function resetCommands({ path, attributes, hasOwner, hasMode }: UsedDirectory, root: string, owner: string) {
  return [
    ...attributes.map((name) => cli.removeAttribute(path, decoded(name))),
    ...(hasOwner ? [] : [cli.chownRoot(path, path === root ? owner : "0:0")]),
    ...(hasMode ? [] : [cli.chmodRoot(path)]),
  ];
}

/** getfattr writes some characters as their octal numbers. */
function decoded(name: string): string {
  return name.replace(/\\([0-7]{3})/g, (_, digits: string) => String.fromCharCode(Number.parseInt(digits, 8)));
}
