// How we prove to a server who we are: the ways the connection names, in their order, each looked at before anything is sent.
import { existsSync } from "node:fs";
import type { AnyAuthMethod } from "ssh2";
import { ShareError } from "../../core/errors";
import { fault } from "../faults";
import { patientAgent } from "./agent";
import type { Endpoint, Surroundings } from "./endpoint";
import { shownPath } from "./home";
import { nameOfKey, publicPartOf, readPrivateKey } from "./private-key";
import type { Ssh2 } from "./ssh2";

/** A way to authenticate that can be tried. */
export interface Way {
  /** For messages: "public key ssh-ed25519 SHA256:... (~/.ssh/id_ed25519)". Holds no secret. */
  say(): string;
  /** What the protocol calls it. */
  method: "publickey" | "password" | "keyboard-interactive";
  attempt: AnyAuthMethod;
}

export interface Ways {
  ways: Way[];
  /** What had been thought of but cannot be tried, with the reason. */
  unusable: string[];
}

/** Throws where a secret is missing, a file that the connection names cannot be used, or nothing can be tried. */
export function waysOf(ssh2: Ssh2, endpoint: Endpoint, around: Surroundings): Ways {
  const { host, user, credentials } = endpoint;
  const keys = keyWays(ssh2, endpoint, around);
  const agent = agentWays(ssh2, endpoint, around, credentials.agentOnlyKeyFiles ? keys.offered : undefined);
  const passwords = passwordWays(endpoint, around);
  const ways = credentials.agentFirst ? [...agent, ...keys.ways, ...passwords] : [...keys.ways, ...agent, ...passwords];
  const unusable = [...keys.faults.map((error) => error.summary), ...certificates(credentials, around)];
  if (ways.length > 0) return { ways, unusable };
  const locked = keys.faults.find(({ code }) => code === "SECRET_MISSING");
  if (locked) throw locked;
  throw fault("AUTHENTICATION_FAILED", {
    host,
    summary: `there is no key, agent or password to log in to ${host} as ${user} with`,
    ...(unusable.length > 0 ? { said: unusable.join("\n") } : {}),
    fix: "set privateKeyPath, agent or passwordFromEnv of the connection, or IdentityFile in ~/.ssh/config",
  });
}

function keyWays(ssh2: Ssh2, { host, user, credentials }: Endpoint, around: Surroundings) {
  const ways: Way[] = [];
  const faults: ShareError[] = [];
  /** Public keys that an agent may offer, also of files that cannot be read themselves. */
  const offered: Buffer[] = [];
  for (const file of credentials.keyFiles) {
    const publicPart = credentials.agentOnlyKeyFiles ? publicPartOf(ssh2, file) : undefined;
    if (publicPart) offered.push(publicPart);
    try {
      const key = readPrivateKey(ssh2, file, credentials, host, around);
      if (!key) continue;
      offered.push(key.getPublicSSH());
      const say = `public key ${nameOfKey(key)} (${shownPath(file, around.home)})`;
      ways.push({ say: () => say, method: "publickey", attempt: { type: "publickey", username: user, key } });
    } catch (error) {
      if (!credentials.guessed || !ShareError.isShareError(error)) throw error;
      faults.push(error);
    }
  }
  return { ways, faults, offered };
}

/** User certificates, which are not used: named, since the server may take nothing else. */
function certificates({ keyFiles, certificateFiles }: Endpoint["credentials"], { home }: Surroundings): string[] {
  const candidates = [...new Set([...certificateFiles, ...keyFiles.map((file) => `${file}-cert.pub`)])];
  return candidates
    .filter((file) => existsSync(file))
    .map(
      (file) => `the certificate ${shownPath(file, home)}: user certificates are not used, add its plain key to authorized_keys`,
    );
}

function agentWays(ssh2: Ssh2, { host, user, credentials }: Endpoint, { home }: Surroundings, only: Buffer[] | undefined): Way[] {
  const { agent: socket } = credentials;
  if (socket === undefined) return [];
  if (socket === "SSH_AUTH_SOCK") {
    throw fault("SECRET_MISSING", {
      host,
      summary: `the connection to ${host} uses the agent of SSH_AUTH_SOCK, but that environment variable is not set`,
      fix: "start ssh-agent, or set agent of the connection to the path of its socket",
    });
  }
  const agent = patientAgent(ssh2, socket, shownPath(socket, home), only);
  return [{ say: agent.say, method: "publickey", attempt: { type: "agent", username: user, agent: agent.agent } }];
}

function passwordWays({ host, user, credentials: { passwordFromEnv: name } }: Endpoint, { environment }: Surroundings): Way[] {
  if (name === undefined) return [];
  const password = environment[name];
  if (!password) throw secretMissing(host, `the password for ${user} on ${host}`, name);
  let answered = false;
  return [
    { say: () => `password from ${name}`, method: "password", attempt: { type: "password", username: user, password } },
    {
      say: () => `keyboard-interactive with the password from ${name}`,
      method: "keyboard-interactive",
      attempt: {
        type: "keyboard-interactive",
        username: user,
        prompt(_name, _instructions, _language, prompts, answer) {
          // One question whose answer is hidden is the password's; nothing else is ours to answer, and it is not answered twice.
          const isPassword = prompts.length === 1 && prompts[0]?.echo !== true && !answered;
          answered = true;
          answer(isPassword ? [password] : prompts.map(() => ""));
        },
      },
    },
  ];
}

function secretMissing(host: string, what: string, name: string): ShareError {
  return fault("SECRET_MISSING", {
    host,
    summary: `${what} is to come from the environment variable ${name}, which is not set`,
    fix: `set ${name} for the process that runs Terraform`,
  });
}
