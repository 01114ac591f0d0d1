// Makes ssh2 1.17, which knows no host certificates, take them. It reaches into internals of ssh2, as bounds.ts does for two lists.
//
// ssh2 offers only host key algorithms of a list, wants the type in the signature to be the one it negotiated, and cannot parse a certificate. So the
// names join the list; the function that parses a host key, which ssh2 picks up when it is first loaded, skips the certificate's nonce, behind which
// the fields of the plain key stand; and once a certificate is accepted the negotiated name becomes the plain one, with which its key signs.
// RSA certificates are left out: sshd hosts have had an ed25519 key for ten years, and ssh2 treats RSA apart in many more places.
import type { Client } from "ssh2";

const plainTypes: Record<string, string> = {
  "ssh-ed25519-cert-v01@openssh.com": "ssh-ed25519",
  "ecdsa-sha2-nistp256-cert-v01@openssh.com": "ecdsa-sha2-nistp256",
  "ecdsa-sha2-nistp384-cert-v01@openssh.com": "ecdsa-sha2-nistp384",
  "ecdsa-sha2-nistp521-cert-v01@openssh.com": "ecdsa-sha2-nistp521",
};

/** Types of host certificates that a server may be asked for. */
export const hostCertificateTypes: readonly string[] = Object.keys(plainTypes);

interface KeyParser {
  parseDERKey(data: Buffer, type: string): unknown;
}

/** Has to be awaited before ssh2 is loaded for the first time. */
export async function teachHostCertificates(): Promise<void> {
  const constants = moduleExports<{ SUPPORTED_SERVER_HOST_KEY: string[] }>(await import("ssh2/lib/protocol/constants.js"));
  const keyParser = moduleExports<KeyParser>(await import("ssh2/lib/protocol/keyParser.js"));
  const supported = constants.SUPPORTED_SERVER_HOST_KEY;
  if (supported.includes(hostCertificateTypes[0] ?? "")) return;
  supported.push(...hostCertificateTypes);
  const { parseDERKey } = keyParser;
  keyParser.parseDERKey = (data, type) => {
    const plain = plainTypes[type];
    return plain === undefined ? parseDERKey(data, type) : parseDERKey(data.subarray(4 + data.readUInt32BE(0)), plain);
  };
}

/** To be called by a host verifier that accepts this host certificate. */
export function expectSignatureOfPlainKey(client: Client, certificateType: string): void {
  const { negotiated } = (client as unknown as { _protocol: { _kex: { negotiated: { serverHostKey: string } } } })._protocol._kex;
  negotiated.serverHostKey = plainTypes[certificateType] ?? certificateType;
}

/** The `module.exports` of a CommonJS file, whose names Node does not all find when it is imported. */
export function moduleExports<T>(imported: unknown): T {
  const { default: exported } = imported as { default?: T };
  return exported ?? (imported as T);
}
