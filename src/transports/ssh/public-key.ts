// Public keys as SSH writes them (RFC 4253 section 6.6): a blob that begins with its own type.
import { createHash } from "node:crypto";

/** Types of keys that are used, of hosts and of users. */
export const keyTypes = ["ssh-ed25519", "ecdsa-sha2-nistp256", "ecdsa-sha2-nistp384", "ecdsa-sha2-nistp521", "ssh-rsa"];

/** Reads the fields of a blob one after the other; throws where it is too short. */
export function blobReader(blob: Buffer) {
  let at = 0;
  const take = (length: number): Buffer => {
    if (length > blob.length - at) throw new RangeError("the blob is too short");
    at += length;
    return blob.subarray(at - length, at);
  };
  const uint32 = () => take(4).readUInt32BE();
  return {
    uint32,
    uint64: () => take(8).readBigUInt64BE(),
    bytes: () => take(uint32()),
    text: () => take(uint32()).toString("utf8"),
    /** How many bytes have been read. */
    position: () => at,
    atEnd: () => at === blob.length,
  };
}

/** "" of what is no blob. */
export function typeOf(blob: Buffer): string {
  try {
    return blobReader(blob).text();
  } catch {
    return "";
  }
}

/** As `ssh-keygen -l` prints it. */
export function fingerprintOf(blob: Buffer): string {
  return `SHA256:${createHash("sha256").update(blob).digest("base64").replace(/=+$/, "")}`;
}
