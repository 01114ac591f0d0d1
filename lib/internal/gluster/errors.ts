// Errors that only GlusterFS constructs raise at synthesis: one factory each, so that wording and fix are found in one place.
import type { ClusterSpec } from "../../../src/spec/gluster";
import { ShareSynthesisError } from "../synthesis-error";

export function badVolumePattern(path: string, pattern: string, at: number, problem: string): ShareSynthesisError {
  return new ShareSynthesisError({
    path,
    property: "volumePattern",
    value: pattern,
    // The pattern itself, since escapes would shift the mark.
    problem: `cannot be used: ${problem}, at character ${at + 1}\n         ${pattern}\n         ${" ".repeat(at)}^`,
    fix: 'write a regular expression of JavaScript for whole names of volumes, such as "pool-\\\\d+-#{size}G"; #{size} stands for the size in GiB',
  });
}

export function emptyList(path: string, property: string, example: string): ShareSynthesisError {
  return new ShareSynthesisError({
    path,
    property,
    value: "[]",
    problem: "is empty",
    fix: `list at least one, such as ${example}`,
  });
}

export function severalHosts(path: string, hosts: readonly string[]): ShareSynthesisError {
  return new ShareSynthesisError({
    path,
    property: "servers.connection",
    value: hosts.join(", "),
    problem: "leads to any of several hosts, and a server is one of them",
    fix: "write an entry of servers for each host",
  });
}

export function namedTwice(path: string, property: string, value: string): ShareSynthesisError {
  return new ShareSynthesisError({ path, property, value, problem: "is named twice", fix: "write it once" });
}

export function sitesDiffer(path: string, ...clusters: readonly [ClusterSpec, ClusterSpec]): ShareSynthesisError {
  return new ShareSynthesisError({
    path,
    property: "clusters",
    value: clusters.map(({ name }) => name).join(", "),
    problem: `have different sites (${clusters.map(({ site = "none" }) => site).join(", ")}), and each site has claims of its own`,
    fix: "write clusters of one site",
  });
}

export function clusterNameTaken(path: string, name: string, otherPath: string): ShareSynthesisError {
  return new ShareSynthesisError({
    path,
    property: "clusterName",
    value: name,
    problem: `is already the name of the cluster ${otherPath} of this stack`,
    fix: "use that construct if the two are one cluster, else give this one another clusterName",
  });
}

export function clusterTwice(path: string, host: string, otherPath: string): ShareSynthesisError {
  return new ShareSynthesisError({
    path,
    property: "servers",
    value: host,
    problem: `names a server of ${otherPath}, and a server is in one trusted pool only`,
    fix: "describe a cluster once in a stack, with all of its servers",
  });
}

export function carriersDiffer(path: string, carrier: string, otherPath: string, otherCarrier: string): ShareSynthesisError {
  return new ShareSynthesisError({
    path,
    property: "carrier",
    value: carrier,
    problem: `differs from that of ${otherPath} ("${otherCarrier}"), and all GlusterFS clusters of a stack share their claims`,
    fix: "write the same carrier in both, or set it for the whole app by the context key sharewright:carrier",
  });
}

export function clustersTooLong(path: string, bytes: number, limit: number): ShareSynthesisError {
  return new ShareSynthesisError({
    path,
    property: "servers",
    value: `${bytes} bytes`,
    problem: `makes the clusters of this stack longer than the ${limit} bytes that one hook can be given`,
    fix: "divide the clusters among several stacks",
  });
}

export function oneOfClusterAndClusters(path: string, given: "both" | "neither"): ShareSynthesisError {
  return new ShareSynthesisError({
    path,
    property: "cluster",
    problem: given === "both" ? "and `clusters` exclude each other" : "is missing",
    fix: "write cluster for one, or clusters for several of which any may hold the share",
  });
}

export function noVolumePattern(path: string, clusterPath: string): ShareSynthesisError {
  return new ShareSynthesisError({
    path,
    property: "provisioning",
    value: "pool",
    problem: `needs a volumePattern, which the cluster ${clusterPath} does not have`,
    fix: "write the volumePattern of the pool's volumes there, or provisioning: Volume.create()",
  });
}

export function createsOnOneCluster(path: string, names: string): ShareSynthesisError {
  return new ShareSynthesisError({
    path,
    property: "clusters",
    value: names,
    problem: "are several, but a volume that is created has its bricks on one",
    fix: "write cluster, or provisioning: Pool.pick()",
  });
}

export function volumeInPool(path: string, name: string, pattern: string, clusterPath: string): ShareSynthesisError {
  return new ShareSynthesisError({
    path,
    property: "shareName",
    value: name,
    problem: `is to be the name of a volume, and matches the volumePattern of ${clusterPath} ("${pattern}"): it would be taken for a volume of the pool`,
    fix: "choose a name that the pattern does not match, or a narrower pattern",
  });
}

