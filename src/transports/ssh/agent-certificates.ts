// The user certificates that an ssh-agent holds, which ssh2 leaves out of its list of keys.
import { blobReader, typeOf } from "./public-key";

const identitiesAnswer = 12;

/** "ssh-ed25519-cert-v01@openssh.com (COMMENT)"; none in what is no list of identities. `message`: with its length before it. */
export function certificatesIn(message: Buffer): string[] {
  try {
    const answer = blobReader(message).bytes();
    if (answer[0] !== identitiesAnswer) return [];
    const fields = blobReader(answer.subarray(1));
    const names: string[] = [];
    for (let left = fields.uint32(); left > 0; left -= 1) {
      const [type, comment] = [typeOf(fields.bytes()), fields.text()];
      if (type.endsWith("-cert-v01@openssh.com")) names.push(`${type} (${comment})`);
    }
    return names;
  } catch {
    return [];
  }
}
