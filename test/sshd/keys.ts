// Keys and host certificates, made by ssh-keygen.
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { run } from "./processes";

export type KeyType = "ed25519" | "ecdsa" | "ecdsa-384" | "ecdsa-521" | "rsa";

export interface Key {
  /** The private key's file; the public one is beside it, with ".pub". */
  path: string;
  publicPath: string;
  /** "ssh-ed25519 AAAA...", without a comment. */
  publicKey: string;
  /** "SHA256:..." as `ssh-keygen -l` prints it. */
  fingerprint: string;
}

export interface KeyOptions {
  type?: KeyType;
  passphrase?: string;
  /** Of the private key's file. @default OpenSSH's own */
  format?: "PEM" | "PKCS8";
  /** File name. @default the type */
  name?: string;
}

export function makeKey(dir: string, { type = "ed25519", passphrase = "", format, name = type }: KeyOptions = {}): Key {
  const path = join(dir, name);
  const [algorithm = "", bits = type === "rsa" ? "2048" : "256"] = type.split("-");
  const more = format ? ["-m", format] : [];
  run(["ssh-keygen", "-q", "-t", algorithm, "-b", bits, "-N", passphrase, "-C", "", "-f", path, ...more]);
  return keyAt(path);
}

export function keyAt(path: string): Key {
  const publicPath = `${path}.pub`;
  const [type = "", base64 = ""] = readFileSync(publicPath, "utf8").split(/\s+/);
  return { path, publicPath, publicKey: `${type} ${base64}`, fingerprint: fingerprintOf(publicPath) };
}

export function fingerprintOf(publicPath: string): string {
  return run(["ssh-keygen", "-l", "-f", publicPath]).split(" ")[1] ?? "";
}

export interface CertificateOptions {
  /** Host names it is valid for. @default none: OpenSSH refuses such a host certificate */
  principals?: readonly string[];
  /** As of `ssh-keygen -V`. @default "always:forever" */
  validity?: string;
  /** A user certificate, which no host may show. @default false */
  forUser?: boolean;
  /** More arguments for ssh-keygen, such as ["-t", "rsa-sha2-256"]. */
  more?: readonly string[];
}

/** Signs a public key with the authority's key. Returns the path of the certificate, which stands beside the key. */
export function certifyHost(authority: Key, key: Key, options: CertificateOptions = {}): string {
  const { principals = [], validity = "always:forever", forUser = false, more = [] } = options;
  const names = principals.length > 0 ? ["-n", principals.join(",")] : [];
  const kind = forUser ? [] : ["-h"];
  run(["ssh-keygen", "-q", "-s", authority.path, ...kind, "-I", "test", ...names, "-V", validity, ...more, key.publicPath]);
  return key.path.concat("-cert.pub");
}

/** A file of authorized keys; `options` stand before the key, such as 'command="...",restrict'. */
export function writeAuthorizedKeys(path: string, keys: readonly Key[], options = ""): void {
  const prefix = options === "" ? "" : `${options} `;
  writeFileSync(path, keys.map(({ publicKey }) => `${prefix}${publicKey}\n`).join(""), { mode: 0o644 });
}
