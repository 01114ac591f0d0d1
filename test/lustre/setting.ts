// The real Lustre that `npm run test:lustre` runs on, from the environment; docs/guides/real-lustre.md says what each variable means.
import { lustreVersions } from "../../src/spec/lustre";

export interface Setting {
  fsName: string;
  mountPoint: string;
  exportNids: string[];
  lustreVersion: (typeof lustreVersions)[number];
  /** Addresses that no real client has, to grant shares to. */
  clients: string;
  pathPrefix: string;
  projectIds: { start: number; end: number };
  /** A client that may be let in and shut out at will: a command that runs a shell line there as root, and its address. */
  tenant?: { run: string[]; address: string };
}

export const required = [
  "SHAREWRIGHT_LUSTRE_MOUNT",
  "SHAREWRIGHT_LUSTRE_FSNAME",
  "SHAREWRIGHT_LUSTRE_NIDS",
  "SHAREWRIGHT_LUSTRE_CLIENTS",
];

/** Undefined when nobody has asked for it. */
export function realLustre(environment: NodeJS.ProcessEnv = process.env): Setting | undefined {
  const [mountPoint = "", fsName = "", nids = "", clients = ""] = required.map((name) => environment[name] ?? "");
  if ([mountPoint, fsName, nids, clients].every((value) => value === "")) return undefined;
  const missing = required.filter((name) => !environment[name]);
  if (missing.length > 0) throw new Error(`set ${missing.join(", ")} as well; see docs/guides/real-lustre.md`);
  const version = environment["SHAREWRIGHT_LUSTRE_VERSION"] ?? "2.17";
  const lustreVersion = lustreVersions.find((known) => known === version);
  if (!lustreVersion) throw new Error(`SHAREWRIGHT_LUSTRE_VERSION=${version}: one of ${lustreVersions.join(", ")}`);
  const [run, address] = [environment["SHAREWRIGHT_LUSTRE_TENANT_RUN"], environment["SHAREWRIGHT_LUSTRE_TENANT"]];
  const [start = 0, end = 0] = (environment["SHAREWRIGHT_LUSTRE_PROJECT_IDS"] ?? "900000-900999").split("-").map(Number);
  return {
    fsName,
    mountPoint,
    exportNids: nids.split(" "),
    lustreVersion,
    clients,
    pathPrefix: environment["SHAREWRIGHT_LUSTRE_PREFIX"] ?? "sharewright-test",
    projectIds: { start, end },
    ...(run && address ? { tenant: { run: run.split(" "), address } } : {}),
  };
}
