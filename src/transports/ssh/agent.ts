// An ssh-agent that hiccups is asked again: nothing has happened on any host meanwhile.
import { setTimeout as pause } from "node:timers/promises";
import type { BaseAgent, ParsedKey, SigningRequestOptions } from "ssh2";
import { certificatesIn } from "./agent-certificates";
import { nameOfKey } from "./private-key";
import type { Ssh2 } from "./ssh2";

const tries = 3;

type Callback<T> = (error: Error | null | undefined, value?: T) => void;

/** `only`: public keys that may be offered; undefined: all it holds. */
export function patientAgent(ssh2: Ssh2, socket: string, path: string, only?: Buffer[]) {
  const agent = ssh2.createAgent(socket) as BaseAgent<ParsedKey>;
  const getIdentities = agent.getIdentities.bind(agent);
  const sign = agent.sign.bind(agent);
  let held: number | undefined;
  let signedWith: string | undefined;
  let complaint: string | undefined;
  let answer: Buffer[] = [];
  let certificates: string[] = [];

  // Listens in: one question is enough for keys and certificates.
  const getStream = agent.getStream?.bind(agent);
  agent.getStream = (callback) =>
    getStream?.((error, stream) => {
      answer = [];
      stream?.on("data", (chunk: Buffer) => answer.push(chunk));
      callback(error, stream);
    });
  agent.getIdentities = ((callback: Callback<ParsedKey[]>) => {
    again(() => asPromise<ParsedKey[]>((done) => getIdentities(done as never))).then(
      (keys) => {
        held = keys.length;
        certificates = certificatesIn(Buffer.concat(answer));
        callback(null, only ? keys.filter((key) => only.some((blob) => blob.equals(key.getPublicSSH()))) : keys);
      },
      (error: Error) => {
        complaint = error.message;
        callback(error);
      },
    );
  }) as typeof agent.getIdentities;

  agent.sign = ((key: ParsedKey, data: Buffer, options: SigningRequestOptions, callback: Callback<Buffer>) => {
    // Without a hash ssh2 would ask the agent for SHA-1.
    if (key.type === "ssh-rsa" && options.hash !== "sha256" && options.hash !== "sha512") {
      callback(new Error("the server takes RSA signatures with SHA-1 only"));
      return;
    }
    again(() => asPromise<Buffer>((done) => sign(key, data, options, done as never))).then(
      (signature) => {
        signedWith = nameOfKey(key);
        callback(null, signature);
      },
      (error: Error) => {
        complaint = `${nameOfKey(key)}: ${error.message}`;
        callback(error);
      },
    );
  }) as typeof agent.sign;

  const say = () => {
    if (signedWith) return `agent ${path}: ${signedWith}`;
    if (complaint) return `agent ${path} (${complaint})`;
    if (held === undefined) return `agent ${path}`;
    const unused =
      certificates.length === 0 ? "" : `; it holds user certificates, which are not used: ${certificates.join(", ")}`;
    return `agent ${path} with ${held} ${held === 1 ? "key" : "keys"}${unused}`;
  };
  return { agent, say };
}

async function again<T>(ask: () => Promise<T>): Promise<T> {
  for (let left = tries - 1; ; left -= 1) {
    try {
      return await ask();
    } catch (error) {
      if (left === 0) throw error;
      await pause(50 + Math.random() * 100);
    }
  }
}

function asPromise<T>(ask: (done: Callback<T>) => void): Promise<T> {
  return new Promise((resolve, reject) => ask((error, value) => (error ? reject(error) : resolve(value as T))));
}
