// What the user's ~/.ssh/config says of a host, as far as it is honoured here.
import { readdir, readFile } from "node:fs/promises";
import { userInfo } from "node:os";
import { basename, dirname, join } from "node:path";
import { fault } from "../../core/errors";

/** Options of ssh_config(5); absent: not set. */
export interface UserConfig {
  hostName?: string;
  user?: string;
  port?: number;
  identityFiles: string[];
  identitiesOnly: boolean;
  identityAgent?: string;
  /** "user@host:port", separated by commas: the first is connected to first. */
  proxyJump?: string;
  proxyCommand?: string;
  knownHostsFiles?: string[];
  hostKeyAlias?: string;
}

/** The whole text of ~/.ssh/config with what it includes; undefined when there is none. */
export async function readUserConfigText(home: string): Promise<string | undefined> {
  return readFile(join(home, ".ssh/config"), "utf8").then(
    (text) => withIncludes(text, home, 0),
    () => undefined,
  );
}

/** What the configuration says of a host, by the rules of ssh: the first value found wins. `Match exec` is never run and so never matches. */
export async function userConfigOf(text: string | undefined, host: string, home: string, user?: string): Promise<UserConfig> {
  if (text === undefined) return { identityFiles: [], identitiesOnly: false };
  const { parse } = await import("ssh-config");
  let computed: Record<string, string | string[] | undefined>;
  try {
    const options = user === undefined ? { Host: host } : { Host: host, User: user };
    computed = parse(text).compute(options, { ignoreCase: true, matchExec: false }) as typeof computed;
  } catch (error) {
    throw fault("CANNOT_CONNECT", {
      host,
      summary: `~/.ssh/config cannot be understood: ${(error as Error).message}`,
      fix: "correct the file; `ssh -G HOST` shows how ssh reads it",
    });
  }
  return configOf(computed, host, home, user);
}

function configOf(
  computed: Record<string, string | string[] | undefined>,
  host: string,
  home: string,
  user?: string,
): UserConfig {
  const first = (name: string): string | undefined => {
    const value = computed[name];
    return Array.isArray(value) ? value[0] : value;
  };
  const list = (name: string): string[] => [computed[name] ?? []].flat();
  const port = Number(first("port"));
  const hostName = first("hostname")?.replaceAll("%h", host).replaceAll("%%", "%");
  const remoteUser = user ?? first("user");
  const expand = (path: string) =>
    expandTokens(path, home, {
      h: hostName ?? host,
      n: host,
      p: String(port || 22),
      r: remoteUser ?? localUser(),
      u: localUser(),
    });
  const agent = first("identityagent");
  const knownHostsFiles = list("userknownhostsfile").map(expand);
  return withoutUndefined({
    hostName,
    user: remoteUser,
    port: Number.isInteger(port) && port > 0 ? port : undefined,
    identityFiles: list("identityfile")
      .filter((path) => path.toLowerCase() !== "none")
      .map(expand),
    identitiesOnly: first("identitiesonly")?.toLowerCase() === "yes",
    identityAgent: agent === undefined || /^(none|SSH_AUTH_SOCK|\$.*)$/.test(agent) ? agent : expand(agent),
    proxyJump: notNone(first("proxyjump")),
    proxyCommand: notNone(first("proxycommand")),
    knownHostsFiles: knownHostsFiles.length > 0 ? knownHostsFiles : undefined,
    hostKeyAlias: first("hostkeyalias"),
  });
}

/** "" where the user has no name. */
export function localUser(): string {
  try {
    return userInfo().username;
  } catch {
    return "";
  }
}

function expandTokens(path: string, home: string, tokens: Record<string, string>): string {
  const expanded = path.replace(/%([a-zA-Z%])/g, (token, letter: string) =>
    letter === "%" ? "%" : letter === "d" ? home : (tokens[letter] ?? token),
  );
  return expandHome(expanded.replace(/^\$\{?HOME\}?(?=\/)/, home), home);
}

export function expandHome(path: string, home: string): string {
  return path === "~" || path.startsWith("~/") ? join(home, path.slice(1)) : path;
}

const notNone = (value: string | undefined) => (value?.toLowerCase() === "none" ? undefined : value);

function withoutUndefined<T extends object>(config: { [K in keyof T]: T[K] | undefined }): T {
  return Object.fromEntries(Object.entries(config).filter(([, value]) => value !== undefined)) as T;
}

// As many as ssh follows.
const maxIncludeDepth = 16;

/** The text with every Include replaced by the files it names, behind which the Host or Match block that it stood in goes on. */
async function withIncludes(text: string, home: string, depth: number): Promise<string> {
  const lines: string[] = [];
  let block = "";
  for (const line of text.split("\n")) {
    const [, keyword = "", value = ""] = /^\s*([A-Za-z]+)(?:\s*=\s*|\s+)(.*)$/.exec(line) ?? [];
    if (/^(host|match)$/i.test(keyword)) block = line;
    if (keyword.toLowerCase() !== "include" || depth >= maxIncludeDepth) lines.push(line);
    else {
      for (const file of await includedFiles(value, home)) {
        const included = await readFile(file, "utf8").catch(() => "");
        lines.push(await withIncludes(included, home, depth + 1), block || "Host *");
      }
    }
  }
  return lines.join("\n");
}

async function includedFiles(value: string, home: string): Promise<string[]> {
  const patterns = [...value.matchAll(/"([^"]*)"|(\S+)/g)].map((match) => match[1] ?? match[2] ?? "");
  const files = patterns.map(async (pattern) => {
    const expanded = expandTokens(pattern, home, {});
    const path = expanded.startsWith("/") ? expanded : join(home, ".ssh", expanded);
    if (!/[*?]/.test(basename(path))) return [path];
    const source = basename(path)
      .replace(/[\\^$.|+()[\]{}]/g, "\\$&")
      .replaceAll("*", "[^/]*")
      .replaceAll("?", "[^/]");
    const names = await readdir(dirname(path)).catch(() => []);
    return names
      .filter((name) => !name.startsWith(".") && new RegExp(`^${source}$`).test(name))
      .sort()
      .map((name) => join(dirname(path), name));
  });
  return (await Promise.all(files)).flat();
}
