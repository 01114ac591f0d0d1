// Hosts that are entered by a password and by an encrypted key, and a search for these secrets wherever they might have come to light.
import { copyFileSync, existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { SshConnectionSpec } from "../../src/spec/connection";
import { type SshHosts, startHosts } from "../sshd/hosts";
import { descendants, processes, run } from "../sshd/processes";
import { userOf } from "../sshd/rig";
import { addSudoers } from "../sshd/sudoers";

/** The names under which the connections find their secrets. */
export const variables = { password: "STORAGE_PASSWORD", passphrase: "STORAGE_PASSPHRASE" } as const;

export interface SecretHosts {
  /** The client by password, MDS and MGS by an encrypted key; as a user with sudo. */
  connections: SshHosts["connections"];
  user: string;
  /** Holds the secrets; for whoever starts the executor. */
  environment: Record<string, string>;
  /** By name; nothing of it may ever be seen. */
  secrets: Record<string, string>;
  sudoLog(): string;
  sshdLog(): string;
  /** Looks at all processes until it is called. */
  watchProcesses(): () => Record<"command lines" | "environments on the hosts", string>;
  stop(): Promise<void>;
}

/** @param passphrase without a blank or a quote. @param is the user, who gets all rights: nobody else's meanwhile */
export async function startSecretHosts(sandbox: string, passphrase: string, is: "secrets" | "secrets-e2e"): Promise<SecretHosts> {
  const { name: user, password = "" } = userOf(is);
  const dir = mkdtempSync(join(tmpdir(), "sharewright-secrets-"));
  const logFile = join(dir, "sudo.log");
  const removeSudoers = addSudoers(`Defaults:${user} logfile=${logFile}, loglinelen=0\n${user} ALL=(root) NOPASSWD: ALL\n`);
  const hosts = await startHosts({
    sandbox,
    user,
    sudo: ["sudo", "-n"],
    sshd: {
      client: { config: ["PasswordAuthentication yes", "LogLevel DEBUG3"] },
      mds: { config: ["LogLevel DEBUG3"] },
      mgs: { config: ["LogLevel DEBUG3"] },
    },
  });
  const { key, connections, sshd } = hosts;
  copyFileSync(key.path, join(dir, "plain"));
  run(["ssh-keygen", "-q", "-p", "-P", "", "-N", passphrase, "-f", key.path]);
  const { privateKeyPath: _, ...client } = connections.client;
  const byKey = (connection: SshConnectionSpec) => ({ ...connection, passphraseFromEnv: variables.passphrase });
  return {
    connections: {
      client: { ...client, passwordFromEnv: variables.password },
      mds: byKey(connections.mds),
      mgs: byKey(connections.mgs),
    },
    user,
    environment: { [variables.password]: password, [variables.passphrase]: passphrase },
    secrets: {
      password,
      passphrase,
      ...linesOf("private key", key.path),
      ...linesOf("private key without its passphrase", join(dir, "plain")),
    },
    sudoLog: () => (existsSync(logFile) ? readFileSync(logFile, "utf8") : ""),
    sshdLog: () =>
      Object.values(sshd)
        .map((server) => server.log())
        .join("\n"),
    watchProcesses: () => watchProcesses(Object.values(sshd).map(({ pid }) => pid)),
    async stop() {
      await hosts.stop();
      removeSudoers();
      rmSync(dir, { recursive: true, force: true });
    },
  };
}

/** Part by part: a leak need not be the whole file. */
function linesOf(name: string, path: string): Record<string, string> {
  const lines = readFileSync(path, "utf8")
    .split("\n")
    .filter((line) => line !== "" && !line.startsWith("-----"));
  return Object.fromEntries(lines.map((line, index) => [`line ${index + 1} of the ${name}`, line]));
}

/** "NAME in PLACE" for each secret that is in a text, as it is or encoded. */
export function leaks(secrets: Record<string, string>, places: Record<string, string>): string[] {
  return Object.entries(secrets).flatMap(([name, secret]) => {
    const forms = [secret, ...(["base64", "hex"] as const).map((form) => Buffer.from(secret).toString(form).replace(/=+$/, ""))];
    return Object.entries(places).flatMap(([place, text]) =>
      forms.some((form) => text.includes(form)) ? [`${name} in ${place}`] : [],
    );
  });
}

/** Command lines of all processes of the machine, environments of what runs on the hosts: what `ps auxwwe` shows to root. */
function watchProcesses(sshds: readonly number[]): ReturnType<SecretHosts["watchProcesses"]> {
  const seen = { "command lines": new Set<string>(), "environments on the hosts": new Set<string>() };
  const look = () => {
    const all = processes();
    for (const { pid } of all) seen["command lines"].add(readText(`/proc/${pid}/cmdline`));
    // Of sshd itself it is that of these tests, which know the secrets.
    const onHosts = sshds.flatMap((pid) => descendants(pid, all)).filter(({ name }) => name !== "sshd");
    for (const { pid } of onHosts) seen["environments on the hosts"].add(readText(`/proc/${pid}/environ`));
  };
  const timer = setInterval(look, 15);
  return () => {
    clearInterval(timer);
    return {
      "command lines": [...seen["command lines"]].join("\n"),
      "environments on the hosts": [...seen["environments on the hosts"]].join("\n"),
    };
  };
}

function readText(path: string): string {
  try {
    return readFileSync(path, "utf8").replaceAll("\0", " ");
  } catch {
    return ""; // it has ended
  }
}

/** The contents of all files below a folder. */
export function filesBelow(folder: string): string {
  return readdirSync(folder, { withFileTypes: true, recursive: true })
    .filter((entry) => entry.isFile())
    .map((entry) => readFileSync(join(entry.parentPath, entry.name), "latin1"))
    .join("\n");
}
