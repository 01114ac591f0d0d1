// From the options of Connection.ssh to the connection that the executor reads, judged by the executor's own schema.
import { type ConnectionSpec, type SshConnectionSpec, sshConnectionSchema } from "../../src/spec/connection";
import * as errors from "./connection-errors";
import { isToken } from "./tokens";

/** @throws ShareSynthesisError naming the property as it is written in code. */
export function sshSpec(options: object): SshConnectionSpec {
  // A caller without types may pass anything.
  const given = definedOf({ ...options });
  const { host, hosts, jump, sudo, agent, ...rest } = given;
  for (const [property, value] of Object.entries({ ...given, ...argvOf(sudo) })) {
    if (isToken(value)) throw errors.connectionToken(property);
  }
  requireFitting(given);
  const spec = {
    type: "ssh",
    ...rest,
    hosts: hosts === undefined ? [host] : Array.isArray(hosts) ? [...hosts] : hosts,
    ...(agent === undefined ? {} : { agent: agent === true ? "SSH_AUTH_SOCK" : agent }),
    ...sudoWords(sudo),
    ...(jump === undefined ? {} : { jump: jumpSpec(jump) }),
  };
  const result = sshConnectionSchema.safeParse(spec);
  if (result.success) return result.data;
  const [issue] = result.error.issues;
  if (issue?.code === "unrecognized_keys") throw errors.unknownOption(String(issue.keys[0]));
  const [first, ...deeper] = (issue?.path ?? []).map(String);
  const property = first === "hosts" && hosts === undefined ? "host" : first === "sudo" ? "sudo.argv" : (first ?? "");
  throw errors.badOption(property, valueAt(spec, [first ?? "", ...deeper]), issue?.message ?? "");
}

/** Properties that only together are wrong, or missing. */
function requireFitting(given: Record<string, unknown>): void {
  if (given["host"] === undefined && given["hosts"] === undefined) throw errors.noHost();
  for (const [one, other, fix] of exclusive) {
    if (given[one] !== undefined && given[other] !== undefined) throw errors.excludeEachOther(one, other, fix);
  }
}

const exclusive = [
  ["host", "hosts", "write host for one host, hosts for several of which one has the role"],
  ["hostKey", "knownHostsPath", "write hostKey to pin one key, or knownHostsPath to look keys up in a file"],
] as const;

function argvOf(sudo: unknown): Record<string, unknown> {
  return typeof sudo === "object" && sudo !== null ? { "sudo.argv": (sudo as { argv?: unknown }).argv } : {};
}

function sudoWords(sudo: unknown): Record<string, unknown> {
  if (sudo === undefined || sudo === "none") return {};
  if (sudo === "sudo -n") return { sudo: ["sudo", "-n"] };
  const { "sudo.argv": argv } = argvOf(sudo);
  if (argv === undefined) throw errors.badSudo(sudo);
  return { sudo: Array.isArray(argv) ? [...argv] : argv };
}

function jumpSpec(jump: unknown): SshConnectionSpec {
  // No instanceof: an app may hold two copies of this package.
  const { toSpec } = (jump ?? {}) as { toSpec?: unknown };
  const spec = typeof toSpec === "function" ? (toSpec.call(jump) as ConnectionSpec) : undefined;
  if (spec?.type !== "ssh") throw errors.badJump(spec?.type);
  return spec;
}

function definedOf(options: object): Record<string, unknown> {
  return Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined));
}

function valueAt(value: unknown, path: readonly string[]): unknown {
  return path.reduce<unknown>((at, key) => (at as Record<string, unknown> | undefined)?.[key], value);
}
