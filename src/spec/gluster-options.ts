// Options of volumes that a person may ask for. Which names there are is known here alone, for synthesis and executor alike.
import { editDistance } from "./edit-distance";

/** glusterd overruns a buffer and dies when key and value of an option are longer together (measured on 10.3; so in devel). */
export const maxOptionBytes = 4090;

/** What `volume set` of GlusterFS 10.3 or 11.1 takes, by the word before the first dot, but for what is refused below (`volume get all`, and seen). */
const table = `
changelog: capture-del-path changelog changelog-barrier-timeout changelog-dir encoding fsync-interval rollover-time
client: bind-insecure event-threads keepalive-count keepalive-interval keepalive-time own-thread send-gids ta-brick-port
client: tcp-user-timeout
cluster: background-self-heal-count choose-local consistent-metadata data-change-log data-self-heal data-self-heal-algorithm
cluster: dht-xattr-name disperse-self-heal-daemon eager-lock ensure-durability entry-change-log entry-self-heal extra-hash-regex
cluster: favorite-child-policy force-migration full-lock halo-enabled halo-max-latency halo-max-replicas halo-min-replicas
cluster: halo-nfsd-max-latency halo-shd-max-latency heal-timeout heal-wait-queue-length local-volume-name lock-migration
cluster: locking-scheme lookup-optimize lookup-unhashed metadata-change-log metadata-self-heal min-free-disk min-free-inodes
cluster: nufa optimistic-change-log post-op-delay-secs quorum-count quorum-reads quorum-type randomize-hash-range-by-gfid
cluster: read-hash-mode read-subvolume read-subvolume-index readdir-failover readdir-optimize rebal-throttle rebalance-stats
cluster: rmdir-optimize rsync-hash-regex self-heal-daemon self-heal-readdir-size self-heal-window-size server-quorum-type
cluster: shd-max-threads shd-wait-qlength strict-readdir subvols-per-directory switch switch-pattern use-anonymous-inode
cluster: use-compound-fops weighted-rebalance
config: brick-threads client-threads gfproxyd global-threading memory-accounting
ctime: noatime
debug: delay-gen error-failure error-fops error-gen error-number exclude-ops include-ops log-file log-history random-failure
debug: trace
delay-gen: delay-duration delay-percentage enable
dht: force-readdirp
diagnostics: brick-log-buf-size brick-log-flush-timeout brick-log-format brick-log-level brick-logger brick-sys-log-level
diagnostics: client-log-buf-size client-log-flush-timeout client-log-format client-log-level client-logger client-sys-log-level
diagnostics: count-fop-hits dump-fd-stats fop-sample-buf-size fop-sample-interval latency-measurement stats-dnscache-ttl-sec
diagnostics: stats-dump-format stats-dump-interval
disperse: background-heals cpu-extensions eager-lock eager-lock-timeout heal-wait-qlength optimistic-change-log other-eager-lock
disperse: other-eager-lock-timeout parallel-writes quorum-count read-policy self-heal-window-size shd-max-threads
disperse: shd-wait-qlength stripe-cache
features: alert-time auto-commit-period barrier barrier-timeout cache-invalidation cache-invalidation-timeout cloudsync
features: cloudsync-product-id cloudsync-remote-read cloudsync-store-id cloudsync-storetype ctime default-retention-period
features: default-soft-limit enforce-mandatory-lock expiry-time failover-hosts lease-lock-recall-timeout leases
features: locks-monkey-unlocking locks-notify-contention locks-notify-contention-delay locks-revocation-clear-all
features: locks-revocation-max-blocked locks-revocation-secs retention-mode s3plugin-bucketid s3plugin-hostname s3plugin-keyid
features: s3plugin-seckey sdfs selinux shard shard-block-size shard-deletion-rate shard-lru-limit show-snapshot-directory
features: signer-threads snapshot-directory tag-namespaces timeout uss
geo-replication: ignore-pid-check indexing
locks: mandatory-locking trace
network: compression compression.compression-level compression.debug compression.mem-level compression.min-size
network: compression.window-size frame-timeout inode-lru-limit ping-timeout remote-dio tcp-window-size
performance: aggregate-size cache-capability-xattrs cache-ima-xattrs cache-invalidation cache-max-file-size cache-min-file-size
performance: cache-priority cache-refresh-timeout cache-samba-metadata cache-size cache-swift-metadata client-io-threads
performance: ctime-invalidation enable-least-priority flush-behind force-readdirp global-cache-invalidation high-prio-threads
performance: io-cache io-cache-pass-through io-cache-size io-thread-count iot-cleanup-disconnected-reqs iot-pass-through
performance: iot-watchdog-secs lazy-open least-prio-threads low-prio-threads md-cache-pass-through md-cache-statfs
performance: md-cache-timeout nfs.flush-behind nfs.io-cache nfs.io-threads nfs.quick-read nfs.read-ahead nfs.stat-prefetch
performance: nfs.strict-o-direct nfs.strict-write-ordering nfs.write-behind nfs.write-behind-trickling-writes
performance: nfs.write-behind-window-size nl-cache nl-cache-limit nl-cache-pass-through nl-cache-positive-entry nl-cache-timeout
performance: normal-prio-threads open-behind open-behind-pass-through parallel-readdir qr-cache-timeout quick-read
performance: quick-read-cache-invalidation quick-read-cache-size quick-read-cache-timeout rda-cache-limit rda-high-wmark
performance: rda-low-wmark rda-request-size read-after-open read-ahead read-ahead-page-count read-ahead-pass-through
performance: readdir-ahead readdir-ahead-pass-through resync-failed-syncs-after-fsync stat-prefetch strict-o-direct
performance: strict-write-ordering write-behind write-behind-pass-through write-behind-trickling-writes write-behind-window-size
performance: xattr-cache-list
rebalance: ensure-durability
server: allow-insecure event-threads gid-timeout keepalive-count keepalive-interval keepalive-time manage-gids own-thread
server: statedump-path tcp-user-timeout
storage: batch-fsync-delay-usec batch-fsync-mode build-pgfid create-directory-mask create-mask fips-mode-rchecksum
storage: force-create-mode force-directory-mode gfid2path gfid2path-separator health-check-interval health-check-timeout
storage: linux-aio linux-io_uring max-hardlinks node-uuid-pathinfo owner-gid owner-uid reserve xattr-user-namespace-mode
`;

