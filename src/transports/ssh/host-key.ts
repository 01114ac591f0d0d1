// Decides whether a host is who it should be: by the key or certificate it shows, and what is known of it.

import type { ShareError } from "../../core/errors";
import { defined } from "../../spec/defined";
import { fault } from "../faults";
import { faultOfHostCertificate, readHostCertificate } from "./host-certificate";
import { type KnownHostsLine, matchesHosts } from "./known-hosts";
import { fingerprintOf, typeOf } from "./public-key";

/** What is known of a host before it shows its key. */
export interface Acquaintance {
  /** For messages: the host as the connection names it. */
  host: string;
  /** The name under which its keys are filed: "mds1", "[mds1]:2222", or a HostKeyAlias. */
  filedAs: string;
  /** The name that a certificate has to have. */
  principal: string;
  /** Fingerprint or public key that the connection pins; then no file is asked. */
  pinned?: string;
  /** Files that were looked into, for messages. */
  files: readonly KnownHostsFile[];
  /** Lines that name the host with its port (all of them, where it is 22). */
  lines: readonly KnownHostsLine[];
  /** Lines that name it without its port: they can vouch for it, but not contradict. */
  portless: readonly KnownHostsLine[];
}

export interface KnownHostsFile {
  path: string;
  isThere: boolean;
  /** A line can be added to it: it is a file, or could become one. */
  holdsLines: boolean;
}

export type Verdict = { vouchedBy: string; fingerprint: string } | { refused: ShareError };

export interface NameOfHost {
  host: string;
  address: string;
  port: number;
  alias?: string;
}

/** Finds the lines that are about a host, as ssh looks for them. */
export function acquaint(
  { host, address, port, alias }: NameOfHost,
  lines: readonly KnownHostsLine[],
  files: readonly KnownHostsFile[],
  pinned?: string,
): Acquaintance {
  const principal = (alias ?? address).toLowerCase();
  const withPort = alias === undefined && port !== 22;
  const filedAs = withPort ? `[${principal}]:${port}` : principal;
  const about = (name: string) => lines.filter((line) => matchesHosts(line.hosts, name));
  return {
    host,
    filedAs,
    principal,
    files,
    lines: about(filedAs),
    portless: withPort ? about(principal) : [],
    ...defined({ pinned }),
  };
}

export function knownTypes({ lines, portless, pinned }: Acquaintance): Set<string> {
  if (pinned !== undefined) return new Set(isFingerprint(pinned) ? [] : [pinned.split(" ")[0] ?? ""]);
  return new Set([...lines, ...portless].filter(({ marker }) => !marker).map(({ type }) => type));
}

export function knowsAuthority({ lines, portless, pinned }: Acquaintance): boolean {
  return pinned === undefined && [...lines, ...portless].some(({ marker }) => marker === "@cert-authority");
}

export const isFingerprint = (pinned: string): boolean => pinned.startsWith("SHA256:");

/** `blob`: the host key or host certificate that the server shows. */
export function judgeHostKey(known: Acquaintance, blob: Buffer, nowMs: number): Verdict {
  if (known.pinned !== undefined) return judgePinned(known, known.pinned, blob);
  let certificate: ReturnType<typeof readHostCertificate>;
  try {
    certificate = readHostCertificate(blob);
  } catch (error) {
    return {
      refused: fault("HOST_KEY_UNKNOWN", {
        host: known.host,
        summary: `the host certificate of ${known.host} is broken: ${error}`,
      }),
    };
  }
  const all = [...known.lines, ...known.portless];
  const key = certificate?.key ?? blob;
  const revoked = all.find(
    (line) => line.marker === "@revoked" && (line.blob.equals(key) || certificate?.authority.equals(line.blob)),
  );
  if (revoked) return { refused: revokedFault(known, revoked) };
  const authority =
    certificate && all.find(({ marker, blob }) => marker === "@cert-authority" && certificate.authority.equals(blob));
  if (certificate && authority) {
    const wrong = faultOfHostCertificate(certificate, known.principal, nowMs);
    return wrong === undefined
      ? {
          fingerprint: fingerprintOf(key),
          vouchedBy: `certificate authority ${fingerprintOf(authority.blob)} in ${authority.place}`,
        }
      : { refused: certificateFault(known, authority, wrong) };
  }
  return judgePlain(known, key);
}

