// Makes certificates for clients of a sandbox with the real GlusterFS.
// They have an authority of their own, which the servers trust from the next start of a volume on. Each lies below SANDBOX/tenants.
import { appendFileSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { makeAuthority } from "../../src/sandbox/gluster/certificate";

export function makeTenants(sandbox: string, commonNames: readonly string[]): void {
  const authority = makeAuthority("tenants");
  const servers = readdirSync(join(sandbox, "real")).filter((name) => name.startsWith("gluster"));
  const files = servers.map((server) => join(sandbox, "real", server, "ssl/glusterfs.ca"));
  const serversAuthority = readFileSync(files[0] ?? "", "utf8");
  for (const file of files) appendFileSync(file, authority.certificate.pem);
  for (const commonName of commonNames) {
    const place = join(sandbox, "tenants", commonName, "ssl");
    mkdirSync(place, { recursive: true });
    const { pem, key } = authority.issue(commonName);
    writeFileSync(join(place, "glusterfs.pem"), pem);
    writeFileSync(join(place, "glusterfs.ca"), serversAuthority);
    writeFileSync(join(place, "glusterfs.key"), key, { mode: 0o600 });
  }
}
