// A try to connect that failed: what to say of it, and whether to try again.
import type { ShareError } from "../../core/errors";
import { fault } from "../faults";
import type { AuthenticationProgress } from "./authentication-progress";
import type { Endpoint } from "./endpoint";

export interface Failure {
  error: ShareError;
  /** Whether another try may end better: nothing has happened on the host yet, but not every refusal is a mishap. */
  again: "never" | "once" | "yes";
  /** The type of a host key that is not the pinned one; the host may have that of another type. */
  otherType?: string;
}

export const isFailure = (value: object): value is Failure => "again" in value;

/** Somebody may be in the host's place: to be told at once, and never a reason to go on with another host. */
export const isImpostor = ({ code }: ShareError): boolean => code === "HOST_KEY_CHANGED" || code === "HOST_KEY_REVOKED";

export const seconds = (endpoint: Endpoint) => `${endpoint.connectTimeoutMs / 1000} s`;

export function cannotConnect(endpoint: Endpoint, summary: string, said?: string, fix?: string): ShareError {
  return fault("CANNOT_CONNECT", {
    host: endpoint.host,
    summary,
    ...(said ? { said } : {}),
    ...(fix ? { fix } : {}),
  });
}

export const closedMeanwhile = "closed before the connection was made";

export function failureOf(
  endpoint: Endpoint,
  said: string,
  heard: string,
  isAuthenticating: boolean,
  progress: AuthenticationProgress,
): Failure {
  const { host, user } = endpoint;
  if (isAuthenticating && (progress.wasRefused() || said.startsWith("All configured") || /authentication/i.test(said))) {
    const more = said.startsWith("All configured") ? "" : `\n${said}`;
    const error = fault("AUTHENTICATION_FAILED", {
      host,
      summary: `${host} does not let ${user} in`,
      said: progress.report() + more,
    });
    return { error, again: "never" };
  }
  if (isAuthenticating)
    return { error: cannotConnect(endpoint, `${host}: connection lost while logging in as ${user}`, said), again: "yes" };
  const banner = bannerIn(heard);
  if (banner === undefined) {
    if (heard === "")
      return { error: cannotConnect(endpoint, `${host}: connection lost before the SSH banner`, said), again: "yes" };
    // Too many logins at once; the server says so before it hangs up.
    if (/MaxStartups/.test(heard))
      return { error: cannotConnect(endpoint, `${host} takes no more logins now`, heard.trim()), again: "yes" };
    const summary = `${host}: what answers at ${endpoint.address} port ${endpoint.port} is no SSH server`;
    return { error: cannotConnect(endpoint, summary, `${JSON.stringify(heard.slice(0, 200))} (${said})`), again: "once" };
  }
  if (/no matching/i.test(said)) {
    const fix = "update the server's sshd: SHA-1, CBC and DSA are not used any more";
    return {
      error: cannotConnect(endpoint, `${host} (${banner}) and we have no way to encrypt in common`, said, fix),
      again: "never",
    };
  }
  return { error: cannotConnect(endpoint, `${host}: connection lost in the key exchange with ${banner}`, said), again: "yes" };
}

export function tooSlow(endpoint: Endpoint, heard: string, isAuthenticating: boolean): string {
  const { host, user } = endpoint;
  const banner = bannerIn(heard);
  if (isAuthenticating) return `${host}: ${user} was not logged in within ${seconds(endpoint)}`;
  if (banner !== undefined) return `${host}: no end of the key exchange with ${banner} within ${seconds(endpoint)}`;
  const noise = heard === "" ? "" : `, only ${Buffer.byteLength(heard, "latin1")} bytes that are none`;
  return `${host}: TCP connection made, but no SSH banner within ${seconds(endpoint)}${noise}`;
}

/** Listens in until the server has said what it is. */
export function listenForBanner() {
  let text = "";
  return {
    listen(chunk: Buffer) {
      if (text.length < 8192 && bannerIn(text) === undefined) text += chunk.toString("latin1", 0, 8192);
    },
    text: () => text,
    server: () => bannerIn(text) ?? "",
  };
}

function bannerIn(text: string): string | undefined {
  return /^(SSH-[^\r\n]*)\r?\n/m.exec(text)?.[1];
}
