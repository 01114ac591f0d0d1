// What doctor says of connections: who answers, who vouches for it, how we got in, and what that user may do there.

import type { Check } from "../../core/check";
import { errorDocument, ShareError } from "../../core/errors";
import type { Host } from "../../core/host";
import { oneLine } from "../../core/printable";
import type { Transport } from "../../core/transport";
import { connectionFaults } from "../../transports/faults";
import type { SshFacts, SshTransport } from "../../transports/ssh";

/** One connection over SSH, by whichever roles it has. */
export interface ConnectionReport {
  roles: string[];
  facts?: SshFacts;
  error?: ReturnType<typeof errorDocument>;
}

export interface Connections {
  checks: Check[];
  reports: ConnectionReport[];
  /** Transports over which nothing can be run. */
  broken: ReadonlySet<Transport>;
}

/** Looks at all connections over SSH at once; those of this machine need no look. */
export async function checkConnections(hosts: readonly { role: string; transport: Transport }[]): Promise<Connections> {
  const rolesOf = new Map<Transport, Set<string>>();
  for (const { role, transport } of hosts)
    if (isSsh(transport)) rolesOf.set(transport, (rolesOf.get(transport) ?? new Set()).add(role));
  const broken = new Set<Transport>();
  const looked = await Promise.all(
    [...rolesOf].map(async ([transport, names]): Promise<{ checks: Check[]; report: ConnectionReport }> => {
      const roles = [...names];
      try {
        const facts = await (transport as SshTransport).facts();
        const checks = checksOf(roles.join(", "), facts);
        if (checks.some(({ verdict }) => verdict === "bad")) broken.add(transport);
        return { checks, report: { roles, facts } };
      } catch (error) {
        if (!ShareError.isShareError(error)) throw error;
        broken.add(transport);
        return { checks: [failure(roles.join(", "), error)], report: { roles, error: errorDocument(error) } };
      }
    }),
  );
  return { checks: looked.flatMap(({ checks }) => checks), reports: looked.map(({ report }) => report), broken };
}

/** A transport that can tell who it is connected to. */
function isSsh(transport: Transport): transport is SshTransport {
  return "facts" in transport;
}

function failure(roles: string, error: ShareError): Check {
  const { code, summary, said, fix } = error;
  const found = `${code}: ${[summary, said].filter(Boolean).join("; ")}`;
  return {
    id: idOf("connection", roles),
    about: `connection of ${roles}`,
    verdict: "bad",
    found: oneLine(found),
    fix: fix,
  };
}

function idOf(what: string, roles: string): string {
  return `${what}-${roles.replaceAll(/,? /g, "-")}`;
}

/** Pure. */
function checksOf(roles: string, facts: SshFacts): Check[] {
  const { address, user, server, hostKey, authentication, loginShell, uid } = facts;
  const check = (what: string, about: string, found: string): Check => ({
    id: idOf(what, roles),
    about: `${about} of ${roles}`,
    verdict: "good",
    found,
  });
  return [
    check("connection", "connection", `${user}@${address}, ${server}`),
    check("host-key", "host key", `${hostKey.type} ${hostKey.fingerprint}, vouched for by ${hostKey.vouchedBy}`),
    check("authentication", "authentication", authentication),
    check("login-shell", "login shell", `${loginShell || "unknown"}, uid ${uid || "unknown"}`),
    { ...check("sudo", "sudo", facts.sudo), ...sudoVerdict(facts) },
    check("clock", "clock", clockText(facts.clockOffsetMs)),
  ];
}

function sudoVerdict({ sudo, uid, user }: SshFacts): Partial<Check> {
  if (sudo === "works" || (sudo === "not used" && uid === "0")) return {};
  if (sudo === "not used") {
    const found = `not used, though ${user} is not root (uid ${uid}): most of what is run needs root; set sudo of the connection`;
    return { verdict: "unknown", found };
  }
  return { verdict: "bad", found: oneLine(sudo), fix: connectionFaults.SUDO_REFUSED.fix };
}

const noticeableMs = 5_000;

/** Nothing depends on it but times that are shown or counted in days. */
function clockText(offsetMs: number): string {
  if (!Number.isFinite(offsetMs)) return "cannot be read";
  if (Math.abs(offsetMs) <= noticeableMs) return "like this machine's";
  const seconds = Math.round(Math.abs(offsetMs) / 1000);
  return `${seconds} s ${offsetMs > 0 ? "ahead of" : "behind"} this machine's: ages of what is in the trash are wrong by as much`;
}

/** Whether all of these hosts can be used; else which check could not be made, and for whom. */
export function unlooked(
  id: string,
  broken: ReadonlySet<Transport>,
  hosts: readonly Pick<Host, "role" | "transport">[],
): Check | undefined {
  const away = hosts.filter(({ transport }) => broken.has(transport)).map(({ role }) => role);
  if (away.length === 0) return undefined;
  return { id, about: id, verdict: "unknown", found: `not looked at: see the connection of ${[...new Set(away)].join(", ")}` };
}
