// Who servers, the managing host and tenants are to each other: keys and certificates, made by openssl.
import { copyFileSync, mkdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { run } from "../sshd/processes";

/** Where this build of GlusterFS looks for glusterfs.pem, .key and .ca: /usr/lib/ssl in Debian 12, /etc/ssl in Debian 13; throws if it does not say. */
export function certificateDirectory(): string {
  const transport = join(run(["glusterfs", "--print-xlatordir"]).trim(), "../rpc-transport/socket.so");
  const [, directory] = /(\/[\w/.-]+)\/glusterfs\.pem\0/.exec(readFileSync(transport, "latin1")) ?? [];
  if (directory === undefined) throw new Error(`${transport} names no glusterfs.pem`);
  return directory;
}

export const serverName = "glusterfs-server-1";
export const managerName = "manila-host-1";

export interface Identity {
  commonName: string;
  /** Has glusterfs.pem, glusterfs.key and glusterfs.ca. */
  directory: string;
}

export interface Authority {
  /** Makes an identity of this authority; it trusts `trusted`. @default the authority itself */
  issue(commonName: string, options?: { days?: number; trusted?: Authority }): Identity;
  /** Path of the authority's certificate. */
  certificate: string;
}

export function makeAuthority(directory: string): Authority {
  mkdirSync(directory, { recursive: true });
  const [key, certificate] = [join(directory, "ca.key"), join(directory, "ca.pem")];
  const newKey = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"];
  run([
    "openssl",
    "req",
    "-x509",
    ...newKey,
    "-keyout",
    key,
    "-out",
    certificate,
    "-days",
    "30",
    "-subj",
    "/CN=sharewright-test",
  ]);
  let serial = 0;
  const authority: Authority = {
    certificate,
    issue(commonName, { days = 30, trusted = authority } = {}) {
      serial += 1;
      const own = join(directory, String(serial));
      mkdirSync(own);
      const file = (suffix: string) => join(own, `glusterfs.${suffix}`);
      run(["openssl", "req", "-new", ...newKey, "-keyout", file("key"), "-out", file("csr"), "-subj", `/CN=${commonName}`]);
      const signer = ["-CA", certificate, "-CAkey", key, "-set_serial", String(serial), "-days", String(days)];
      run(["openssl", "x509", "-req", "-in", file("csr"), ...signer, "-out", file("pem")]);
      copyFileSync(trusted.certificate, file("ca"));
      return { commonName, directory: own };
    },
  };
  return authority;
}
