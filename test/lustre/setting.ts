// The file system that the acceptance suite runs on, from the environment; docs/guides/real-lustre.md says what each variable means.
import { Connection, type SshConnectionOptions } from "../../lib";
import { type LustreVersion, lustreVersions } from "../../src/spec/lustre";

/** A tenant's client: a host that mounts, or one that a sandbox plays. */
export type TenantSetting = { nid: string } & ({ connection: Connection } | { sandbox: string });

export interface Setting {
  fsName: string;
  mountPoint: string;
  exportNids: string[];
  lustreVersion: LustreVersion;
  client: Connection;
  mgs: Connection;
  mds?: { connection: Connection; mountPoint?: string };
  servers?: Connection[];
  /** How the suite itself reaches them, where sudo confines the product's user. */
  root: Partial<Record<"client" | "mgs" | "mds", Connection>>;
  trustedClients: string[];
  /** Addresses that no client has, to grant shares to. */
  unused: string;
  pathPrefix: string;
  projectIds: { start: number; end: number };
  tenant?: TenantSetting;
  /** Commands that stop an OST and start it again. */
  ost?: { down: string; up: string };
  /** Who fills shares; looked for where it is not said. */
  user?: { uid: number; gid: number };
  /** Whether a site that is not prepared may be changed by `bootstrap`. */
  mayBootstrap: boolean;
  /** Words, of which a step's title has to have one; undefined: all steps. */
  only?: string[];
  /** Folder for transcripts and the report. */
  record?: string;
  /** Commands are done within this process; hooks never are. */
  within?: boolean;
}

export const required = ["SHAREWRIGHT_LUSTRE_FSNAME", "SHAREWRIGHT_LUSTRE_MOUNT", "SHAREWRIGHT_LUSTRE_NIDS"] as const;

/** Undefined when nobody has asked for it. */
export function readSetting(environment: NodeJS.ProcessEnv): Setting | undefined {
  const value = (name: string): string | undefined => environment[name] || undefined;
  const [fsName, mountPoint, nids] = required.map(value);
  if (!fsName && !mountPoint && !nids) return undefined;
  const missing = required.filter((name) => !value(name));
  if (!fsName || !mountPoint || !nids) throw new Error(`set ${missing.join(", ")} as well; see docs/guides/real-lustre.md`);
  const reach = (name: string) => connectionOf(name, value(name) ?? "local");
  const client = reach("SHAREWRIGHT_LUSTRE_CLIENT");
  const mdsMount = value("SHAREWRIGHT_LUSTRE_MDS_MOUNT");
  const mds = value("SHAREWRIGHT_LUSTRE_MDS") && reach("SHAREWRIGHT_LUSTRE_MDS");
  const servers = value("SHAREWRIGHT_LUSTRE_SERVERS");
  const only = value("SHAREWRIGHT_LUSTRE_ONLY");
  const record = value("SHAREWRIGHT_LUSTRE_RECORD");
  return {
    fsName,
    mountPoint,
    exportNids: nids.split(" "),
    lustreVersion: oneOf("SHAREWRIGHT_LUSTRE_VERSION", value("SHAREWRIGHT_LUSTRE_VERSION") ?? "2.17", lustreVersions),
    client,
    mgs: value("SHAREWRIGHT_LUSTRE_MGS") ? reach("SHAREWRIGHT_LUSTRE_MGS") : client,
    ...(mds ? { mds: { connection: mds, ...(mdsMount ? { mountPoint: mdsMount } : {}) } } : {}),
    ...(servers ? { servers: connectionsOf("SHAREWRIGHT_LUSTRE_SERVERS", servers) } : {}),
    root: {
      ...given("client", value, "SHAREWRIGHT_LUSTRE_ROOT_CLIENT"),
      ...given("mgs", value, "SHAREWRIGHT_LUSTRE_ROOT_MGS"),
      ...given("mds", value, "SHAREWRIGHT_LUSTRE_ROOT_MDS"),
    },
    trustedClients: value("SHAREWRIGHT_LUSTRE_TRUSTED")?.split(" ") ?? [],
    unused: value("SHAREWRIGHT_LUSTRE_UNUSED") ?? "198.18.0.0/24",
    pathPrefix: value("SHAREWRIGHT_LUSTRE_PREFIX") ?? "sharewright-test",
    projectIds: pairOf("SHAREWRIGHT_LUSTRE_PROJECT_IDS", value("SHAREWRIGHT_LUSTRE_PROJECT_IDS") ?? "900000-900999", "-"),
    ...tenantOf(value),
    ...ostOf(value),
    ...userOf(value("SHAREWRIGHT_LUSTRE_USER")),
    mayBootstrap:
      oneOf("SHAREWRIGHT_LUSTRE_BOOTSTRAP", value("SHAREWRIGHT_LUSTRE_BOOTSTRAP") ?? "no", ["yes", "no"] as const) === "yes",
    ...(only ? { only: only.split(",") } : {}),
    ...(record ? { record } : {}),
  };
}