const names: ReadonlySet<string> = new Set(
  table
    .trim()
    .split("\n")
    .flatMap((line) => {
      const [prefix, rest = ""] = line.split(": ");
      return rest.split(" ").map((name) => `${prefix}.${name}`);
    }),
);

const access =
  /^(auth\.|ssl\.|(client|server)\.ssl$|server\.(dynamic-auth$|root-squash|all-squash|anon)|nfs\.|ganesha\.|transport\.|config\.transport$|user\.|features\.(acl$|read-only|worm|trash)|features?\.(simple-)?quota|features\.(inode-quota|limit-usage|hard-timeout|soft-timeout)$)/;

/** One volume's is every volume's, or they are refused of a single one (seen with 10.3). */
const clusterWide: ReadonlySet<string> = new Set([
  ...["client.strict-locks", "server.outstanding-rpc-limit", "glusterd.vol_count_per_thread", "cluster.server-quorum-ratio"],
  ...["cluster.brick-graceful-cleanup", "cluster.brick-multiplex", "cluster.max-bricks-per-process", "cluster.localtime-logging"],
  ...["cluster.daemon-log-level", "cluster.enable-shared-storage", "cluster.op-version", "cluster.max-op-version"],
]);

/** `volume set` refuses them (seen with 10.3). */
const commands: readonly [name: RegExp, command: string][] = [
  [/^features\.(bitrot|scrub)/, "bitrot"],
  [/^cluster\.granular-entry-heal$/, "heal"],
];

/** What is wrong with an option of a volume that a person asks for; undefined if nothing. */
export function volumeOptionProblem(name: string, value: string): string | undefined {
  return nameProblem(name) ?? valueProblem(name, value);
}

function nameProblem(name: string): string | undefined {
  if (access.test(name)) return "it decides on access, size or marks, which sharewright sets itself";
  if (clusterWide.has(name)) return "it is one of the whole cluster, so that it would change other shares, too";
  const command = commands.find(([pattern]) => pattern.test(name))?.[1];
  if (command !== undefined) return `it is set by a command of its own, \`gluster volume ${command}\`, on a server`;
  if (!/^[a-z][a-z0-9-]*\.[a-z0-9][a-z0-9._-]*$/.test(name))
    return 'its name is to be written whole, such as "performance.cache-size"';
  if (names.has(name)) return undefined;
  const like = nearest(name);
  return `neither GlusterFS 10 nor 11 has such an option${like === undefined ? "" : `: is "${like}" meant?`}`;
}

function valueProblem(name: string, value: string): string | undefined {
  if (!/^[A-Za-z0-9._:%/@+,-]+$/.test(value))
    return "its value may hold A-Z a-z 0-9 . _ : % / @ + , - only: anything else can corrupt glusterd's store";
  if (name.length + value.length > maxOptionBytes)
    return `name and value are longer than ${maxOptionBytes} bytes, which would kill glusterd`;
  return undefined;
}

/** The same behind another first word, else the one that differs in the fewest letters, if these are few. */
function nearest(name: string): string | undefined {
  const behind = name.slice(name.indexOf("."));
  const moved = [...names].find((one) => one.endsWith(behind));
  if (moved !== undefined) return moved;
  const [best] = [...names].map((one) => [one, editDistance(name, one)] as const).sort(([, a], [, b]) => a - b);
  return best !== undefined && best[1] <= name.length / 4 ? best[0] : undefined;
}

export function formatVolumeOptions(options: Readonly<Record<string, string>>): string {
  return Object.keys(options)
    .sort()
    .map((name) => `${name}=${options[name]}`)
    .join(" ");
}

export function parseVolumeOptions(text: string): Record<string, string> | undefined {
  const pairs = text.split(" ").map((pair) => {
    const at = pair.indexOf("=");
    return [pair.slice(0, Math.max(at, 0)), pair.slice(at + 1)] as const;
  });
  const isGood = pairs.every(([name, value]) => volumeOptionProblem(name, value) === undefined);
  return isGood ? Object.fromEntries(pairs) : undefined;
}
