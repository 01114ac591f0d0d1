// A stack with GlusterFS shares as its hooks see it: claims, and what Terraform hands over in the environment.
import { join } from "node:path";
import type { ClusterSpec, GlusterRuleWire, GlusterShareWire, GlusterSnapshotWire } from "../../../src/spec/gluster";
import { snapshotKey } from "../../../src/spec/name";
import { env } from "../../../src/spec/request";
import type { Hook, Managed } from "../support";

export interface StackOptions {
  owner?: string;
  /** Its random id. @default one for each label */
  id?: string;
  /** Numbers of the sandbox's clusters. @default [1] */
  clusters?: readonly number[];
  /** Of every cluster. */
  spec?: Partial<ClusterSpec>;
  specOf?: (spec: ClusterSpec, number: number) => ClusterSpec;
}

type ShareProperties = Partial<GlusterShareWire>;
type RuleProperties = Partial<GlusterRuleWire> & { common_name: string };

export interface GlusterStack {
  clusters: ClusterSpec[];
  share(name: string, properties?: ShareProperties): Managed;
  rule(share: string, name: string, properties: RuleProperties): Managed;
  snapshot(share: string, name: string, properties?: Partial<GlusterSnapshotWire>): Managed;
}

export const clusterNames = ["east", "west", "north"] as const;

/** A volume of three copies, one on each server. */
export const replicated = "create replica 3 transport tcp bricks gluster1-1:/bricks gluster1-2:/bricks gluster1-3:/bricks";

export function stackOn(site: { dir: string; mounts: string }, options: StackOptions): GlusterStack {
  const {
    owner = "stack",
    id = owner.replace(/[^A-Za-z0-9]/g, "-"),
    clusters: numbers = [1],
    spec: more = {},
    specOf = (spec) => spec,
  } = options;
  const clusters = numbers.map((number) => specOf({ ...clusterSpec(site, number, owner), ...more }, number));
  const names = clusters.map(({ name }) => name).join(", ");
  const request = { [env.clusters]: JSON.stringify(clusters) };
  const managed = (kind: string, key: string, claim: string, wire: object): Managed => ({
    key,
    apply: hook(["hook", kind, "apply", key], { ...request, [env.stack]: id, [env.spec]: JSON.stringify(wire) }),
    destroy: hook(["hook", kind, "destroy", key], { ...request, [env.claim]: claim }),
  });
  const claimOf = (key: string) => `${id}-${key.replace(/[^A-Za-z0-9]/g, "-")}`;
  return {
    clusters,
    share(name, properties = {}) {
      const wire: GlusterShareWire = {
        claim: claimOf(name),
        share: name,
        clusters: names,
        size: "1 GiB",
        provisioning: "pool",
        removal_policy: "destroy",
        ...properties,
      };
      return managed("gluster.share", name, wire.claim, wire);
    },
    rule(share, name, properties) {
      const key = `${share}#${name}`;
      const wire: GlusterRuleWire = { claim: claimOf(key), share, clusters: names, level: "rw", ...properties };
      return managed("gluster.access-rule", key, wire.claim, wire);
    },
    snapshot(share, name, properties = {}) {
      const key = snapshotKey(share, name);
      const wire: GlusterSnapshotWire = { claim: claimOf(key), key, share, clusters: names, snapshot: name, ...properties };
      return managed("gluster.snapshot", key, wire.claim, wire);
    },
  };
}

function hook(args: string[], environment: Record<string, string>): Hook {
  return { args, environment };
}

function clusterSpec({ dir, mounts }: { dir: string; mounts: string }, number: number, owner: string): ClusterSpec {
  const hosts = [1, 2, 3].map((server) => `gluster${number}-${server}`);
  return {
    name: clusterNames[number - 1] ?? `cluster${number}`,
    servers: hosts.map((host) => ({ connection: { type: "local", path: [join(dir, "hosts", host, "bin")] }, host })),
    volumePattern: "pool-\\d+-#{size}G",
    mountPointBase: mounts,
    exportHost: hosts[0] ?? "",
    backupVolfileServers: hosts.slice(1),
    owner,
    infrastructureNames: ["glusterfs-server*", "manila-host*"],
    preflight: "enforce",
  };
}
