// The user certificates that an ssh-agent holds, which ssh2 leaves out of its list of keys.
import { connect } from "node:net";
import { blobReader, typeOf } from "./public-key";

const requestIdentities = Buffer.from([0, 0, 0, 1, 11]);
const identitiesAnswer = 12;
const maxBytes = 256 * 1024;
const withinMs = 2000;

/** "ssh-ed25519-cert-v01@openssh.com (COMMENT)"; none where the agent does not say. */
export function agentCertificates(path: string): Promise<string[]> {
  return new Promise((resolve) => {
    let said = Buffer.alloc(0);
    const stream = connect({ path });
    const settle = (names: string[]) => {
      stream
        .removeAllListeners()
        .on("error", () => {})
        .destroy();
      resolve(names);
    };
    stream.setTimeout(withinMs, () => settle([]));
    stream.on("error", () => settle([])).on("close", () => settle([]));
    stream.on("data", (chunk: Buffer) => {
      said = Buffer.concat([said, chunk]);
      if (said.length > maxBytes) settle([]);
      else if (said.length >= 4 && said.length >= 4 + said.readUInt32BE()) settle(certificatesIn(said.subarray(4)));
    });
    stream.write(requestIdentities);
  });
}

function certificatesIn(answer: Buffer): string[] {
  try {
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
