// Connections for which `sharewright sudoers` prints no rules, and why.
import type { ConnectionSpec } from "../spec/connection";

export interface Without {
  roles: string[];
  why: string;
  /** What is to be said of rules; default: none are needed. */
  rules?: string;
}

export function wayOf(connection: ConnectionSpec): string {
  if (connection.type === "local") return "runs on this machine, without sudo";
  return connection.sudo ? "reached over SSH with sudo" : "reached over SSH without sudo";
}
