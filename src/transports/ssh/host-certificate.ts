// OpenSSH host certificates (PROTOCOL.certkeys of OpenSSH): read, and checked as ssh checks them. Pure.
import { createPublicKey, type KeyObject, verify } from "node:crypto";
import { blobReader, typeOf } from "./public-key";

export interface HostCertificate {
  type: string;
  /** The key that it certifies, as a blob. */
  key: Buffer;
  /** The key of the authority that signed it, as a blob. */
  authority: Buffer;
  kind: number;
  principals: string[];
  /** Seconds since 1970. */
  validAfter: bigint;
  validBefore: bigint;
  criticalOptions: Buffer;
  signed: Buffer;
  signature: Buffer;
}

const hostKind = 2;
const suffix = "-cert-v01@openssh.com";

/** undefined of what is no certificate; throws of a broken one. */
export function readHostCertificate(blob: Buffer): HostCertificate | undefined {
  const type = typeOf(blob);
  if (!type.endsWith(suffix)) return undefined;
  const plain = type.slice(0, -suffix.length);
  const fields = blobReader(blob);
  fields.bytes(); // type
  fields.bytes(); // nonce
  const from = fields.position();
  fields.bytes();
  if (plain.startsWith("ecdsa-")) fields.bytes(); // after the curve, the point
  const key = Buffer.concat([lengthOf(plain), Buffer.from(plain), blob.subarray(from, fields.position())]);
  fields.uint64(); // serial
  const kind = fields.uint32();
  fields.bytes(); // key id
  const principals = listOf(fields.bytes());
  const validAfter = fields.uint64();
  const validBefore = fields.uint64();
  const criticalOptions = fields.bytes();
  fields.bytes(); // extensions
  fields.bytes(); // reserved
  const authority = fields.bytes();
  const signed = blob.subarray(0, fields.position());
  const signature = fields.bytes();
  if (!fields.atEnd()) throw new RangeError("bytes behind the certificate");
  return { type, key, authority, kind, principals, validAfter, validBefore, criticalOptions, signed, signature };
}

/** What is wrong with it for a host of this name; undefined when nothing is. Whether the authority is known is not asked here. */
export function faultOfHostCertificate(certificate: HostCertificate, name: string, nowMs: number): string | undefined {
  const { kind, principals, validAfter, validBefore, criticalOptions } = certificate;
  const now = BigInt(Math.floor(nowMs / 1000));
  if (kind !== hostKind) return "it is no host certificate";
  // An authority may sign for everybody so; as ssh does lately, nobody is taken for meant.
  if (principals.length === 0) return "it names no hosts";
  if (!principals.includes(name)) return `it is for ${principals.join(", ")}, not for ${name}`;
  if (now < validAfter) return `it is valid only from ${dateOf(validAfter)} on`;
  if (now >= validBefore) return `it expired on ${dateOf(validBefore)}`;
  if (criticalOptions.length > 0) return "it has critical options, which are not known";
  if (!isSignedByAuthority(certificate)) return "the signature of its authority is wrong or of a kind that is not taken";
  return undefined;
}

function isSignedByAuthority({ authority, signed, signature }: HostCertificate): boolean {
  try {
    const fields = blobReader(signature);
    const algorithm = fields.text();
    const value = fields.bytes();
    const type = typeOf(authority);
    if (type === "ssh-ed25519") return algorithm === type && verify(null, signed, ed25519Key(authority), value);
    // The old algorithm "ssh-rsa" signs SHA-1.
    if (type === "ssh-rsa")
      return rsaHashes[algorithm] !== undefined && verifyRsa(rsaHashes[algorithm], signed, authority, value);
    const curve = curves[type];
    if (!curve || algorithm !== type) return false;
    const key = { key: ecdsaKey(authority, curve), dsaEncoding: "ieee-p1363" as const };
    return verify(curve.hash, signed, key, flatSignature(value, curve.bytes));
  } catch {
    return false;
  }
}

const rsaHashes: Record<string, string | undefined> = { "rsa-sha2-256": "sha256", "rsa-sha2-512": "sha512" };

interface Curve {
  name: string;
  hash: string;
  bytes: number;
}

const curves: Record<string, Curve | undefined> = {
  "ecdsa-sha2-nistp256": { name: "P-256", hash: "sha256", bytes: 32 },
  "ecdsa-sha2-nistp384": { name: "P-384", hash: "sha384", bytes: 48 },
  "ecdsa-sha2-nistp521": { name: "P-521", hash: "sha512", bytes: 66 },
};

function ed25519Key(blob: Buffer): KeyObject {
  const fields = blobReader(blob);
  fields.bytes();
  return keyOf({ kty: "OKP", crv: "Ed25519", x: base64url(fields.bytes()) });
}

function ecdsaKey(blob: Buffer, { name, bytes }: Curve): KeyObject {
  const fields = blobReader(blob);
  fields.bytes();
  fields.bytes();
  const point = fields.bytes();
  if (point[0] !== 4 || point.length !== 1 + 2 * bytes) throw new RangeError("the point is compressed or broken");
  return keyOf({ kty: "EC", crv: name, x: base64url(point.subarray(1, 1 + bytes)), y: base64url(point.subarray(1 + bytes)) });
}

function verifyRsa(hash: string, signed: Buffer, authority: Buffer, value: Buffer): boolean {
  const fields = blobReader(authority);
  fields.bytes();
  const e = unsigned(fields.bytes());
  const n = unsigned(fields.bytes());
  // As short as OpenSSH wants it at least.
  if (n.length < 128 || value.length > n.length) return false;
  return verify(hash, signed, keyOf({ kty: "RSA", e: base64url(e), n: base64url(n) }), padded(value, n.length));
}

/** r and s as numbers of the same length, one behind the other. */
function flatSignature(value: Buffer, bytes: number): Buffer {
  const fields = blobReader(value);
  return Buffer.concat([padded(unsigned(fields.bytes()), bytes), padded(unsigned(fields.bytes()), bytes)]);
}

const keyOf = (key: object): KeyObject => createPublicKey({ key: key as import("node:crypto").JsonWebKey, format: "jwk" });
const base64url = (bytes: Buffer) => bytes.toString("base64url");
const padded = (bytes: Buffer, length: number) => Buffer.concat([Buffer.alloc(Math.max(0, length - bytes.length)), bytes]);

/** Without the zeros that keep a number from looking negative. */
function unsigned(bytes: Buffer): Buffer {
  const first = bytes.findIndex((byte) => byte !== 0);
  return first < 0 ? Buffer.alloc(0) : bytes.subarray(first);
}

function listOf(bytes: Buffer): string[] {
  const fields = blobReader(bytes);
  const list: string[] = [];
  while (!fields.atEnd()) list.push(fields.text());
  return list;
}

function lengthOf(text: string): Buffer {
  const length = Buffer.alloc(4);
  length.writeUInt32BE(Buffer.byteLength(text));
  return length;
}

/** "forever" is the largest number there is, for which there is no date. */
function dateOf(seconds: bigint): string {
  const milliseconds = Number(seconds) * 1000;
  return milliseconds > 8.64e15 ? "no day" : new Date(milliseconds).toISOString();
}
