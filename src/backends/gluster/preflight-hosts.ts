// What is looked at on each host of a cluster: version, glusterd, tools, and whether volumes can be mounted.
import { bad, type Check, good, unknown, warning } from "../../core/check";
import { ShareError } from "../../core/errors";
import { attempt, type Host } from "../../core/host";
import { splitBrick } from "../../spec/gluster";
import * as cli from "./cli";
import { type Peer, peersIn, versionIn } from "./parse";
import { isUnreachable, type Mounter, type Server } from "./site";

// ---- servers ---------------------------------------------------------------------------------------------------------------

export interface LookedServer {
  server: Server;
  checks: Check[];
  /** Absent when glusterd did not answer. */
  peers?: Peer[];
}

export async function lookAtServer(server: Server): Promise<LookedServer> {
  const [version, pool, tools] = await Promise.all([
    settled(attempt(server, cli.glusterVersion)),
    settled(attempt(server, cli.poolList)),
    checkTools(server, `server-${server.address}`, `server ${server.address}`, serverTools),
  ]);
  const id = (what: string) => `${what}-${server.address}`;
  const versionAbout = `GlusterFS version of server ${server.address}`;
  const checks = [
    version.value
      ? versionCheck(id("version"), versionAbout, version.value.stdout)
      : badOf(id("version"), versionAbout, version.error),
    tools,
  ];
  const about = `glusterd of server ${server.address}`;
  if (!pool.value) return { server, checks: [...checks, badOf(id("glusterd"), about, pool.error)] };
  if (pool.value.exitCode !== 0) {
    const said = pool.value.stderr.trim() || pool.value.stdout.trim();
    return { server, checks: [...checks, bad(id("glusterd"), about, said, "see `gluster pool list` there")] };
  }
  return { server, checks, peers: peersIn(pool.value.stdout) };
}

/** Of servers that answered. Of one that did not, the others need not tell that they do not hear of it either. */
export function peerChecks(servers: readonly LookedServer[]): Check[] {
  const told = servers.filter(({ peers }) => !peers).map(({ server }) => server.address);
  return servers.flatMap(({ server: { address }, peers }) => {
    if (!peers) return [];
    const [id, about] = [`glusterd-${address}`, `glusterd of server ${address}`];
    const away = peers.filter(({ connected }) => !connected).map(({ host }) => host);
    const news = away.filter((host) => !told.includes(host));
    if (news.length > 0)
      return [bad(id, about, `is not connected to ${news.join(", ")}`, "bring them back; see `gluster peer status`")];
    if (peers.length === 1) return [good(id, about, "answers; alone in its pool")];
    const besides = away.length === 0 ? "" : ` but ${away.join(", ")}`;
    return [good(id, about, `answers; all ${peers.length} members of the pool are connected${besides}`)];
  });
}

const supported = [10, 11] as const;

/** Pure. */
function versionCheck(id: string, about: string, text: string): Check {
  const version = versionIn(text);
  const [line = ""] = text.split("\n");
  if (!version) return bad(id, about, `"${line}" has no version in it`, "install GlusterFS 10 or 11 there");
  const [major] = version;
  if (major < supported[0]) return bad(id, about, `${line} is older than 10`, "upgrade to GlusterFS 10 or 11");
  return major > supported[1] ? unknown(id, about, `${line}: later than 11 was not tried`) : good(id, about, line);
}

/** Servers that were described as one cluster have to be one. */
export function poolChecks(cluster: string, servers: readonly LookedServer[]): Check[] {
  const answered = servers.filter((looked): looked is Required<LookedServer> => looked.peers !== undefined);
  const members = (peers: readonly Peer[]) =>
    peers
      .map(({ id }) => id)
      .sort()
      .join();
  const [first, ...rest] = answered;
  if (!first) return [];
  const others = rest.filter(({ peers }) => members(peers) !== members(first.peers)).map(({ server }) => server.address);
  const [id, about] = ["pool", `servers of ${cluster}`];
  if (others.length === 0) return [good(id, about, "one trusted pool")];
  const found = `${others.join(", ")} and ${first.server.address} are in different trusted pools`;
  return [bad(id, about, found, "describe each pool as a GlusterCluster of its own")];
}

/**
 * Whether servers are called as pool and bricks call them: mounts, and looks at bricks, go by that name. A server does not know its own; the others'
 * lists tell. `bricks`: of all volumes.
 */