export function snapshotAndProvisioning(path: string): ShareSynthesisError {
  return new ShareSynthesisError({
    path,
    property: "fromSnapshot",
    problem: "and `provisioning` exclude each other",
    fix: "leave out provisioning: a share from a snapshot is a clone of its volume",
  });
}

export function cloneElsewhere(path: string, names: string, snapshotPath: string, snapshotNames: string): ShareSynthesisError {
  return new ShareSynthesisError({
    path,
    property: "fromSnapshot",
    value: names,
    problem: `is taken from ${snapshotPath}, whose share is on "${snapshotNames}", and a clone is where its snapshot is`,
    fix: "write the clusters of that share",
  });
}

export function locationUnknown(path: string, property: string, why: string): ShareSynthesisError {
  return new ShareSynthesisError({
    path,
    property,
    problem: `is not known at synthesis: ${why}, and hooks of Terraform cannot hand anything back`,
    fix: "see `sharewright list --json` after the deployment; with provisioning: Volume.create() on one cluster it is known here",
  });
}

export function badVolume(path: string, value: string, problem: string): ShareSynthesisError {
  return new ShareSynthesisError({
    path,
    property: "Volume.create",
    value,
    problem: `describes no volume: ${problem}`,
    fix: "see `gluster volume help` and the documentation of Volume.create",
  });
}

export function noBrickRoots(path: string, clusterPath: string): ShareSynthesisError {
  return new ShareSynthesisError({
    path,
    property: "Volume.create.bricks",
    problem: `is left out, and the cluster ${clusterPath} has no brickRoots to make bricks in`,
    fix: 'write brickRoots on the cluster, such as ["/data/bricks"], or bricks here, such as ["server1:/data/bricks"]',
  });
}

export function brickElsewhere(path: string, brick: string, hosts: readonly string[]): ShareSynthesisError {
  return new ShareSynthesisError({
    path,
    property: "Volume.create.bricks",
    value: brick,
    problem: "is on a host that is none of the cluster's `servers`, where nobody could remove it",
    fix: `write one of ${hosts.join(", ")}, or add the server to the cluster`,
  });
}

export function tooFewServers(path: string, what: string, needed: number, servers: number): ShareSynthesisError {
  return new ShareSynthesisError({
    path,
    property: `Volume.create.${what}`,
    value: needed,
    problem: `needs bricks on ${needed} different servers, and there ${servers === 1 ? "is 1" : `are ${servers}`}`,
    fix: "lower the count, add servers, or write force: true to have several copies or fragments on one server",
  });
}

export function tooFewPlaces(path: string, what: string, needed: number, places: number): ShareSynthesisError {
  return new ShareSynthesisError({
    path,
    property: `Volume.create.${what}`,
    value: needed,
    problem: `needs ${needed} bricks, and servers and brickRoots of the cluster give ${places}`,
    fix: "lower the count, or add servers or brickRoots",
  });
}

export function badVolumeOption(path: string, name: string, value: unknown, problem: string): ShareSynthesisError {
  return new ShareSynthesisError({
    path,
    property: `volumeOptions["${name}"]`,
    value,
    problem: `cannot be set: ${problem}`,
    fix: "see `gluster volume set help` for names and values",
  });
}

export function badCommonName(path: string, value: unknown, problem: string, rule: string): ShareSynthesisError {
  return new ShareSynthesisError({ path, property: "commonName", value, problem, fix: `write ${rule}` });
}

export function infrastructureName(path: string, name: string, pattern: string, clusterPath: string): ShareSynthesisError {
  return new ShareSynthesisError({
    path,
    property: "commonName",
    value: name,
    problem: `is a name of servers or of the managing host ("${pattern}" in the infrastructureNames of ${clusterPath}), which reach every share`,
    fix: "give the client a certificate with a name of its own",
  });
}

export function tooManyNames(path: string, share: string, names: number, bytes: number, limit: number): ShareSynthesisError {
  return new ShareSynthesisError({
    path,
    property: "commonName",
    value: `${names} names, ${bytes} bytes`,
    problem: `makes the names that may mount share "${share}" longer than the ${limit} bytes that auth.ssl-allow can hold (more would kill glusterd)`,
    fix: "let several clients share a certificate, or give them shares of their own",
  });
}

export function noReadOnly(path: string): ShareSynthesisError {
  return new ShareSynthesisError({
    path,
    property: "level",
    value: "ro",
    problem:
      "cannot be given to single clients: GlusterFS makes a volume read-only for all (features.read-only), and a client's own mount option binds nobody",
    fix: "write AccessLevel.READ_WRITE or leave it out",
  });
}
