// Certificates of the hosts of a cluster: what is in their files, and whether they let each other in. Keys are never read.
//
// A brick lets in whoever shows a certificate of its CA file, and then compares its common name with the list of names. Servers are each other's
// clients too: for self-heal, and for the quota daemon.

import type { X509Certificate } from "node:crypto";
import { bad, type Check, good, unknown } from "../../core/check";
import { crypto } from "../../core/crypto";
import type { Looks } from "../../core/looks";
import { defined } from "../../spec/defined";
import { commonNamePattern, commonNameRule, isInfrastructureName } from "../../spec/gluster";
import * as cli from "./cli";

/** Where builds of GlusterFS look, unless told otherwise: that of Debian 12 in the second. */
export const defaultDirectories = ["/etc/ssl", "/usr/lib/ssl"] as const;

/** What one directory holds; absent: no such file. */
export interface TlsFiles {
  directory: string;
  /** Text of glusterfs.pem: the host's certificate, and any between it and the CA. */
  certificate?: string;
  /** Text of glusterfs.ca. */
  authorities?: string;
  /** Whether glusterfs.key can be read. */
  key: boolean;
}

/** A host, with what its directories hold. */
export interface TlsHost {
  /** Part of the ids of its checks. */
  id: string;
  /** For people: "server s1". */
  about: string;
  isServer: boolean;
  found: readonly TlsFiles[];
}

export function askTlsFiles(looks: Looks, directories: readonly string[]): () => TlsFiles[] {
  const asked = directories.map((directory) => {
    const text = (file: string) => looks.ask(cli.certificate(`${directory}/${file}`), readText);
    const key = looks.ask(cli.isReadable(`${directory}/glusterfs.key`), ({ exitCode }) => exitCode === 0);
    return { directory, certificate: text("glusterfs.pem"), authorities: text("glusterfs.ca"), key };
  });
  return () =>
    asked.map(({ directory, certificate, authorities, key }) => {
      const [pem, ca] = [certificate(), authorities()];
      return {
        directory,
        ...defined({ certificate: pem, authorities: ca }),
        key: key() === true,
      };
    });
}

function readText({ exitCode, stdout }: { exitCode: number | null; stdout: string }): string | undefined {
  return exitCode === 0 ? stdout : undefined;
}

interface TlsVerdict {
  checks: Check[];
  /** Common name of each host whose certificate has one that can be allowed, by the id of the host. */
  names: Map<string, string>;
}

/** Pure. `patterns` are the infrastructureNames of the cluster. */
export function judgeTls(hosts: readonly TlsHost[], patterns: readonly string[], now: Date): TlsVerdict {
  const read = hosts.map((host) => readHost(host));
  const identities = read.flatMap(({ identity }) => identity ?? []);
  const named = identities.map((identity) => ({ identity, name: nameOf(identity.own) }));
  return {
    checks: [
      ...read.map(({ check }) => check),
      ...identities.map((identity) => datesCheck(identity, now)),
      ...named.map(({ identity, name }) => nameCheck(identity, name, patterns)),
      ...sameAuthorities(identities.filter(({ host }) => host.isServer)),
      ...trustCheck(identities, now),
    ],
    names: new Map(
      // Any other would be compared as a pattern once it is in a list of names.
      named.flatMap(({ identity, name }) =>
        name !== undefined && commonNamePattern.test(name) ? [[identity.host.id, name]] : [],
      ),
    ),
  };
}

// ---- files -----------------------------------------------------------------------------------------------------------------

interface Identity {
  host: TlsHost;
  own: X509Certificate;
  between: X509Certificate[];
  authorities: X509Certificate[];
}

function readHost(host: TlsHost): { check: Check; identity?: Identity } {
  const id = `tls-files-${host.id}`;
  const about = `TLS files of ${host.about}`;
  const directories = host.found.map(({ directory }) => directory);
  const wrong = (found: string) => ({
    check: bad(
      id,
      about,
      found,
      "put the certificate of the host, its key and its CA there as glusterfs.pem, glusterfs.key and glusterfs.ca, or name their directory in certificateDirectory of the cluster",
    ),
  });
  const [files, other] = filesIn(host.found);
  if (!files) return wrong(`there is neither glusterfs.pem nor .key nor .ca in ${directories.join(" or ")}`);
  if (other) {
    const found = `${files.directory} and ${other.directory} differ, and in which of them gluster looks cannot be seen; certificateDirectory of the cluster tells`;
    return { check: unknown(id, about, found) };
  }
  const { directory, certificate, authorities, key } = files;
  if (certificate === undefined || authorities === undefined || !key) {
    const missing = [
      ...(certificate === undefined ? ["glusterfs.pem"] : []),
      ...(key ? [] : ["glusterfs.key"]),
      ...(authorities === undefined ? ["glusterfs.ca"] : []),
    ];
    return wrong(`${missing.join(", ")} cannot be read in ${directory}`);
  }
  const [own, ...between] = certificatesIn(certificate);
  const trusted = certificatesIn(authorities);
  if (!own) return wrong(`${directory}/glusterfs.pem holds no certificate`);
  if (trusted.length === 0) return wrong(`${directory}/glusterfs.ca holds no certificate`);
  return { check: good(id, about, `in ${directory}`), identity: { host, own, between, authorities: trusted } };
}

