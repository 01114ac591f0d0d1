import type { ConnectionSpec } from "../src/spec/connection";
import { defined } from "../src/spec/defined";
import { mark } from "./internal/brands";
import { readProperties, type Shape, texts } from "./internal/property-kinds";
import { sshSpec } from "./internal/ssh-connection";

const localConnection: Shape<LocalConnectionOptions> = { path: texts("/usr/sbin") };

/** How to run commands on the machine that runs Terraform. */
export interface LocalConnectionOptions {
  /**
   * Directories (absolute) that are searched for `lfs`, `lctl` and `gluster` before the PATH.
   *
   * @default - the PATH of the process that runs Terraform
   */
  readonly path?: string[];
}

/** The command that gives root on a host, by its words. */
export interface SudoCommand {
  /** Put before every command, one word an entry: `["doas", "-n"]`. It must never ask for anything. */
  readonly argv: string[];
}

/**
 * How to reach a host over SSH. Only literals: a destroy hook cannot read references.
 *
 * What is left out comes from `~/.ssh/config` of the user who runs Terraform, then from the default. Host keys are always
 * checked. No property takes a secret: passwords and passphrases are named by the environment variable that holds them when
 * Terraform runs.
 *
 * @see ssh_config(5), sshd(8), sudo(8)
 */
export interface SshConnectionOptions {
  /** The host: a name, an IP address, or an alias of `~/.ssh/config`. Either this or `hosts`. */
  readonly host?: string;

  /**
   * Several hosts, of which one has the role now, such as the fail-over pair of an MGS. The first that can be reached and is what
   * its role needs is used: a client or MDS has this file system mounted, an MGS has its device up. A further server need only
   * answer. Not for a server of a GlusterFS cluster, which is one host.
   */
  readonly hosts?: string[];

  /**
   * TCP port, 1 to 65535.
   *
   * @default - `Port` of `~/.ssh/config`, else 22
   */
  readonly port?: number;

  /**
   * Name to log in with. Commands need root: this is root, or `sudo` is set.
   *
   * @default - `User` of `~/.ssh/config`, else the name of the user who runs Terraform
   */
  readonly user?: string;

  /**
   * File with a private key (Ed25519, ECDSA or RSA) on the machine that runs Terraform: absolute, or beginning with `~/`. It must
   * be readable by its owner only. Tried first.
   *
   * @default - without `agent` and `passwordFromEnv`: `IdentityFile` of `~/.ssh/config`, the agent, then `~/.ssh/id_ed25519`,
   * `id_ecdsa` and `id_rsa`; else none
   */
  readonly privateKeyPath?: string;

  /**
   * Name of the environment variable that holds the passphrase of the key file (`privateKeyPath`, or an `IdentityFile` of
   * `~/.ssh/config`). The name, not the passphrase.
   *
   * @default - none: the key is not encrypted
   */
  readonly passphraseFromEnv?: string;

  /**
   * The ssh-agent: true for the one of `SSH_AUTH_SOCK`, or the path of its socket. Tried after `privateKeyPath`.
   *
   * @default - as with `privateKeyPath`
   */
  readonly agent?: true | string;

  /**
   * Name of the environment variable that holds the password of the user. The name, not the password. Tried last, also where the
   * server asks for it by a prompt (keyboard-interactive).
   *
   * @default - none
   */
  readonly passwordFromEnv?: string;

  /**
   * File with the known host keys on the machine that runs Terraform, in place of all others: absolute, or beginning with `~/`.
   * Not together with `hostKey`.
   *
   * @default - `UserKnownHostsFile` of `~/.ssh/config`, else `~/.ssh/known_hosts` and `known_hosts2`; and
   * `/etc/ssh/ssh_known_hosts`
   */
  readonly knownHostsPath?: string;

  /**
   * The one key that the host has to show; no file is asked then. Its fingerprint as `ssh-keygen -l` prints it (`"SHA256:..."`),
   * or the public key (`"ssh-ed25519 AAAA..."`). Several `hosts` have to share it; where each has its own, use a known_hosts
   * file.
   *
   * @default - the host's key has to be in a known_hosts file, or signed by an authority that stands there
   */
  readonly hostKey?: string;

  /**
   * The host to go through, itself reached over SSH, by its own properties and with its own host key. Any depth. Nothing is run
   * on it.
   *
   * @default - `ProxyJump` of `~/.ssh/config`, else directly
   */
  readonly jump?: Connection;

  /**
   * How commands become root: `"none"`, `"sudo -n"`, or the words of another command. It runs each command for itself, so that a
   * sudoers file can confine them (`sharewright sudoers` prints one), and must need no password.
   *
   * @default "none"
   */
  readonly sudo?: "none" | "sudo -n" | SudoCommand;

  /**
   * Directories (absolute) of the host that are searched for `lfs`, `lctl` and `gluster` before its PATH.
   *
   * @default - the PATH that the user has on the host, then the usual directories of programs, `/usr/sbin` and `/sbin` included
   */
  readonly path?: string[];

  /**
   * Seconds until a host has answered, shown its key and let us in, for each host and try.
   *
   * @default 20
   */
  readonly connectTimeout?: number;

  /**
   * Seconds that a command may take which has no deadline of its own, as long ones have. It is ended then, and the hook fails.
   *
   * @default 60
   */
  readonly commandTimeout?: number;

  /**
   * Seconds between two signs of life while nothing else is sent. After three without an answer the connection counts as lost.
   *
   * @default 15
   */
  readonly keepalive?: number;
}

/**
 * How the executor reaches a host at deploy time.
 *
 * A connection is no part of what is deployed: changing it plans no change.
 */
export class Connection {
  /** The machine that runs Terraform. */
  static local(options: LocalConnectionOptions = {}): Connection {
    const { path } = readProperties({ property: "Connection.local" }, options, localConnection);
    return new Connection({ type: "local", ...defined({ path }) });
  }

  /**
   * A host over SSH: one connection for each host and hook, whatever the number of roles.
   *
   * @throws ShareSynthesisError for a token, a value that cannot be used, or properties that exclude each other; a text that may
   * be a secret is not repeated in it
   */
  static ssh(options: SshConnectionOptions): Connection {
    return new Connection(sshSpec(options));
  }

  private constructor(private readonly spec: ConnectionSpec) {
    mark(this, "Connection");
  }

  /** @internal The connection as the executor reads it. */
  toSpec(): ConnectionSpec {
    return this.spec;
  }
}
