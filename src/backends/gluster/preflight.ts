// Whether shares can be made, closed and limited on a cluster: TLS before the first change, everything by `sharewright doctor`.
import { bad, type Check, good, warning } from "../../core/check";
import type { Host } from "../../core/host";
import { looksAt } from "../../core/looks";
import { sslAllow, volumePatternOf } from "../../spec/gluster";
import { askTlsFiles, defaultDirectories, judgeTls, type TlsHost } from "./certificates";
import { type ClusterInspection, inspectOpened } from "./inspect";
import type { Volume } from "./parse";
import { badOf, checkMounter, failure, lookAtServer, nameChecks, peerChecks, poolChecks, settled } from "./preflight-hosts";
import { type Cluster, type ClusterAccess, type Mounter, mounterOf, openCluster } from "./site";
import { contentOfBricks } from "./volume/brick-content";
import { infrastructureIn } from "./volume/options";

// ---- TLS -------------------------------------------------------------------------------------------------------------------

/** Common names of the hosts of a cluster, as far as their certificates can be read. */
interface HostNames {
  servers: string[];
  /** Of the host that mounts volumes, which may be one of the servers. */
  mounter: string | undefined;
}

export async function checkTls(
  cluster: ClusterAccess,
  mounter: Mounter | undefined,
  now = new Date(),
): Promise<{ checks: Check[]; names: HostNames }> {
  const { servers, spec } = cluster;
  const directories = spec.certificateDirectory === undefined ? defaultDirectories : [spec.certificateDirectory];
  // Roles on one machine share its transport.
  const mounting = mounter && servers.find(({ transport }) => transport === mounter.host.transport);
  const hosts = [
    ...servers.map((server) => ({ host: server as Host, id: server.address, about: `server ${server.address}`, isServer: true })),
    ...(mounter && !mounting
      ? [{ host: mounter.host, id: "mounter", about: `the host that mounts (${mounter.host.name})`, isServer: false }]
      : []),
  ];
  const failed: Check[] = [];
  const looked = await Promise.all(
    hosts.map(async ({ host, ...rest }): Promise<TlsHost[]> => {
      try {
        const looks = looksAt(host);
        const files = askTlsFiles(looks, directories);
        await looks.send();
        return [{ ...rest, found: files() }];
      } catch (error) {
        failed.push(failure(`tls-files-${rest.id}`, `TLS files of ${rest.about}`, error));
        return [];
      }
    }),
  );
  const { checks, names } = judgeTls(looked.flat(), spec.infrastructureNames, now);
  const serverNames = servers.flatMap(({ address }) => names.get(address) ?? []);
  return {
    checks: [...failed, ...checks],
    names: {
      servers: [...new Set(serverNames)].sort(),
      mounter: names.get(mounting ? mounting.address : "mounter"),
    },
  };
}

// ---- everything ------------------------------------------------------------------------------------------------------------

/** What is wrong with one server, or one cluster, becomes a check: nothing stops the others. */
export async function checkCluster(access: ClusterAccess, now = new Date()): Promise<Check[]> {
  const { spec } = access;
  const [servers, opened] = await Promise.all([Promise.all(access.servers.map(lookAtServer)), settled(openCluster(access))]);
  const serverChecks = [...servers.flatMap(({ checks }) => checks), ...peerChecks(servers), ...poolChecks(spec.name, servers)];
  if (!opened.value) {
    const tls = await checkTls(access, undefined, now);
    return [...serverChecks, badOf(`agreed-server`, `agreed server of ${spec.name}`, opened.error), ...tls.checks];
  }
  const cluster = opened.value;
  const agreed = good("agreed-server", `agreed server of ${spec.name}`, cluster.server.address);
  const mounter = await settled(mounterOf(cluster));
  const [tls, mounts, inspection] = await Promise.all([
    checkTls(cluster, mounter.value, now),
    mounter.value ? checkMounter(mounter.value) : [badOf("mounter", "host that mounts volumes", mounter.error)],
    settled(inspectOpened(cluster)),
  ]);
  const used = inspection.value ? await usedOf(cluster, inspection.value.free) : new Map<string, string>();
  return [
    ...serverChecks,
    ...nameChecks(
      servers,
      (inspection.value?.volumes ?? []).flatMap(({ bricks }) => bricks),
    ),
    agreed,
    ...mounts,
    ...tls.checks,
    ...(inspection.value
      ? volumeChecks(inspection.value, tls.names, used)
      : [badOf("volumes", `volumes of ${spec.name}`, inspection.error)]),
  ];
}