type Value = (name: string) => string | undefined;

function given(role: string, value: Value, name: string): Record<string, Connection> {
  const text = value(name);
  return text ? { [role]: connectionOf(name, text) } : {};
}

function tenantOf(value: Value): { tenant?: TenantSetting } {
  const [way, nid] = together(value, "SHAREWRIGHT_LUSTRE_TENANT", "SHAREWRIGHT_LUSTRE_TENANT_NID");
  if (way === undefined || nid === undefined) return {};
  const sandbox = way.startsWith("sandbox:") ? way.slice("sandbox:".length) : undefined;
  return { tenant: { nid, ...(sandbox ? { sandbox } : { connection: connectionOf("SHAREWRIGHT_LUSTRE_TENANT", way) }) } };
}

function ostOf(value: Value): { ost?: { down: string; up: string } } {
  const [down, up] = together(value, "SHAREWRIGHT_LUSTRE_OST_DOWN", "SHAREWRIGHT_LUSTRE_OST_UP");
  return down && up ? { ost: { down, up } } : {};
}

/** What makes no sense without the other. */
function together(value: Value, ...names: [string, string]): (string | undefined)[] {
  const missing = names.filter((name) => !value(name));
  if (missing.length === 1) throw new Error(`set ${missing[0]} as well; see docs/guides/real-lustre.md`);
  return names.map(value);
}

function userOf(text: string | undefined): { user?: { uid: number; gid: number } } {
  if (text === undefined) return {};
  const { start: uid, end: gid } = pairOf("SHAREWRIGHT_LUSTRE_USER", text, ":");
  return { user: { uid, gid } };
}

function pairOf(name: string, text: string, separator: string): { start: number; end: number } {
  const [start, end, ...more] = text.split(separator).map((part) => (/^[1-9]\d*$/.test(part) ? Number(part) : undefined));
  if (start === undefined || end === undefined || more.length > 0)
    throw new Error(`${name}=${text}: write two numbers, joined by "${separator}"`);
  return { start, end };
}

function oneOf<T extends string>(name: string, text: string, known: readonly T[]): T {
  const found = known.find((candidate) => candidate === text);
  if (found === undefined) throw new Error(`${name}=${text}: one of ${known.join(", ")}`);
  return found;
}

/** `local`, `[user@]host[:port]`, or the options of Connection.ssh (with `path` alone: of Connection.local) as JSON. */
export function connectionOf(name: string, text: string): Connection {
  if (text === "local") return Connection.local();
  if (text.startsWith("{")) return fromOptions(jsonOf(name, text) as Options);
  const [, user, host, port] = /^(?:([^@\s]+)@)?([A-Za-z0-9._-]+)(?::(\d+))?$/.exec(text) ?? [];
  if (host === undefined) throw new Error(`${name}=${text}: write local, [user@]host[:port], or options as JSON`);
  return Connection.ssh({ host, ...(user ? { user } : {}), ...(port ? { port: Number(port) } : {}) });
}

/** Joined by blanks, or a list of options as JSON. */
function connectionsOf(name: string, text: string): Connection[] {
  if (text.startsWith("[")) return (jsonOf(name, text) as Options[]).map(fromOptions);
  return text.split(" ").map((each) => connectionOf(name, each));
}

function jsonOf(name: string, text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new Error(`${name} is not JSON: ${(error as Error).message}`);
  }
}

type Options = Omit<SshConnectionOptions, "jump"> & { jump?: Options };

function fromOptions({ jump, ...options }: Options): Connection {
  if (options.host === undefined && options.hosts === undefined) return Connection.local(options);
  return Connection.ssh({ ...options, ...(jump ? { jump: fromOptions(jump) } : {}) });
}

/** The net that addresses without one are on. */
export function netOf({ exportNids }: Setting): string {
  return /@([^,]+)/.exec(exportNids[0] ?? "")?.[1] ?? "tcp";
}
