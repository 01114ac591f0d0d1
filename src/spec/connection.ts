// How the executor reaches a host. Messages say what to write, for both sides.
import * as z from "zod/mini";
import { matching } from "./message";

const text = (pattern: RegExp, rule: string) => z.string(rule).check(matching(pattern, rule));
/** ":" would make two directories of one in a PATH. */
const directory = text(/^\/[^:\0\n]*$/, 'write absolute paths without ":"');
/** A path on the machine that runs Terraform; "~/" is its user's home. */
const ownPath = text(/^(\/|~\/)[^\0\n]*$/, 'write an absolute path, or one that begins with "~/"');
const environmentName = text(
  /^[A-Za-z_][A-Za-z0-9_]*$/,
  "write the name of an environment variable, such as STORAGE_PASSWORD, and put the secret into that variable",
);
const secondsRule = "write seconds, above 0 and at most 86400";
const seconds = z.number(secondsRule).check(z.positive(secondsRule), z.maximum(86_400, secondsRule));
const portRule = "write a whole number from 1 to 65535";
const port = z.int(portRule).check(z.minimum(1, portRule), z.maximum(65_535, portRule));

/** A name begins with no dash: it must never look like an option to anybody. With a colon it is an IPv6 address. */
const hostPattern =
  /^([A-Za-z0-9_][A-Za-z0-9._-]*|(?=[^%\]]*:[^%\]]*:)(\[[0-9A-Fa-f:.]+(%[\w.-]+)?\]|[0-9A-Fa-f:.]+(%[\w.-]+)?))$/;
const host = text(
  hostPattern,
  "write a host name, an IP address, or an alias of ~/.ssh/config; user and port are properties of their own",
);
const user = text(/^[A-Za-z0-9_][A-Za-z0-9._@\\-]*\$?$/, "write a user name");

/** "SHA256:..." as `ssh-keygen -l` prints it, or a public key as in an id_*.pub or known_hosts: "ssh-ed25519 AAAA...". */
const hostKeyPattern = /^(SHA256:[A-Za-z0-9+/]{43}=?|(ssh|ecdsa)-[a-z0-9-]+ [A-Za-z0-9+/]+=*( [^\n]*)?)$/;
const hostKeyRule = 'write a fingerprint such as "SHA256:...", or a public key such as "ssh-ed25519 AAAA..."';
const hostKey = z.string(hostKeyRule).check(z.refine((key) => hostKeyPattern.test(key) && isWholeKey(key), hostKeyRule));

const sudoRule = 'write one word an entry, such as ["sudo", "-n"]';
const sudo = z
  .array(text(/^[^\0]+$/, sudoRule), sudoRule)
  .check(z.refine(([command]) => command !== undefined && !/\s/.test(command), sudoRule));

/** Directories searched for tools before the PATH. */
const path = z.optional(z.array(directory, "write a list of directories"));

/** The machine that runs Terraform. */
const localConnectionSchema = z.strictObject({ type: z.literal("local"), path });

/** A host reached over SSH. Secrets only by reference: the name of an environment variable, a file, an agent. */
export const sshConnectionSchema = z.strictObject({
  type: z.literal("ssh"),
  /** The first one that answers and is what its role needs is used. */
  hosts: z.array(host, "write a list of hosts").check(z.minLength(1, "name at least one host")),
  port: z.optional(port),
  user: z.optional(user),
  privateKeyPath: z.optional(ownPath),
  passphraseFromEnv: z.optional(environmentName),
  /** Path of the agent's socket; "SSH_AUTH_SOCK" is the one of the environment. */
  agent: z.optional(text(/^(SSH_AUTH_SOCK|~?\/[^\0\n]+)$/, "write true for the agent of SSH_AUTH_SOCK, or the path of a socket")),
  passwordFromEnv: z.optional(environmentName),
  knownHostsPath: z.optional(ownPath),
  hostKey: z.optional(hostKey),
  /** The host to go through. */
  get jump() {
    return z.optional(sshConnectionSchema);
  },
  /** Words put before every command, such as ["sudo", "-n"]; absent: none. */
  sudo: z.optional(sudo),
  path,
  /** Seconds until TCP, handshake and authentication are done, each host and try. Default: 20. */
  connectTimeout: z.optional(seconds),
  /** Seconds that a command may take which has no deadline of its own. Default: 60. */
  commandTimeout: z.optional(seconds),
  /** Seconds between signs of life; after three without an answer the connection is lost. Default: 15. */
  keepalive: z.optional(seconds),
});
export type SshConnectionSpec = z.infer<typeof sshConnectionSchema>;

export const connectionSchema = z.discriminatedUnion("type", [localConnectionSchema, sshConnectionSchema]);
export type ConnectionSpec = z.infer<typeof connectionSchema>;

/** A host with a mount point of its own. */
export const mountedConnectionSchema = z.strictObject({
  connection: connectionSchema,
  mountPoint: z.optional(z.string()),
});

/** False for a public key that was cut off, or whose bytes are of another type than its name: no host could ever show it. */
function isWholeKey(text: string): boolean {
  if (text.startsWith("SHA256:")) return true;
  const [type = "", base64 = ""] = text.split(" ");
  const blob = Buffer.from(base64, "base64");
  let fields = 0;
  let at = 0;
  for (; at + 4 <= blob.length; fields += 1) at += 4 + blob.readUInt32BE(at);
  return at === blob.length && fields > 1 && blob.toString("latin1", 4, 4 + type.length) === type;
}