/** Clusters that were opened: one that is described twice would be picked from twice. */
export function checkDistinct(clusters: readonly Pick<Cluster, "spec" | "id">[]): Check[] {
  if (clusters.length < 2) return [];
  const named = new Map<string, string[]>();
  for (const { id, spec } of clusters) named.set(id, [...(named.get(id) ?? []), spec.name]);
  const same = [...named].filter(([, names]) => names.length > 1);
  if (same.length === 0) return [good("clusters-distinct", "clusters", `${clusters.length} different ones`)];
  return same.map(([id, names]) =>
    bad(
      "clusters-distinct",
      `clusters ${names.join(", ")}`,
      `are one: each has the pool member ${id}`,
      "describe each cluster once, with all its servers",
    ),
  );
}

// ---- volumes ---------------------------------------------------------------------------------------------------------------

/** What lies on bricks of volumes that are nobody's, by volume: such a one is passed over. Their roots are looked at only when one is taken. */
async function usedOf(cluster: Cluster, free: readonly Volume[]): Promise<Map<string, string>> {
  const seen = await Promise.all(
    free.map(async (volume) => [volume.name, (await settled(contentOfBricks(cluster, volume))).value?.entry] as const),
  );
  return new Map(seen.flatMap(([name, entry]) => (entry === undefined ? [] : [[name, entry]])));
}

function volumeChecks(
  { cluster, volumes, free, shares, broken }: ClusterInspection,
  names: HostNames,
  used: ReadonlyMap<string, string>,
): Check[] {
  const { volumePattern, name } = cluster.spec;
  const unready = free.map((volume) => [volume, poolProblem(cluster, volume, names)] as const).filter(([, problem]) => problem);
  const ready = free.length - new Set([...unready.map(([volume]) => volume.name), ...used.keys()]).size;
  const drifted = shares.filter(({ notes }) => notes.length > 0);
  return [
    ...(volumePattern === undefined ? [] : [patternCheck(name, volumePattern, volumes)]),
    ...unready.map(([volume, problem]) =>
      bad(`pool-${volume.name}`, `pool volume ${volume.name}`, problem?.found ?? "", problem?.fix ?? ""),
    ),
    ...[...used].map(([volume, entry]) =>
      warning(`used-${volume}`, `pool volume ${volume}`, `is not empty (${entry})`, "empty it; until then it is passed over"),
    ),
    ...(ready > 0 ? [good("pool-volumes", `free pool volumes of ${name}`, `${ready} of ${free.length} can be taken`)] : []),
    ...drifted.map(({ record, volume, notes }) =>
      bad(
        `share-${record.key}`,
        `share ${record.key} (volume ${volume.name})`,
        notes.join("; "),
        "apply again, or `sharewright repair`",
      ),
    ),
    ...shares.flatMap(({ record: { key }, volume: { name }, unknownUse }) =>
      unknownUse ? [warning(`use-${key}`, `use of share ${key} (volume ${name})`, unknownUse.found, unknownUse.fix)] : [],
    ),
    ...(shares.length > drifted.length
      ? [good("shares", `shares of ${name}`, `${shares.length - drifted.length} of ${shares.length} as recorded`)]
      : []),
    ...broken.map(({ volume, problem }) =>
      bad(
        `mark-${volume}`,
        `mark of volume ${volume}`,
        problem,
        `look at \`gluster volume info ${volume}\`; nothing takes or removes it until then`,
      ),
    ),
  ];
}

function patternCheck(cluster: string, pattern: string, volumes: readonly Volume[]): Check {
  const [id, about] = ["volume-pattern", `volumePattern of ${cluster}`];
  const matching = volumes.filter(({ name }) => volumePatternOf(pattern).sizeOf(name) !== undefined).length;
  if (matching > 0) return good(id, about, `${matching} of ${volumes.length} volumes match`);
  return bad(
    id,
    about,
    `no volume matches "${pattern}"`,
    "make volumes of such names, or correct the pattern: it has to match the whole name",
  );
}

/** Why a free volume cannot be taken, or could not be used afterwards. */
function poolProblem({ spec }: Cluster, volume: Volume, names: HostNames): { found: string; fix: string } | undefined {
  const set = (list: readonly string[]) => `gluster volume set ${volume.name} ${sslAllow} ${list.join(",")}`;
  const wanted = [...new Set([...names.servers, ...(names.mounter === undefined ? [] : [names.mounter])])].sort();
  const infrastructure = infrastructureIn(volume, spec.infrastructureNames);
  if ("problem" in infrastructure)
    return { found: infrastructure.problem, fix: set(wanted.length > 0 ? wanted : ["NAME", "NAME"]) };
  const missing = wanted.filter((name) => !infrastructure.names.includes(name));
  if (missing.length > 0) {
    const found = `${sslAllow} does not let ${missing.join(", ")} in: its servers, or the host that mounts`;
    return { found, fix: set([...new Set([...infrastructure.names, ...wanted])].sort()) };
  }
  if (volume.snapshots > 0) return { found: "has snapshots", fix: `gluster snapshot list ${volume.name}; delete them` };
  if (volume.status !== "started")
    return { found: `is ${volume.status}, not started`, fix: `gluster volume start ${volume.name}` };
  return undefined;
}
