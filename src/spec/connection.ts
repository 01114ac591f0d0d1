// How the executor reaches a host.
import * as z from "zod/mini";

const absolutePath = z.string().check(z.startsWith("/", "write an absolute path"));
/** A path on the machine that runs Terraform; "~/" is its user's home. */
const ownPath = z.string().check(z.regex(/^(~?\/|~$)/, 'write an absolute path, or one that begins with "~/"'));
const environmentName = z.string().check(z.regex(/^[A-Za-z_][A-Za-z0-9_]*$/, "write the name of an environment variable"));
const seconds = z.number().check(z.positive("write seconds above 0"), z.maximum(86_400, "write at most 86400 seconds"));
const words = z.array(z.string().check(z.regex(/^[^\0]+$/, "write words that are not empty")));

/** Directories searched for tools before the PATH. */
const path = z.optional(z.array(absolutePath));

/** The machine that runs Terraform. */
export const localConnectionSchema = z.strictObject({ type: z.literal("local"), path });

/** First character no dash: it must never look like an option to anybody. */
export const hostPattern = /^[A-Za-z0-9_\[][A-Za-z0-9._:%\]-]*$/;
export const hostRule = "write a host name, an IP address, or an alias of ~/.ssh/config";
export const userPattern = /^[A-Za-z0-9_][A-Za-z0-9._@\\-]*\$?$/;
export const userRule = "write a user name";
/** "SHA256:..." as ssh-keygen -l prints it, or a public key as in an id_*.pub or known_hosts: "ssh-ed25519 AAAA...". */
export const hostKeyPattern = /^(SHA256:[A-Za-z0-9+/]{43}=?|(ssh|ecdsa)-[a-z0-9-]+ [A-Za-z0-9+/]+=*( .*)?)$/;
export const hostKeyRule = 'write a fingerprint such as "SHA256:...", or a public key such as "ssh-ed25519 AAAA..."';

/** A host reached over SSH. Secrets only by reference: the name of an environment variable, a file, an agent. */
export const sshConnectionSchema = z.strictObject({
  type: z.literal("ssh"),
  /** The first one that answers and is what its role needs is used. */
  hosts: z.array(z.string().check(z.regex(hostPattern, hostRule))).check(z.minLength(1, "name at least one host")),
  port: z.optional(z.int().check(z.minimum(1), z.maximum(65_535))),
  user: z.optional(z.string().check(z.regex(userPattern, userRule))),
  privateKeyPath: z.optional(ownPath),
  passphraseFromEnv: z.optional(environmentName),
  /** Path of the agent's socket; "SSH_AUTH_SOCK" is the one of the environment. */
  agent: z.optional(z.string().check(z.regex(/^(SSH_AUTH_SOCK|~?\/.+)$/, 'write "SSH_AUTH_SOCK" or the path of a socket'))),
  passwordFromEnv: z.optional(environmentName),
  knownHostsPath: z.optional(ownPath),
  hostKey: z.optional(z.string().check(z.regex(hostKeyPattern, hostKeyRule))),
  /** The host to go through. */
  get jump() {
    return z.optional(sshConnectionSchema);
  },
  /** Words put before every command, such as ["sudo", "-n"]; absent: none. */
  sudo: z.optional(words.check(z.minLength(1))),
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
