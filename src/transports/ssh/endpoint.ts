// From a connection of the spec to what is really connected to: explicit values win over the user's ~/.ssh/config, and that over defaults.
import { join } from "node:path";
import type { SshConnectionSpec } from "../../spec/connection";
import { defined } from "../../spec/defined";
import { fault } from "../faults";
import type { Option } from "./config-reader";
import { expandHome } from "./home";
import { localUser, type UserConfig, userConfigOf } from "./user-config";

/** Ways to authenticate that the connection or the configuration names, not yet looked at. */
export interface Credentials {
  keyFiles: string[];
  /** User certificates that the configuration names, for messages; those beside a key are found there. */
  certificateFiles: string[];
  /** Files and agent are a guess: what is missing or cannot be used is passed over. */
  guessed: boolean;
  passphraseFromEnv?: string;
  /** Path of the socket; undefined: no agent. */
  agent?: string;
  agentFirst: boolean;
  /** The agent may offer only the keys of `keyFiles`. */
  agentOnlyKeyFiles: boolean;
  passwordFromEnv?: string;
}

export interface Endpoint {
  /** As the spec names it. */
  host: string;
  /** Name or IP address to open a TCP connection to. */
  address: string;
  port: number;
  user: string;
  hostKeyAlias?: string;
  hostKey?: string;
  knownHostsFiles: string[];
  credentials: Credentials;
  /** Alternatives, in order: the first that can be connected to is gone through. */
  jump?: Endpoint[];
  connectTimeoutMs: number;
  keepaliveMs: number;
}

export interface Surroundings {
  environment: NodeJS.ProcessEnv;
  home: string;
}

const systemKnownHosts = "/etc/ssh/ssh_known_hosts";
const defaultKeys = ["id_ed25519", "id_ecdsa", "id_rsa"];
// As many hosts one behind the other as nobody has; a configuration that jumps in a circle has more.
const maxJumps = 8;

/** `host`: one of the spec's. Throws what the configuration makes impossible. */
export async function endpointOf(spec: SshConnectionSpec, host: string, around: Surroundings, depth = 0): Promise<Endpoint> {
  if (depth > maxJumps) {
    throw fault("CANNOT_CONNECT", {
      host,
      summary: `the way to ${host} leads through more than ${maxJumps} other hosts`,
      fix: "jump or ProxyJump may lead in a circle: name the hosts to go through one by one",
    });
  }
  const config = await configFor(spec, host, around);
  const home = (path: string) => expandHome(path, around.home);
  const target = targetOf(spec, host, config);
  const jump = await jumpOf(spec, config, host, target, around, depth);
  return {
    host,
    ...target,
    ...defined({ hostKeyAlias: config.hostKeyAlias, hostKey: spec.hostKey }),
    knownHostsFiles: spec.knownHostsPath ? [home(spec.knownHostsPath)] : knownHosts(config, around.home),
    credentials: credentialsOf(spec, config, around),
    ...defined({ jump }),
    connectTimeoutMs: connectTimeoutMs(spec),
    keepaliveMs: (spec.keepalive ?? 15) * 1000,
  };
}

/** Of the connection, and of the first answer of its shell. */
export const connectTimeoutMs = ({ connectTimeout = 20 }: SshConnectionSpec): number => connectTimeout * 1000;

const configFor = (spec: SshConnectionSpec, host: string, around: Surroundings): Promise<UserConfig> =>
  userConfigOf(withoutBrackets(host), { ...around, user: spec.user, port: spec.port, explicit: new Set(explicitIn(spec)) });

/** Options of ssh that the connection says itself. */
function explicitIn(spec: SshConnectionSpec): Option[] {
  return [
    ...(spec.user === undefined ? [] : (["user"] as const)),
    ...(spec.port === undefined ? [] : (["port"] as const)),
    ...(namesWayIn(spec) ? (["identityFiles", "certificateFiles", "identitiesOnly", "identityAgent"] as const) : []),
    ...(spec.jump ? (["proxyJump", "proxyCommand"] as const) : []),
    ...(spec.knownHostsPath || spec.hostKey ? (["knownHostsFiles", "globalKnownHostsFiles"] as const) : []),
    ...(spec.hostKey ? (["hostKeyAlias", "revokedHostKeys"] as const) : []),
  ];
}

const namesWayIn = ({ privateKeyPath, agent, passwordFromEnv }: SshConnectionSpec): boolean =>
  privateKeyPath !== undefined || agent !== undefined || passwordFromEnv !== undefined;

/** IPv6 addresses are written with brackets where a port may follow. */
const withoutBrackets = (host: string) => host.replace(/^\[(.*)\]$/, "$1");

type Target = Pick<Endpoint, "address" | "port" | "user">;

