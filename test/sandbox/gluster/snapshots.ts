// The transcripts of snapshots in the order of the measurement, with what was done in between. A line with a blank is a command of gluster;
// "thin" and "thick" say what the next volumes lie on.

const brick = (path: string) => `127.1.1.1:/bricks/${path}/data`;
const manila = "5e8e4a0e-0000-4000-8000-000000000001";

export const snapshotPlay: readonly string[] = [
  ...["rootvol", "thick", "v1"].flatMap((name) => [
    `volume create ${name} ${brick(name === "v1" ? "b1" : name)} force`,
    `volume start ${name}`,
  ]),
  `volume create v2 ${brick("b2")} force`,
  "volume set v1 auth.ssl-allow glusterfs-server-01,manila-host-01,alice",
  `volume set v1 user.manila-share ${manila}`,
  "snap-list-none", "snap-list-none-v1", "snap-info-none", "snap-config",
  "snap-create-notimestamp", "snap-create", "snap-create-desc", "snap-create-dup", "snap-create-missing-vol", "snap-create-stopped-vol",
  "thick", "snap-create-thick", "snap-create-rootfs", "thin",
  "snap-create-badname", "snap-create-longname", "snap-create-noname",
  "snap-list", "snap-list-v1", "snap-list-missing", "snap-info-one", "snap-info-vol", "snap-info-missing", "snap-status",
  "vol-info-with-snaps", "snap-activate", "snap-activate-again", "snap-activate-missing", "snap-info-active",
  "snap-clone", "snap-clone-inactive", "snap-clone-exists", "snap-clone-missing",
  "clone-info", "clone-start", "clone-info-started",
  "snap-delete-with-clone", "clone-status-after", "snap-delete-noscript", "snap-delete", "snap-delete-missing",
  "snapshot activate s3", "snap-deactivate.plain", "snapshot activate s3", "snap-deactivate.xml", "snap-deactivate-again",
  "clone-delete-started", "--mode=script volume stop c1", "--mode=script volume stop c2", "clone-delete",
  "snap-restore-started", "--mode=script volume stop v1", "snap-restore.plain", "vol-info-after-restore",
  "volume start v1", "snapshot create s5 v1 no-timestamp", "--mode=script volume stop v1", "snap-restore.xml",
  "vol-delete-with-snaps", "volume start v1", "snapshot create s6 v1 no-timestamp",
  "snap-config-set", "snap-create-limit",
  "snap-delete-volume", "snap-delete-all", "snap-config-autodelete", "snap-config-activate", "snap-create-activated", "snap-info-activated",
]; // biome-ignore format: a list of words
