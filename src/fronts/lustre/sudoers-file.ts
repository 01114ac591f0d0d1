// The text of a sudoers(5) file, with what an administrator has to know to judge it. Pure.
import { createHash } from "node:crypto";
import { type Grant, type GrantGroup, grantGroups } from "../../backends/lustre/sudoers";

export interface SudoersFile {
  stack: string;
  /** Such as ["client", "mds"]. */
  roles: readonly string[];
  hosts: readonly string[];
  user: string;
  grants: readonly Grant[];
  /** Absolute path of each tool. */
  paths: ReadonlyMap<string, string>;
  /** Where the paths come from, and whatever else has to be known; one line each. */
  notes: readonly string[];
}

/** Where sudo itself, flock and find look for tools. */
export const securePath = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

/** What each kind of rules lets somebody do who has become the user. */
const meanings: Record<GrantGroup, readonly string[]> = {
  looks: [
    "Only read: names, owners, limits and settings, and the records of sharewright. Through links that somebody makes, also whether any",
    "file of this host is there, whose it is, and its mode; no content.",
  ],
  processes: [
    "End commands that take too long. Whose process it is cannot be told: amounts to ending any process of this host.",
    "Without these rules a command beyond its deadline is left running.",
  ],
  records: [
    "Write the records and locks below .sharewright. Whoever writes a record tells the next run which directory to delete",
    "and whom to let in: amounts to the rules for shares and for access.",
  ],
  shares: [
    "Make, own, move and delete the directories of shares: AMOUNTS TO ROOT over the files of all shares named here, since a",
    "directory can be given to anybody. Where there is no directory, lfs setstripe makes a file, which chown may give away, too: mount the",
    "file system with nosuid,nodev on this host. chmod, as it stands here, takes directories alone.",
  ],
  limits: ["Set limits of any project id of the file system, those of others included."],
  access: [
    "Decide which clients see which directories, and as whom: AMOUNTS TO ROOT over all files of all file systems of this MGS,",
    "for whoever is root on a client.",
  ],
  settings: [
    "Only for `sharewright bootstrap --apply`: trusted clients, the default nodemap, enforcement of limits.",
    "AMOUNTS TO ROOT like the rules for access. Take it out when that is done.",
  ],
};

export function fileName({ stack, roles }: Pick<SudoersFile, "stack" | "roles">): string {
  // sudo passes over names with a dot.
  return ["sharewright", stack, ...roles].join("-").replaceAll(/[^A-Za-z0-9_-]/g, "_");
}

export function sudoersText(file: SudoersFile): string {
  const { stack, roles, hosts, user, grants, notes } = file;
  const groups = grantGroups.flatMap((group) => {
    const lines = [...new Set(grants.filter((grant) => grant.group === group).map((grant) => ruleText(file, grant)))];
    return lines.length === 0 ? [] : [{ group, alias: aliasName(file, group), lines }];
  });
  const who = `"${user.replaceAll(/["\\]/g, "\\$&")}"`;
  const header = [
    `sudoers(5) of user ${user} on ${hosts.join(", ")} (${roles.join(", ")} of the stack ${stack}), by \`sharewright sudoers\``,
    `Check it by \`visudo -cf FILE\`, then install it as /etc/sudoers.d/${fileName(file)}, owner root, mode 0440.`,
    "It needs sudo 1.9.10 or later: an older one knows no regular expressions, and allows nothing by them.",
    ...notes,
    "Sudo joins arguments by blanks, so no part that varies may hold one. Its regular expressions know no ranges of numbers",
    "and no references: any uid, gid and project id can be named, and a record renamed onto another one.",
  ];
  return [
    ...header.map(comment),
    "",
    `Defaults:${who} env_reset, !requiretty, pam_session, secure_path="${securePath}"`,
    ...groups.flatMap(({ group, alias, lines }) => [
      "",
      ...meanings[group].map(comment),
      `Cmnd_Alias ${alias} = \\`,
      lines.map((line) => `    ${line}`).join(", \\\n"),
    ]),
    "",
    `${who} ALL=(root) NOPASSWD: ${groups.map(({ alias }) => alias).join(", ")}`,
  ].join("\n");
}

function comment(line: string): string {
  return `# ${line.replaceAll(/\p{Cc}/gu, "?")}`;
}

/** Of all files in /etc/sudoers.d, names of aliases have to differ. They are of capitals, digits and "_", which also joins their parts. */
function aliasName({ stack, roles }: SudoersFile, group: GrantGroup): string {
  const hash = /^[a-z0-9]+$/.test(stack) ? [] : [createHash("sha256").update(stack).digest("hex").slice(0, 8)];
  return ["SHAREWRIGHT", stack, ...hash, ...roles, group]
    .join("_")
    .toUpperCase()
    .replaceAll(/[^A-Z0-9_]/g, "_");
}

function ruleText({ paths }: SudoersFile, { tool, args }: Grant): string {
  const path = (paths.get(tool) ?? usualPath(tool)).replaceAll(/[\s!"#()*,:=?[\\\]]/g, "\\$&");
  // Of all characters that mean something to sudoers(5), only "#" does so within a regular expression.
  return `${path} ${args === "" ? '""' : `^${args.replaceAll("#", "\\#")}$`}`;
}

/** Where packages put a tool on Linux. */
export function usualPath(tool: string): string {
  return tool === "lctl" ? "/usr/sbin/lctl" : `/usr/bin/${tool}`;
}