export function nameChecks(servers: readonly LookedServer[], bricks: readonly string[]): Check[] {
  const ofBricks = new Set(bricks.map((brick) => splitBrick(brick).host));
  const all = servers.flatMap(({ peers = [] }) => peers);
  return servers.flatMap(({ server: { address }, peers = [] }): Check[] => {
    const own = peers.find(({ host }) => host === "localhost")?.id;
    const names = [...new Set(all.filter(({ id, host }) => id === own && host !== "localhost").map(({ host }) => host))];
    if (own === undefined || names.includes(address) || ofBricks.has(address) || names.length + ofBricks.size === 0) return [];
    const called =
      names.length > 0 ? `the pool calls it ${names.join(", ")}` : `bricks are on ${[...ofBricks].sort().join(", ")}`;
    // As long as no brick says otherwise, glusterd may take the name for its own.
    const verdict = names.length === 0 || names.some((name) => ofBricks.has(name)) ? bad : warning;
    return [
      verdict(
        `name-${address}`,
        `name of server ${address}`,
        `nobody calls it so: ${called}`,
        `write ${names[0] === undefined ? "its name there" : `"${names[0]}"`} as its servers[].host: mounts and looks at bricks go by that`,
      ),
    ];
  });
}

// ---- tools -----------------------------------------------------------------------------------------------------------------

/** Tools that run on servers: of glusterd, of locks, and for bricks. */
export const serverTools = ["gluster", "flock", "tee", "mkdir", "cat", "test", "find", "rm", "df", "getfattr"] as const;
/** Tools that run on the host that mounts volumes. */
export const mounterTools = [
  "mount", "umount", "findmnt", "find", "mkdir", "rmdir", "touch", "flock", "tee", "cat", "test", "stat", "chown", "chmod", "getfattr", "setfattr",
] as const; // biome-ignore format: a list of words

/** In one go. A tool that is missing is known by exit 127 alone, whatever it would have answered. */
async function checkTools(host: Host, id: string, of: string, tools: readonly [string, ...string[]]): Promise<Check> {
  const [checkId, about] = [`tools-${id}`, `tools of ${of}`];
  const looks = tools.map((tool) => ({ argv: [tool, "--version"] as const, timeoutMs: 10_000 }));
  const { value: results, error } = await settled(host.transport.runAll(looks, { as: "looks" }));
  if (!results) return failure(checkId, about, error);
  // No answer at all says nothing about the tool.
  const lost = results.find((result) => !result || (result.exitCode === null && !result.timedOut && !result.tooLong));
  if (lost) return unknown(checkId, about, lost.stderr.trim() || "the connection was lost");
  const missing = tools.filter((_, index) => results[index]?.exitCode === 127);
  if (missing.length === 0) return good(checkId, about, `${tools.length} found`);
  return bad(
    checkId,
    about,
    `missing: ${missing.join(", ")}`,
    "install them there, or add their directory to the connection's path",
  );
}

export async function checkMounter({ host }: Mounter): Promise<Check[]> {
  const of = `the host that mounts (${host.name})`;
  const [helper, user, tools] = await Promise.all([
    settled(attempt(host, cli.mountHelperVersion)),
    settled(attempt(host, cli.userId)),
    checkTools(host, "mounter", of, mounterTools),
  ]);
  return [
    helperCheck(of, helper),
    user.value ? userCheck(of, user.value.stdout.trim()) : badOf("mount-user", `user on ${of}`, user.error),
    tools,
  ];
}

function helperCheck(of: string, helper: { value?: unknown; error?: unknown }): Check {
  const [id, about] = ["mount-helper", `mount helper of ${of}`];
  if (helper.value) return good(id, about, "mount.glusterfs");
  const missing = ShareError.isShareError(helper.error) && helper.error.code === "TOOL_MISSING";
  if (!missing) return badOf(id, about, helper.error);
  return bad(
    id,
    about,
    "mount.glusterfs is not installed",
    "install it there: glusterfs-client (Debian), glusterfs-fuse (Red Hat)",
  );
}

function userCheck(of: string, uid: string): Check {
  const [id, about] = ["mount-user", `user on ${of}`];
  if (uid === "0") return good(id, about, "root");
  const found = `uid ${uid}: only root can mount volumes and empty them`;
  return bad(id, about, found, "run it as root, or let `client` of the cluster be a connection as root or with sudo");
}

// ---- what cannot be looked at -----------------------------------------------------------------------------------------------

/** What cannot be looked at because its host is away is not known; anything else is bad. */
export function failure(id: string, about: string, error: unknown): Check {
  if (!ShareError.isShareError(error)) throw error;
  const { code, summary, said, fix } = error;
  const found = [`${code}: ${summary}`, said].filter(Boolean).join("; ");
  return isUnreachable(error) ? unknown(id, about, found) : bad(id, about, found, fix);
}

export function badOf(id: string, about: string, error: unknown): Check {
  const check = failure(id, about, error);
  return check.verdict === "bad" ? check : bad(id, about, check.found, (error as ShareError).fix);
}

/** An outcome that may be a fault. */
export async function settled<T>(work: Promise<T>): Promise<{ value: T; error?: never } | { value?: never; error: unknown }> {
  try {
    return { value: await work };
  } catch (error) {
    return { error };
  }
}
