// Reads known_hosts files as sshd(8), "SSH_KNOWN_HOSTS FILE FORMAT", describes them. Pure.
import { createHmac, timingSafeEqual } from "node:crypto";
import { matchesList } from "./config-text";
import { typeOf } from "./public-key";

/** A line of a known_hosts file. */
export interface KnownHostsLine {
  marker?: "@cert-authority" | "@revoked";
  /** Patterns separated by commas, or one hashed name. */
  hosts: string;
  type: string;
  blob: Buffer;
  /** "file:line". */
  place: string;
}

/** Lines that are broken, or of a kind not known, are left out, as by OpenSSH: they vouch for nobody. */
export function parseKnownHosts(text: string, file: string): KnownHostsLine[] {
  return text.split("\n").flatMap((line, index) => {
    const words = line.trim().split(/[ \t]+/);
    const marker = words[0]?.startsWith("@") ? words.shift() : undefined;
    const [hosts, type, base64] = words;
    if (!hosts || hosts.startsWith("#") || !type || !base64) return [];
    if (marker !== undefined && marker !== "@cert-authority" && marker !== "@revoked") return [];
    const blob = Buffer.from(base64, "base64");
    if (typeOf(blob) !== type) return [];
    return [{ ...(marker ? { marker } : {}), hosts, type, blob, place: `${file}:${index + 1}` }];
  });
}

/** Whether the first field of a line means this name: a host name, an address, or "[host]:port". */
export function matchesHosts(hosts: string, name: string): boolean {
  const wanted = name.toLowerCase();
  return hosts.startsWith("|") ? matchesHash(hosts, wanted) : matchesList(wanted, hosts.toLowerCase());
}

function matchesHash(hosts: string, name: string): boolean {
  const [, version, salt, hash] = hosts.split("|");
  if (version !== "1" || !salt || !hash) return false;
  const wanted = Buffer.from(hash, "base64");
  const seen = createHmac("sha1", Buffer.from(salt, "base64")).update(name).digest();
  return wanted.length === seen.length && timingSafeEqual(wanted, seen);
}