const targetOf = (spec: SshConnectionSpec, host: string, config: UserConfig): Target => ({
  address: withoutBrackets(config.hostName ?? host),
  port: spec.port ?? config.port ?? 22,
  user: spec.user ?? config.user ?? localUser(),
});

function knownHosts({ knownHostsFiles, globalKnownHostsFiles }: UserConfig, home: string): string[] {
  const own = knownHostsFiles ?? [join(home, ".ssh/known_hosts"), join(home, ".ssh/known_hosts2")];
  const files = [...own, ...(globalKnownHostsFiles ?? [systemKnownHosts])];
  return files.filter((file) => file.toLowerCase() !== "none");
}

function credentialsOf(spec: SshConnectionSpec, config: UserConfig, { environment, home }: Surroundings): Credentials {
  const passphrase = spec.passphraseFromEnv === undefined ? {} : { passphraseFromEnv: spec.passphraseFromEnv };
  const socket = environment["SSH_AUTH_SOCK"] || undefined;
  if (namesWayIn(spec)) {
    const agent = spec.agent === "SSH_AUTH_SOCK" ? (socket ?? "SSH_AUTH_SOCK") : spec.agent && expandHome(spec.agent, home);
    return {
      keyFiles: spec.privateKeyPath === undefined ? [] : [expandHome(spec.privateKeyPath, home)],
      certificateFiles: [],
      guessed: false,
      ...passphrase,
      ...defined({ agent }),
      agentFirst: false,
      agentOnlyKeyFiles: false,
      ...defined({ passwordFromEnv: spec.passwordFromEnv }),
    };
  }
  const agent = agentOf(config.identityAgent, environment, socket);
  const named = config.identityFiles.length > 0;
  return {
    keyFiles: named ? config.identityFiles : defaultKeys.map((name) => join(home, ".ssh", name)),
    certificateFiles: config.certificateFiles,
    guessed: true,
    ...passphrase,
    ...defined({ agent }),
    agentFirst: !named,
    agentOnlyKeyFiles: config.identitiesOnly,
  };
}

function agentOf(
  identityAgent: string | undefined,
  environment: NodeJS.ProcessEnv,
  socket: string | undefined,
): string | undefined {
  if (identityAgent === undefined || identityAgent === "SSH_AUTH_SOCK") return socket;
  if (identityAgent === "none") return undefined;
  return identityAgent.startsWith("$") ? environment[identityAgent.replace(/^\$\{?|\}$/g, "")] || undefined : identityAgent;
}

async function jumpOf(
  spec: SshConnectionSpec,
  config: UserConfig,
  host: string,
  target: Target,
  around: Surroundings,
  depth: number,
): Promise<Endpoint[] | undefined> {
  if (spec.jump) {
    const { jump } = spec;
    return Promise.all(jump.hosts.map((one) => endpointOf(jump, one, around, depth + 1)));
  }
  if (config.proxyCommand !== undefined && config.proxyJump === undefined) {
    throw fault("CANNOT_CONNECT", {
      host,
      summary: `~/.ssh/config reaches ${host} by a ProxyCommand, which is not run: ${config.proxyCommand}`,
      fix: "name the host to go through as jump of the connection, or as ProxyJump in ~/.ssh/config",
    });
  }
  const hop = config.proxyJump && hopOf(config.proxyJump, spec, host);
  if (!hop) return undefined;
  const [name = ""] = hop.hosts;
  // `Host *` with a ProxyJump means the jump host too; like ssh, we do not go through a host to get to it.
  const hopTarget = targetOf(hop, name, await configFor(hop, name, around));
  if (JSON.stringify(hopTarget) === JSON.stringify(target)) return undefined;
  return [await endpointOf(hop, name, around, depth + 1)];
}

/** "a,user@b:2222" is b, reached through a. */
function hopOf(proxyJump: string, spec: SshConnectionSpec, host: string): SshConnectionSpec {
  const { connectTimeout, keepalive } = spec;
  const bounds = {
    ...defined({ connectTimeout, keepalive }),
  };
  let hop: SshConnectionSpec | undefined;
  for (const text of proxyJump.split(",")) {
    const parts = /^(?:ssh:\/\/)?(?:(.+)@)?(\[[^\]]+\]|[^:@/]+)(?::(\d+))?\/?$/.exec(text.trim());
    if (!parts?.[2]) {
      throw fault("CANNOT_CONNECT", {
        host,
        summary: `the ProxyJump of ${host} in ~/.ssh/config cannot be understood: ${proxyJump}`,
        fix: 'write hosts as "user@host:port", separated by commas',
      });
    }
    hop = {
      type: "ssh",
      hosts: [withoutBrackets(parts[2])],
      ...(parts[1] ? { user: parts[1] } : {}),
      ...(parts[3] ? { port: Number(parts[3]) } : {}),
      ...bounds,
      ...defined({ jump: hop }),
    };
  }
  return hop as SshConnectionSpec;
}
