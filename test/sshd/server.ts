// A real OpenSSH server on a free loopback port, with host keys, configuration and log of its own.
import { once } from "node:events";
import { chmodSync, existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { type AddressInfo, createServer } from "node:net";
import { tmpdir, userInfo } from "node:os";
import { join } from "node:path";
import { type Key, makeKey, writeAuthorizedKeys } from "./keys";
import { knownHostsLine, knownHostsName } from "./known-hosts";
import { childrenOf, descendants, kill, send, startBounded, startedBy, until, whenEnded, withEnvironment } from "./processes";

export interface SshdOptions {
  /** Keys that log in, as any user or by user. @default nobody by key */
  authorizedKeys?: readonly Key[] | Readonly<Record<string, readonly Key[]>>;
  /** What stands before every authorized key, such as "restrict" or 'command="..."'. */
  keyOptions?: string;
  /** @default a new ed25519 key */
  hostKeys?: readonly Key[];
  /** Paths of host certificates. */
  hostCertificates?: readonly string[];
  /** More lines of sshd_config; they win over the rig's own. `Match` blocks come last. */
  config?: readonly string[];
  /** @default a free one */
  port?: number;
}

export interface Sshd {
  readonly host: "127.0.0.1";
  readonly port: number;
  /** Who a login is, unless the test has made other users. */
  readonly user: string;
  readonly hostKeys: readonly Key[];
  /** "[127.0.0.1]:port ssh-ed25519 AAAA...", one for each host key. */
  readonly knownHostsLines: readonly string[];
  /** Id of the process that accepts connections. */
  readonly pid: number;
  /** All it has logged so far. */
  log(): string;
  /** Process ids of the connections that are open now, those that have not logged in yet included. */
  connections(): number[];
  /** Processes of logins; where there are none, those whose connection is gone. Commands under sudo count while their parents live. */
  commands(): number[];
  /** Kills what serves the open connections, as if the server had crashed. The commands live on. */
  killSessions(): Promise<void>;
  /** Ends the server, its connections and their commands. */
  stop(): Promise<void>;
}

const program = "/usr/sbin/sshd";

export async function startSshd(options: SshdOptions = {}): Promise<Sshd> {
  const dir = mkdtempSync(join(tmpdir(), "sharewright-sshd-"));
  try {
    chmodSync(dir, 0o711); // authorized keys are read as the user who logs in
    const hostKeys = options.hostKeys ?? [makeKey(dir)];
    if (userInfo().uid === 0) mkdirSync("/run/sshd", { recursive: true, mode: 0o755 }); // where sshd locks its unprivileged half in
    // Another program may take the port before sshd does.
    for (let tries = 5; ; tries -= 1) {
      const port = options.port ?? (await freePort());
      const server = await start(dir, port, hostKeys, options);
      if (server !== "address in use") return server;
      if (tries === 0 || options.port !== undefined) throw new Error(`sshd: port ${port} is in use`);
    }
  } catch (error) {
    rmSync(dir, { recursive: true, force: true });
    throw error;
  }
}

async function start(
  dir: string,
  port: number,
  hostKeys: readonly Key[],
  options: SshdOptions,
): Promise<Sshd | "address in use"> {
  const mark = `${port}-${process.pid}-${Date.now()}`;
  const config = join(dir, "sshd_config");
  writeFileSync(config, configuration(dir, port, hostKeys, mark, options));
  const child = startBounded([program, "-D", "-e", "-f", config]);
  let log = "";
  for (const stream of [child.stdout, child.stderr])
    stream.setEncoding("utf8").on("data", (text: string) => {
      log += text;
    });
  const ended = whenEnded(child);
  child.on("error", (error) => {
    log += error.message;
  });
  const listening = () => log.includes("Server listening on");
  await until(() => listening() || child.exitCode !== null || child.pid === undefined, "sshd to listen");
  if (!listening()) {
    await ended;
    if (/Address already in use/.test(log)) return "address in use";
    throw new Error(`sshd: ${log}`);
  }
  const all = () => descendants(child.pid ?? 0);
  const pid = all().find(({ name }) => name === "sshd")?.pid ?? 0;
  return {
    host: "127.0.0.1",
    port,
    user: userInfo().username,
    hostKeys,
    knownHostsLines: hostKeys.map((key) => knownHostsLine(knownHostsName("127.0.0.1", port), key)),
    pid,
    log: () => log,
    connections: () => childrenOf(pid),
    commands: () => startedBy(child.pid ?? 0, ["sshd", "timeout"], `SHAREWRIGHT_TEST_SSHD=${mark}`),
    killSessions: () =>
      kill(
        all()
          .filter((entry) => entry.name === "sshd" && entry.pid !== pid)
          .map((entry) => entry.pid),
      ),
    async stop() {
      // Stopped first, it cannot start what we would not see.
      send("SIGSTOP", [pid]);
      const pids = [...all().map((entry) => entry.pid), ...withEnvironment(`SHAREWRIGHT_TEST_SSHD=${mark}`)];
      await kill(pids);
      await ended;
      rmSync(dir, { recursive: true, force: true });
    },
  };
}

/** The first value of a keyword is the one that counts. */
function configuration(dir: string, port: number, hostKeys: readonly Key[], mark: string, options: SshdOptions): string {
  const { authorizedKeys = [], keyOptions = "", hostCertificates = [], config = [] } = options;
  const byUser = Array.isArray(authorizedKeys) ? undefined : Object.entries(authorizedKeys as Record<string, readonly Key[]>);
  const keys = join(dir, "authorized_keys");
  if (!existsSync(keys)) mkdirSync(keys, { mode: 0o755 });
  for (const [user, own] of byUser ?? ([["anybody", authorizedKeys as readonly Key[]]] as const))
    writeAuthorizedKeys(join(keys, user), own, keyOptions);
  const firstMatch = config.findIndex((line) => line.startsWith("Match "));
  const [general, matches] = firstMatch < 0 ? [config, []] : [config.slice(0, firstMatch), config.slice(firstMatch)];
  return [
    ...general,
    "ListenAddress 127.0.0.1",
    `Port ${port}`,
    ...hostKeys.map(({ path }) => `HostKey ${path}`),
    ...hostCertificates.map((path) => `HostCertificate ${path}`),
    `AuthorizedKeysFile ${join(keys, byUser ? "%u" : "anybody")}`,
    "StrictModes no", // the temporary directory is anybody's
    "PasswordAuthentication no",
    "KbdInteractiveAuthentication no",
    "PermitRootLogin yes",
    "PermitEmptyPasswords no",
    "UsePAM no",
    "UseDNS no",
    "PidFile none",
    "PrintMotd no",
    "PrintLastLog no",
    "LogLevel VERBOSE",
    `SetEnv SHAREWRIGHT_TEST_SSHD=${mark}`, // by this their processes are found at the end
    ...matches,
    "",
  ].join("\n");
}

export async function freePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, "close");
  return port;
}