function judgePinned(known: Acquaintance, pinned: string, blob: Buffer): Verdict {
  const wanted = isFingerprint(pinned)
    ? pinned.replace(/=$/, "")
    : fingerprintOf(Buffer.from(pinned.split(" ")[1] ?? "", "base64"));
  const seen = fingerprintOf(blob);
  if (wanted === seen) return { fingerprint: seen, vouchedBy: "hostKey of the connection" };
  return {
    refused: fault("HOST_KEY_CHANGED", {
      host: known.host,
      summary: `${known.host} shows the ${shortType(typeOf(blob))} key ${seen}, but hostKey of the connection is ${wanted}`,
      fix: `ask the host's administrator; only if this is its key, set hostKey to "${seen}"`,
    }),
  };
}

function judgePlain(known: Acquaintance, key: Buffer): Verdict {
  const plain = (line: KnownHostsLine) => line.marker === undefined;
  const filed = known.lines.filter(plain);
  const candidates = filed.length > 0 ? filed : known.portless.filter(plain);
  const found = candidates.find(({ blob }) => blob.equals(key));
  if (found) return { fingerprint: fingerprintOf(key), vouchedBy: found.place };
  const line = `${known.filedAs} ${typeOf(key)} ${key.toString("base64")}`;
  const seen = `the ${shortType(typeOf(key))} key ${fingerprintOf(key)}`;
  const other = filed.find(({ type }) => type === typeOf(key)) ?? filed[0];
  if (other) {
    return {
      refused: fault("HOST_KEY_CHANGED", {
        host: known.host,
        summary: `${known.host} shows ${seen}, but ${other.place} knows the ${shortType(other.type)} key ${fingerprintOf(other.blob)}`,
        fix: `it may be somebody else: ask the host's administrator; only if its key was really changed, put this line in the place of ${other.place}:\n${line}`,
      }),
    };
  }
  return {
    refused: fault("HOST_KEY_UNKNOWN", {
      host: known.host,
      summary: `${known.host} shows ${seen}, which is not known: no line for ${known.filedAs} in ${known.files.map(nameOfFile).join(", ")}`,
      fix: `compare the fingerprint with the one that the host's administrator names, then add this line to ${placeForLine(known)}:\n${line}`,
    }),
  };
}

const nameOfFile = ({ path, isThere, holdsLines }: KnownHostsFile) =>
  isThere ? path : `${path} (${holdsLines ? "no such file" : "no file"})`;

/** /dev/null, a directory and the like hold nothing. */
function placeForLine({ files: [first] }: Acquaintance): string {
  if (first?.holdsLines) return first.path;
  const why = first ? `, since ${first.path} holds no lines` : "";
  return `~/.ssh/known_hosts, and set knownHostsPath of the connection to that file${why}`;
}

function revokedFault({ host }: Acquaintance, { place, blob, type }: KnownHostsLine): ShareError {
  const summary = `${host} shows a key that ${place} revokes: ${shortType(type)} ${fingerprintOf(blob)}`;
  return fault("HOST_KEY_REVOKED", { host, summary });
}

function certificateFault({ host }: Acquaintance, { place }: KnownHostsLine, wrong: string): ShareError {
  return fault("HOST_KEY_UNKNOWN", {
    host,
    summary: `the certificate of ${host}, signed by the authority in ${place}, is not taken: ${wrong}`,
    fix: "have the authority sign the host's key again (`ssh-keygen -s CA -h -n HOST ...`) and name the host as the certificate does",
  });
}

/** "ssh-ed25519" is said as ssh-keygen says it: ED25519. */
function shortType(type: string): string {
  return type
    .replace(/^ssh-|-cert-v01@openssh\.com$/g, "")
    .replace(/^ecdsa-sha2-/, "ECDSA ")
    .replace(/^(ed25519|rsa|dss)$/, (name) => name.toUpperCase());
}
