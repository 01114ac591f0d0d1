import type { ConnectionSpec } from "../src/spec/connection";

/** How to run commands on the machine that runs Terraform. */
export interface LocalConnectionOptions {
  /**
   * Directories (absolute) that are searched for `lfs` and `lctl` before the PATH.
   *
   * @default - the PATH of the process that runs Terraform
   */
  readonly path?: string[];
}

/**
 * How the executor reaches a host at deploy time.
 *
 * A connection is no part of what is deployed: changing it plans no change.
 */
export class Connection {
  /** The machine that runs Terraform. */
  static local(options: LocalConnectionOptions = {}): Connection {
    return new Connection({ type: "local", ...(options.path === undefined ? {} : { path: [...options.path] }) });
  }

  private constructor(private readonly spec: ConnectionSpec) {}

  /** @internal The connection as the executor reads it. */
  toSpec(): ConnectionSpec {
    return this.spec;
  }
}
