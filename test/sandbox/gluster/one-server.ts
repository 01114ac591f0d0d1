// The system on which the first transcripts were made: one server, four volumes, and a volume "tt" that each case wants in its own state.

export const server = "127.1.1.1";
export const bricks = "/srv/gluster/c1/n1/bricks";
const brick = (name: string) => `${server}:${bricks}/${name}/data`;

const make = (name: string) => `volume create ${name} ${brick(name)} force`;
const created = [make("tt")];
const started = [...created, "volume start tt"];
const stopped = [...started, "--mode=script volume stop tt"];

export const four = ["vol1", "vol2", "vol3", "vol4"].flatMap((name) => [make(name), `volume start ${name}`]);

const sets = [
  "user.manila-share X",
  "auth.ssl-allow CN=x",
  "user.any.key-here_1 v",
  "user. v",
  'user.shell.owner {"a":1}',
  "client.ssl OFF",
  "server.ssl OFF",
  "server.dynamic-auth ON",
  "nfs.export-volumes OFF",
  "features.trash off",
  "features.trash-max-filesize 5MB",
  "features.read-only off",
  "features.worm off",
  "features.uss disable",
  "features.shard off",
  "auth.allow *",
  "cluster.min-free-disk 10%",
  "user.manila-share NONE",
].map((pair) => `volume set vol1 ${pair}`);

export interface Scene {
  cases: RegExp;
  /** Commands of gluster that come before. */
  before?: readonly string[];
  isDown?: boolean;
  /** Bricks lie on the root file system. */
  onRoot?: boolean;
  lvm?: "thin" | "thick" | "none";
  /** A directory of a brick whose volume is gone. */
  leaves?: string;
  /** Bricks that are removed before. */
  gone?: readonly string[];
}

const longName = (length: number) => [`volume create ${"v".repeat(length)} ${brick("names")} force`];

/** The first that fits holds. */
export const scenes: readonly Scene[] = [
  { cases: /^(down-|default-sock-down)/, isDown: true },
  { cases: /^create-brick-reused/, before: [...created, "--mode=script volume delete tt"], leaves: `${bricks}/tt/data` },
  { cases: /^create-noforce$/, onRoot: true },
  { cases: /^(start|stop-never-started|delete|delete-noscript|info-stopped|get-stopped|set-stopped)$/, before: created },
  { cases: /^(start-again|stop-script|stop-force|stop-noscript|stop-script-after|delete-started|delete-force)/, before: started },
  { cases: /^start-brick-gone/, before: created, gone: [`${bricks}/tt/data`] },
  { cases: /^(stop-again|info-stopped2|status-stopped|status-all)/, before: stopped },
  { cases: /^list-extra$|^remote-list$/, before: created },
  { cases: /^info-after-sets$/, before: sets },
  { cases: /^set-two-one-bad-after$/, before: [...sets, "volume set vol1 auth.ssl-allow a,b user.manila-share Y"] },
  {
    cases: /^info-with-options$/,
    before: [
      "volume set vol1 user.manila-share 5e8e4a0e-0000-4000-8000-000000000001",
      "volume set vol1 auth.ssl-allow glusterfs-server-01,manila-host-01,alice",
    ],
  },
  { cases: /^info-after-reset$/, before: ["volume set all cluster.brick-multiplex off", ...sets, "volume reset vol1"] },
  { cases: /^get-all$|^get-set-auth.ssl-allow$/, before: ["volume set vol1 auth.ssl-allow a,b"] },
  { cases: /^get-set-user/, before: ["volume set vol1 user.manila-share X"] },
  { cases: /^name-start-150$/, before: longName(150) },
  { cases: /^host-snap-/, lvm: "none" },
];
