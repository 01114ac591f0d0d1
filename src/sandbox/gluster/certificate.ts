// X.509 certificates as small as GlusterFS needs them, so that the sandbox needs no openssl.
import { createSign, generateKeyPairSync, type KeyObject, randomBytes } from "node:crypto";

export interface Certificate {
  pem: string;
  key: string;
}

export interface Authority {
  certificate: Certificate;
  issue(commonName: string): Certificate;
}

const year = 365.25 * 24 * 3600 * 1000;
const years = 10;

export function makeAuthority(name: string): Authority {
  const keys = generateKeyPairSync("ec", { namedCurve: "P-256" });
  const make = (subject: string, publicKey: KeyObject, privateKey: KeyObject, isAuthority: boolean): Certificate => ({
    pem: pem("CERTIFICATE", certificate({ subject, issuer: name, publicKey, signer: keys.privateKey, isAuthority })),
    key: privateKey.export({ type: "pkcs8", format: "pem" }).toString(),
  });
  return {
    certificate: make(name, keys.publicKey, keys.privateKey, true),
    issue(commonName) {
      const own = generateKeyPairSync("ec", { namedCurve: "P-256" });
      return make(commonName, own.publicKey, own.privateKey, false);
    },
  };
}

interface Content {
  subject: string;
  issuer: string;
  publicKey: KeyObject;
  signer: KeyObject;
  isAuthority: boolean;
}

const ecdsaWithSha256 = Buffer.from("300a06082a8648ce3d040302", "hex");
const commonNameId = Buffer.from("0603550403", "hex");
const authorityExtension = Buffer.from("0603551d130101ff040530030101ff", "hex");

/** RFC 5280, section 4.1. */
function certificate({ subject, issuer, publicKey, signer, isAuthority }: Content): Buffer {
  const now = Date.now();
  const body = sequence(
    tagged(0xa0, Buffer.from([0x02, 0x01, 0x02])),
    tagged(0x02, Buffer.concat([Buffer.from([0x01]), randomBytes(8)])),
    ecdsaWithSha256,
    distinguishedName(issuer),
    sequence(utcTime(now - 3600_000), utcTime(now + years * year)),
    distinguishedName(subject),
    publicKey.export({ type: "spki", format: "der" }),
    ...(isAuthority ? [tagged(0xa3, sequence(sequence(authorityExtension)))] : []),
  );
  const signature = createSign("sha256").update(body).sign(signer);
  return sequence(body, ecdsaWithSha256, tagged(0x03, Buffer.concat([Buffer.from([0]), signature])));
}

function distinguishedName(commonName: string): Buffer {
  return sequence(tagged(0x31, sequence(commonNameId, tagged(0x0c, Buffer.from(commonName)))));
}

/** "261122101500Z" */
function utcTime(ms: number): Buffer {
  return tagged(0x17, Buffer.from(`${new Date(ms).toISOString().replace(/\D/g, "").slice(2, 14)}Z`));
}

function sequence(...parts: readonly Buffer[]): Buffer {
  return tagged(0x30, Buffer.concat(parts));
}

function tagged(tag: number, content: Buffer): Buffer {
  const { length } = content;
  const size = length < 0x80 ? [length] : length < 0x100 ? [0x81, length] : [0x82, length >> 8, length & 0xff];
  return Buffer.concat([Buffer.from([tag, ...size]), content]);
}

function pem(label: string, der: Buffer): string {
  const lines = der.toString("base64").match(/.{1,64}/g) ?? [];
  return `-----BEGIN ${label}-----\n${lines.join("\n")}\n-----END ${label}-----\n`;
}
