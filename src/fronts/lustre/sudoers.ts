// sharewright sudoers: what a user other than root has to be allowed on each host that is reached with sudo. Changes nothing.
import { homedir } from "node:os";
import { basename, dirname } from "node:path";
import { type Duty, type Grant, grantsFor } from "../../backends/lustre/sudoers";
import type { Role } from "../../core/host";
import { runDirectoryIn } from "../../core/transport";
import type { ConnectionSpec, SshConnectionSpec } from "../../spec/connection";
import type { FileSystemSpec } from "../../spec/lustre";
import { isFilesetPath } from "../../spec/name";
import { type Answer, answering, type CommonFlags, type Context, environmentOf } from "../commands/answer";
import { openConfig } from "../commands/site";
import type { StackConfig } from "../stack-config";
import { textIn } from "../terraform-text";
import { type Without, wayOf } from "../without-rules";
import { fileSystemsIn, isOnLustre, isSame } from "./choose";
import { fileName, type SudoersFile, sudoersText, usualPath } from "./sudoers-file";
import { findTools } from "./sudoers-tools";

export interface SudoersFlags extends CommonFlags {
  readonly role?: Role;
  readonly user?: string;
  readonly offline?: boolean;
}

/** A connection with all that is done over it. */
interface Post {
  connection: ConnectionSpec;
  duties: Duty[];
}

async function sudoers(context: Context, flags: SudoersFlags): Promise<Answer> {
  const config = await openConfig(context, flags.stack);
  const environment = environmentOf(context);
  const posts = postsOf(config, runDirectoryIn(environment));
  const asked = posts.filter(({ duties }) => flags.role === undefined || duties.some(({ role }) => role === flags.role));
  const without: Without[] = [];
  const files: SudoersFile[] = [];
  for (const { connection, duties } of asked) {
    const roles = [...new Set(duties.map(({ role }) => role))];
    if (connection.type === "local" || !connection.sudo) without.push({ roles, why: wayOf(connection) });
    else {
      context.terminal.progress(`asking ${connection.hosts.join(", ")} for its tools`);
      files.push(await fileOf(config.name, { connection, duties, roles }, flags, environment));
    }
  }
  for (const { withoutRules } of await context.desks()) without.push(...(withoutRules?.(config, flags.role) ?? []));
  const merged = mergeAlike(files);
  return {
    text: [
      ...merged.map(sudoersText),
      ...without.map(({ roles, why, rules = "no rules needed" }) => `# ${roles.join(", ")}: ${why}: ${rules}`),
      ...(asked.length + without.length === 0 ? [`# the stack has no ${flags.role ?? "file system"}: no rules needed`] : []),
    ].join("\n\n"),
    document: {
      files: merged.map((file) => ({
        file: `/etc/sudoers.d/${fileName(file)}`,
        roles: file.roles,
        hosts: file.hosts,
        user: file.user,
        notes: file.notes,
        rules: file.grants.map(({ tool, args, group }) => ({ group, command: file.paths.get(tool), arguments: args })),
        text: `${sudoersText(file)}\n`,
      })),
      without,
    },
  };
}

/** Roles over one connection are one post: its rules are those of all of them. */
function postsOf(config: StackConfig, runDirectory: string): Post[] {
  const posts = new Map<string, Post>();
  for (const fileSystem of fileSystemsIn(config)) {
    const adopted = adoptedOutside(config, fileSystem);
    for (const [role, connection] of connectionsOf(fileSystem)) {
      const id = JSON.stringify(connection);
      const post = posts.get(id) ?? { connection, duties: [] };
      posts.set(id, post);
      post.duties.push({ role, fileSystem, adopted, runDirectory });
    }
  }
  return [...posts.values()];
}

function connectionsOf({ client, mgs, mds, servers = [] }: FileSystemSpec): [Role, ConnectionSpec][] {
  return [
    ["client", client],
    ["mds", mds?.connection ?? client],
    ["mgs", mgs],
    ...servers.map((server): [Role, ConnectionSpec] => ["server", server]),
  ];
}

/** Adopted shares lie anywhere; where is in the code of the stack. */
function adoptedOutside({ applied }: StackConfig, fileSystem: FileSystemSpec): string[] {
  const { pathPrefix } = fileSystem;
  return applied
    .filter(isOnLustre)
    .filter(({ kind, place: own }) => kind === "lustre.share" && isSame(own, fileSystem) && own.pathPrefix === pathPrefix)
    .flatMap(({ triggers }) => textIn(triggers["fileset"] ?? "") ?? [])
    .filter((fileset) => isFilesetPath(fileset) && !isDirectlyIn(fileset, pathPrefix));
}