/** Those that hold anything; the same files in several directories are one. */
function filesIn(found: readonly TlsFiles[]): TlsFiles[] {
  const present = found.filter(
    ({ certificate, authorities, key }) => certificate !== undefined || authorities !== undefined || key,
  );
  const content = ({ certificate, authorities, key }: TlsFiles) => JSON.stringify([certificate, authorities, key]);
  return present.filter((files, index) => present.findIndex((other) => content(other) === content(files)) === index);
}

function certificatesIn(text: string): X509Certificate[] {
  const blocks = text.match(/-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g) ?? [];
  return blocks.flatMap((block) => {
    try {
      return [new (crypto().X509Certificate)(block)];
    } catch {
      return [];
    }
  });
}

// ---- dates and names -------------------------------------------------------------------------------------------------------

function datesCheck({ host, own }: Identity, now: Date): Check {
  const id = `tls-dates-${host.id}`;
  const about = `certificate of ${host.about}`;
  const fix = "renew it, or set the clock right";
  if (now > dateOf(own.validTo)) return bad(id, about, `expired on ${day(own.validTo)}`, fix);
  if (now < dateOf(own.validFrom)) return bad(id, about, `is not valid before ${day(own.validFrom)}`, fix);
  const days = Math.floor((dateOf(own.validTo).getTime() - now.getTime()) / 86_400_000);
  return good(id, about, `valid until ${day(own.validTo)}${days < soonDays ? `, which is in ${days} days: renew it` : ""}`);
}

const soonDays = 30;

/** As OpenSSL prints it: "Nov 24 10:31:17 2026 GMT". */
function dateOf(text: string): Date {
  return new Date(text);
}

function day(text: string): string {
  return dateOf(text).toISOString().slice(0, 10);
}

function isValid(certificate: X509Certificate, now: Date): boolean {
  return now >= dateOf(certificate.validFrom) && now <= dateOf(certificate.validTo);
}

/** glusterfsd compares the first of several. */
function nameOf(certificate: X509Certificate): string | undefined {
  const names: unknown = certificate.toLegacyObject().subject?.CN;
  const [first] = [names].flat();
  return typeof first === "string" && first !== "" ? first : undefined;
}

function nameCheck({ host }: Identity, name: string | undefined, patterns: readonly string[]): Check {
  const id = `tls-name-${host.id}`;
  const about = `common name of ${host.about}`;
  if (name === undefined || !commonNamePattern.test(name)) {
    const found = name === undefined ? "its certificate has none" : `"${name}" cannot be allowed safely`;
    return bad(id, about, found, `give it a certificate with ${commonNameRule}`);
  }
  if (!isInfrastructureName(name, patterns)) {
    const found = `${name}, which is none of infrastructureNames (${patterns.join(", ")}): shares would shut it out`;
    return bad(id, about, found, `add "${name}" to infrastructureNames of the cluster`);
  }
  return good(id, about, name);
}

// ---- trust -----------------------------------------------------------------------------------------------------------------

/** Else a client would be let in by some bricks only. */
function sameAuthorities(servers: readonly Identity[]): Check[] {
  const [first, ...rest] = servers;
  if (!first) return [];
  const [id, about] = ["tls-ca", "CA of the servers"];
  const content = ({ authorities }: Identity) =>
    [...new Set(authorities.map(({ fingerprint256 }) => fingerprint256))].sort().join();
  const other = rest.filter((identity) => content(identity) !== content(first)).map(({ host }) => host.about);
  if (other.length === 0) return [good(id, about, rest.length === 0 ? "there is one server" : "the same on all")];
  const found = `glusterfs.ca of ${other.join(", ")} holds other certificates than that of ${first.host.about}: some bricks would let in whom others refuse`;
  return [bad(id, about, found, "put the same glusterfs.ca on all servers, and restart their glusterd and bricks")];
}

/** Servers have to let in each other and the host that mounts, which in turn has to take them for what they are. */
function trustCheck(identities: readonly Identity[], now: Date): Check[] {
  const pairs = identities.flatMap((one) => identities.map((other) => [one, other] as const));
  const wrong = pairs
    .filter(([one, other]) => one.host.isServer || other.host.isServer)
    .filter(([one, other]) => !trusts(one, other, now))
    .map(
      ([one, other]) =>
        `the CA of ${one.host.about} did not sign ${one === other ? "its own certificate" : `that of ${other.host.about}`}`,
    );
  if (identities.length === 0) return [];
  const [id, about] = ["tls-trust", "certificates signed by the CA"];
  if (wrong.length === 0) return [good(id, about, "all of them")];
  const found = `${wrong.join("; ")}; or the CA has expired`;
  return [bad(id, about, found, "sign all certificates by one CA, and put its certificate, up to the root, into glusterfs.ca")];
}

const maxChain = 10;

/** Whether a chain leads from the certificate of one to a root that the other trusts. */
function trusts({ authorities }: Identity, { own, between }: Identity, now: Date): boolean {
  let at = own;
  for (let length = 0; length < maxChain; length += 1) {
    const trusted = authorities.filter((one) => isValid(one, now));
    // Many give each host a certificate signed by itself, and list all of them.
    if (at.subject === at.issuer) return trusted.some(({ fingerprint256 }) => fingerprint256 === at.fingerprint256);
    const signer = [...trusted, ...between.filter((one) => isValid(one, now))].find(
      (one) => at.checkIssued(one) && at.verify(one.publicKey),
    );
    if (!signer) return false;
    at = signer;
  }
  return false;
}
