// Private key files: read, judged as ssh judges them, and unlocked.
import { readFileSync, statSync } from "node:fs";
import type { ParsedKey } from "ssh2";
import { quoteWord } from "../../core/quote";
import { fault } from "../faults";
import type { Credentials, Surroundings } from "./endpoint";
import { shownPath, textIn } from "./home";
import { fingerprintOf, keyTypes } from "./public-key";
import type { Ssh2 } from "./ssh2";

/** undefined: only guessed, and not there. */
export function readPrivateKey(
  ssh2: Ssh2,
  file: string,
  { guessed, passphraseFromEnv }: Credentials,
  host: string,
  { environment, home }: Surroundings,
): ParsedKey | undefined {
  const path = shownPath(file, home);
  let text: string;
  let mode: { uid: number; mode: number };
  try {
    mode = statSync(file);
    text = readFileSync(file, "utf8");
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    if (guessed && code === "ENOENT") return undefined;
    const said = code === "ENOENT" ? "there is no such file" : message;
    throw fault("SECRET_MISSING", {
      host,
      summary: `the private key ${path} cannot be read: ${said}`,
      fix: "correct privateKeyPath",
    });
  }
  if (mode.uid === process.getuid?.() && (mode.mode & 0o077) !== 0) {
    throw fault("AUTHENTICATION_FAILED", {
      host,
      summary: `the private key ${path} can be read by others (mode ${(mode.mode & 0o777).toString(8)}), so it is not used`,
      fix: `chmod 600 ${quoteWord(file)}`,
    });
  }
  const passphrase = passphraseFromEnv === undefined ? undefined : environment[passphraseFromEnv] || undefined;
  const key = [ssh2.utils.parseKey(text, passphrase)].flat()[0];
  if (key instanceof Error || !key) throw unusableKey(key?.message ?? "", path, host, passphraseFromEnv, passphrase);
  if (!key.isPrivateKey()) throw noKey(path, host, "it holds no private key");
  if (!keyTypes.includes(key.type)) throw noKey(path, host, `keys of type ${key.type} are not used any more`);
  return withoutSha1(key);
}

function unusableKey(said: string, path: string, host: string, name: string | undefined, passphrase: string | undefined) {
  if (/no passphrase given/i.test(said)) {
    return fault("SECRET_MISSING", {
      host,
      summary:
        name === undefined
          ? `the private key ${path} is encrypted, and the connection names no passphraseFromEnv`
          : `the private key ${path} is encrypted, and its passphrase is to come from the environment variable ${name}, which is not set`,
      fix:
        name === undefined
          ? "set passphraseFromEnv of the connection to the name of the environment variable that holds the passphrase, or use an agent"
          : `set ${name} for the process that runs Terraform`,
    });
  }
  if (passphrase !== undefined && /passphrase|decrypt|integrity/i.test(said)) {
    return fault("AUTHENTICATION_FAILED", {
      host,
      summary: `the passphrase from ${name} does not open the private key ${path}`,
      fix: `correct ${name}`,
    });
  }
  return noKey(path, host, said);
}

function noKey(path: string, host: string, why: string) {
  return fault("AUTHENTICATION_FAILED", {
    host,
    summary: `the private key ${path} cannot be used: ${why}`,
    fix: "use a private key file as `ssh-keygen -t ed25519` makes it",
  });
}

/** A server that does not say which signatures it takes would be given one with SHA-1 by ssh2. */
function withoutSha1(key: ParsedKey): ParsedKey {
  if (key.type !== "ssh-rsa") return key;
  const sign = key.sign.bind(key);
  key.sign = ((data: Buffer, algorithm?: string) =>
    algorithm === "sha256" || algorithm === "sha512"
      ? sign(data, algorithm)
      : new Error("the server takes RSA signatures with SHA-1 only")) as ParsedKey["sign"];
  return key;
}

/** The key in FILE.pub, or in the file itself where it is a public key: enough to find it in an agent. */
export function publicPartOf(ssh2: Ssh2, file: string): Buffer | undefined {
  for (const name of [`${file}.pub`, file]) {
    const text = textIn(name);
    const key = /^(ssh|ecdsa)-/.test(text) ? ssh2.utils.parseKey(text) : undefined;
    if (key && !(key instanceof Error)) return [key].flat()[0]?.getPublicSSH();
  }
  return undefined;
}

/** "ssh-ed25519 SHA256:...". */
export function nameOfKey(key: ParsedKey): string {
  return `${key.type} ${fingerprintOf(key.getPublicSSH())}`;
}
