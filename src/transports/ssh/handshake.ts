// One try to log in over a stream: key exchange, host key, authentication.
import type { AuthenticationType, Client } from "ssh2";
import { algorithms } from "./algorithms";
import type { Ways } from "./authentication";
import { authenticationProgress } from "./authentication-progress";
import { watchConnection } from "./bounds";
import type { Endpoint } from "./endpoint";
import { cannotConnect, closedMeanwhile, type Failure, failureOf, isFailure, listenForBanner, tooSlow } from "./failure";
import { type Acquaintance, isFingerprint, judgeHostKey, knownTypes, knowsAuthority } from "./host-key";
import { typeOf } from "./public-key";
import { clockMs, type Way } from "./socket";
import type { Ssh2 } from "./ssh2";
import { expectSignatureOfPlainKey, hostCertificateTypes } from "./ssh2-certificates";

export interface HandshakeDone extends Way {
  client: Client;
  hostKey: { type: string; fingerprint: string; vouchedBy: string };
  authentication: string;
  server: string;
}

export interface Attempt extends Way {
  ssh2: Ssh2;
  endpoint: Endpoint;
  known: Acquaintance;
  ways: Ways;
  /** Types of host keys seen before that are not the pinned one. */
  notTypes: ReadonlySet<string>;
  signal: AbortSignal;
}

/** Never rejects; after a failure nothing is left open. */
export function shakeHands(attempt: Attempt): Promise<HandshakeDone | Failure> {
  const { ssh2, endpoint, known, ways, notTypes, stream, address, deadline, signal } = attempt;
  return new Promise((resolve) => {
    const client = new ssh2.Client();
    const heard = listenForBanner();
    const progress = authenticationProgress(ways);
    let isAuthenticating = false;
    let refused: Failure | undefined;
    let endWatch: (() => void) | undefined;
    let hostKey: HandshakeDone["hostKey"] | undefined;

    const settle = (outcome: HandshakeDone | Failure) => {
      clearTimeout(timer);
      signal.removeEventListener("abort", stop);
      stream.off("data", heard.listen);
      endWatch?.();
      // Whatever it still says is said to nobody, and must not end the process.
      client.removeAllListeners().on("error", () => {});
      if (isFailure(outcome)) {
        client.destroy();
        stream.on("error", () => {}).destroy();
      }
      resolve(outcome);
    };
    const failWith = (said: string) => settle(refused ?? failureOf(endpoint, said, heard.text(), isAuthenticating, progress));
    const giveUp = (summary: string) => settle({ error: cannotConnect(endpoint, summary), again: "never" });
    const stop = () => giveUp(`${endpoint.host}: ${closedMeanwhile}`);
    const timer = setTimeout(() => giveUp(tooSlow(endpoint, heard.text(), isAuthenticating)), deadline - clockMs());
    signal.addEventListener("abort", stop);

    client.on("handshake", () => {
      isAuthenticating = true;
    });
    client.on("ready", () => {
      if (hostKey)
        settle({ client, stream, address, deadline, hostKey, authentication: progress.current(), server: heard.server() });
    });
    client.on("error", (error: Error & { level?: string; code?: unknown }) => {
      if (progress.isAboutOneWay(error)) progress.note(error.message);
      else failWith(error.message);
    });
    client.on("close", () => failWith("the server closed the connection"));
    client.connect({
      sock: stream as never,
      username: endpoint.user,
      readyTimeout: 0,
      keepaliveInterval: endpoint.keepaliveMs,
      keepaliveCountMax: 3,
      algorithms: algorithms({ known: knownTypes(known), certificates: knowsAuthority(known), not: notTypes }) as never,
      // Asked again at every later key exchange, and then too it has to be the known key.
      hostVerifier: (blob: Buffer) => {
        const verdict = judgeHostKey(known, blob, Date.now());
        const type = typeOf(blob);
        if ("refused" in verdict) {
          const otherType = known.pinned !== undefined && isFingerprint(known.pinned) ? { otherType: type } : {};
          refused = { error: verdict.refused, again: "never", ...otherType };
          return false;
        }
        hostKey = { type, ...verdict };
        if (hostCertificateTypes.includes(type)) expectSignatureOfPlainKey(client, type);
        return true;
      },
      authHandler: (left: AuthenticationType[] | null, _partial: boolean | null, next: (way: never) => void) =>
        next((progress.next(left)?.attempt ?? false) as never),
    });
    stream.on("data", heard.listen);
    endWatch = watchConnection(client, stream, (reason) => giveUp(`${endpoint.host}: ${reason}`));
  });
}
