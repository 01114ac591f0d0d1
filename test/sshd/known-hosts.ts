// Lines of known_hosts files: plain, hashed, authorities, revoked keys.
import { createHmac, randomBytes } from "node:crypto";
import { writeFileSync } from "node:fs";

/** A host's name as known_hosts spells it. */
export function knownHostsName(host: string, port = 22): string {
  return port === 22 ? host : `[${host}]:${port}`;
}

/** The name hashed with a random salt, as `HashKnownHosts yes` writes it. */
export function hashedName(name: string): string {
  const salt = randomBytes(20);
  return `|1|${salt.toString("base64")}|${createHmac("sha1", salt).update(name).digest("base64")}`;
}

/** `names`: from knownHostsName, hashedName, or a pattern; more than one are joined by commas. */
export function knownHostsLine(names: string | readonly string[], { publicKey }: { publicKey: string }): string {
  return `${[names].flat().join(",")} ${publicKey}`;
}

export function authorityLine(pattern: string, authority: { publicKey: string }): string {
  return `@cert-authority ${knownHostsLine(pattern, authority)}`;
}

export function revokedLine(pattern: string, key: { publicKey: string }): string {
  return `@revoked ${knownHostsLine(pattern, key)}`;
}

export function writeKnownHosts(path: string, lines: readonly string[]): string {
  writeFileSync(path, lines.map((line) => `${line}\n`).join(""));
  return path;
}
