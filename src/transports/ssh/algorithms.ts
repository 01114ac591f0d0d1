// What is offered to a server. SHA-1, CBC and DSA are not: OpenSSH has switched them off as well.
import { keyTypes } from "./public-key";
import { hostCertificateTypes } from "./ssh2-certificates";

/** ECDH first: cheapest. */
const kex = [
  "curve25519-sha256",
  "curve25519-sha256@libssh.org",
  "ecdh-sha2-nistp256",
  "ecdh-sha2-nistp384",
  "ecdh-sha2-nistp521",
  "diffie-hellman-group-exchange-sha256",
  "diffie-hellman-group16-sha512",
  "diffie-hellman-group14-sha256",
] as const;

const cipher = [
  "aes128-gcm@openssh.com",
  "aes256-gcm@openssh.com",
  "chacha20-poly1305@openssh.com",
  "aes128-ctr",
  "aes192-ctr",
  "aes256-ctr",
] as const;

const hmac = ["hmac-sha2-256-etm@openssh.com", "hmac-sha2-512-etm@openssh.com", "hmac-sha2-256", "hmac-sha2-512"] as const;

export interface HostKeyWishes {
  /** Types of the keys known for the host: asked for first, so that a server with several keys shows one that is known. */
  known: ReadonlySet<string>;
  /** Whether a certificate authority is known for the host. */
  certificates: boolean;
  /** Types already seen and found not to be the wanted key. */
  not: ReadonlySet<string>;
}

export function algorithms(wishes: HostKeyWishes) {
  const types = keyTypes.filter((type) => !wishes.not.has(type));
  const ordered = [...types.filter((type) => wishes.known.has(type)), ...types.filter((type) => !wishes.known.has(type))];
  const plain = ordered.flatMap((type) => (type === "ssh-rsa" ? ["rsa-sha2-512", "rsa-sha2-256"] : [type]));
  return {
    kex: [...kex],
    cipher: [...cipher],
    hmac: [...hmac],
    compress: ["none" as const],
    serverHostKey: [...(wishes.certificates ? hostCertificateTypes : []), ...plain],
  };
}