function isDirectlyIn(fileset: string, pathPrefix: string): boolean {
  return fileset.startsWith(`/${pathPrefix}/`) && !fileset.slice(pathPrefix.length + 2).includes("/");
}

/** What the rules rely on, since chmod and tee follow links. */
function safePlaces(duties: readonly Duty[]): string[] {
  const places = duties.flatMap(({ role, fileSystem: { mountPoint, pathPrefix }, adopted, runDirectory }) => {
    if (role === "client")
      return [`${mountPoint}/${pathPrefix}`, ...adopted.map((fileset) => `${mountPoint}${dirname(fileset)}`)];
    return role === "server" ? [] : [runDirectory];
  });
  if (places.length === 0) return [];
  return [
    `These have to be directories of root, and so has all that lies above them, which nobody else may write to: ${[...new Set(places)].join(", ")}.`,
    "Look at each by `namei -l`: whoever can put a link there gets any file of the host. AMOUNTS TO ROOT of the host otherwise.",
  ];
}

/** Places below another one that may be given to anybody: a link that its owner puts there leads chmod to any file. */
function nestedNotes(duties: readonly Duty[]): string[] {
  const onClient = duties.filter(({ role }) => role === "client");
  const prefixes = [...new Set(onClient.map(({ fileSystem }) => `/${fileSystem.pathPrefix}`))];
  const adopted = onClient.flatMap((duty) => duty.adopted);
  const isBelow = (inner: string, outer: string) => inner.startsWith(`${outer}/`);
  const nested = [
    ...prefixes.filter((inner) => [...prefixes, ...adopted].some((outer) => isBelow(inner, outer))),
    ...adopted.filter((inner) => [...prefixes, ...adopted].some((outer) => isBelow(inner, outer))),
  ];
  return [...new Set(nested)].map(
    (place) =>
      `${place} lies where the rules make other shares: whoever has one may put a link there. AMOUNTS TO ROOT of the host.`,
  );
}

async function fileOf(
  stack: string,
  { connection, duties, roles }: Post & { connection: SshConnectionSpec; roles: Role[] },
  { user, offline }: SudoersFlags,
  environment: NodeJS.ProcessEnv,
): Promise<SudoersFile> {
  const grants = distinct(duties.flatMap(grantsFor));
  const tools = [...new Set(grants.map(({ tool }) => tool))];
  const found = offline ? { notes: ["Paths of tools are the usual ones."] } : await findTools(connection, tools, environment);
  const { endpointOf } = await import("../../transports/ssh");
  const [host = ""] = connection.hosts;
  const program = basename(connection.sudo?.[0] ?? "");
  return {
    stack,
    roles,
    hosts: connection.hosts,
    user: user ?? (await endpointOf(connection, host, { environment, home: homedir() })).user,
    grants,
    paths: new Map(tools.map((tool) => [tool, found.paths?.get(tool) || usualPath(tool)])),
    notes: [
      ...found.notes,
      ...safePlaces(duties),
      ...nestedNotes(duties),
      ...(program === "sudo" ? [] : [`The connection runs commands by ${program}, which does not read this file.`]),
      ...(duties.some(({ fileSystem }) => /\s/.test(fileSystem.mountPoint))
        ? ["The mount point holds a blank, so these rules also allow its parts as arguments of their own: mount it elsewhere."]
        : []),
    ],
  };
}

function distinct(grants: readonly Grant[]): Grant[] {
  return [...new Map(grants.map((grant) => [`${grant.tool} ${grant.args}`, grant])).values()];
}

/** Hosts with just the same rules share a file: the servers of a file system. */
function mergeAlike(files: readonly SudoersFile[]): SudoersFile[] {
  const alike = new Map<string, SudoersFile>();
  for (const file of files) {
    const { hosts: _hosts, notes: _notes, paths, ...rest } = file;
    const id = JSON.stringify([rest, [...paths]]);
    const first = alike.get(id);
    alike.set(
      id,
      first
        ? { ...first, hosts: [...new Set([...first.hosts, ...file.hosts])], notes: [...new Set([...first.notes, ...file.notes])] }
        : file,
    );
  }
  return [...alike.values()];
}

export default answering("sudoers", sudoers);
