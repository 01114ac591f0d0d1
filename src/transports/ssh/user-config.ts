// What the user's ~/.ssh/config says of a host, as far as it is honoured here, with tokens filled in.
import { hostname, userInfo } from "node:os";
import { fault } from "../faults";
import { notUnderstood, type Option, type RawConfig, readConfig } from "./config-reader";
import { expandHome } from "./home";

/** Options of ssh_config(5); absent: not set. */
export interface UserConfig extends Omit<RawConfig, "identitiesOnly" | "canonicalizeHostname" | "revokedHostKeys"> {
  identitiesOnly: boolean;
}

export interface Asked {
  home: string;
  environment: NodeJS.ProcessEnv;
  /** What the connection says itself. */
  explicit?: ReadonlySet<Option>;
  user?: string | undefined;
  port?: number | undefined;
}

/** Throws what makes it impossible to know what ssh would do. */
export async function userConfigOf(host: string, asked: Asked): Promise<UserConfig> {
  const { home, explicit = new Set(), user, port } = asked;
  const raw = await readConfig({ host, home, localUser: localUser(), explicit, user, port });
  refuse(host, raw);
  const fill = filling(host, raw, asked);
  const { identityAgent, hostName, hostKeyAlias, proxyJump, proxyCommand } = raw;
  return withoutUndefined({
    hostName,
    user: raw.user,
    port: raw.port,
    identityFiles: raw.identityFiles.filter(isFile).map(fill.path),
    certificateFiles: raw.certificateFiles.filter(isFile).map(fill.path),
    identitiesOnly: raw.identitiesOnly ?? false,
    identityAgent:
      identityAgent === undefined || /^(none|SSH_AUTH_SOCK|\$[^{].*)$/.test(identityAgent)
        ? identityAgent
        : fill.path(identityAgent),
    proxyJump: proxyJump === undefined || !isFile(proxyJump) ? undefined : fill.tokens(proxyJump, "hnpr"),
    proxyCommand: proxyCommand === undefined || !isFile(proxyCommand) ? undefined : proxyCommand,
    knownHostsFiles: raw.knownHostsFiles?.map(fill.path),
    globalKnownHostsFiles: raw.globalKnownHostsFiles,
    hostKeyAlias: hostKeyAlias?.toLowerCase(),
  });
}

/** What ssh would go by, and we cannot. */
function refuse(host: string, { canonicalizeHostname, revokedHostKeys }: RawConfig): void {
  if (canonicalizeHostname !== undefined && !/^(no|false|none)$/i.test(canonicalizeHostname))
    throw fault("CANNOT_CONNECT", {
      host,
      summary: `~/.ssh/config has the name ${host} changed by what DNS says (CanonicalizeHostname), which is not done here`,
      fix: "write the whole name as host of the connection, and CanonicalizeHostname no in a Host block for it",
    });
  if (revokedHostKeys !== undefined && isFile(revokedHostKeys))
    throw fault("CANNOT_CONNECT", {
      host,
      summary: `~/.ssh/config names revoked keys in ${revokedHostKeys} (RevokedHostKeys), which is not read`,
      fix: "write them as @revoked lines into known_hosts, and RevokedHostKeys none in a Host block for this host; or pin hostKey",
    });
}

const isFile = (value: string) => value.toLowerCase() !== "none";

function filling(host: string, raw: RawConfig, { home, environment }: Asked) {
  const values: Record<string, string | undefined> = {
    "%": "%",
    d: home,
    h: raw.hostName ?? host.toLowerCase(),
    i: String(process.getuid?.() ?? ""),
    k: raw.hostKeyAlias?.toLowerCase() ?? host,
    L: hostname().replace(/\..*$/, ""),
    l: hostname(),
    n: host,
    p: String(raw.port ?? 22),
    r: raw.user ?? localUser(),
    u: localUser(),
  };
  const tokens = (text: string, known = "dhikLlnpru") =>
    text.replace(/%(.?)/g, (token, letter: string) => {
      const value = letter === "%" || known.includes(letter) ? values[letter] : undefined;
      if (value === undefined || letter === "")
        throw notUnderstood(host, "~/.ssh/config", `${token} in ${text} is not filled in`);
      return value;
    });
  const variables = (text: string) =>
    text.replace(/\$\{([^}]*)\}/g, (_, name: string) => {
      const value = environment[name];
      if (value === undefined) throw notUnderstood(host, "~/.ssh/config", `${text}: the environment variable ${name} is not set`);
      return value;
    });
  const path = (text: string) => {
    if (/^~[^/]/.test(text)) throw notUnderstood(host, "~/.ssh/config", `the home of another user is not known: ${text}`);
    return variables(tokens(expandHome(text, home)));
  };
  return { tokens, path };
}

/** "" where the user has no name. */
export function localUser(): string {
  try {
    return userInfo().username;
  } catch {
    return "";
  }
}

function withoutUndefined<T extends object>(config: { [K in keyof T]: T[K] | undefined }): T {
  return Object.fromEntries(Object.entries(config).filter(([, value]) => value !== undefined)) as T;
}
