// The one place where ssh2 is loaded: only when a connection is made, and after it has been taught host certificates.
import { teachHostCertificates } from "./ssh2-certificates";

export type Ssh2 = typeof import("ssh2");

let loading: Promise<Ssh2> | undefined;

export function loadSsh2(): Promise<Ssh2> {
  loading ??= teachHostCertificates().then(async () => commonJs(await import("ssh2")));
  return loading;
}

/** The `module.exports` of a CommonJS package, whose names Node does not all find when it is imported. */
function commonJs(imported: Ssh2 & { default?: Ssh2 }): Ssh2 {
  return imported.default ?? imported;
}
