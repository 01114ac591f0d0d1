// The whole of a site's GlusterFS storage as a value: to put it back, and to compare two ends of the same work.
import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Snapshot, Volume } from "../../../src/sandbox/gluster/state";
import { files, replaceFile } from "../../../src/sandbox/store";
import { quotaTraces } from "./expect";
import type { GlusterSite } from "./site";

const savedAs = (site: GlusterSite) => join(site.dir, "..", "saved");

/** Where servers have their bricks: nothing else on them is an executor's to change. */
function brickRootsOf(site: GlusterSite): string[] {
  const hosts = join(site.dir, files.hosts);
  return readdirSync(hosts)
    .map((host) => join(host, "root/bricks"))
    .filter((bricks) => existsSync(join(hosts, bricks)));
}

export function save(site: GlusterSite): void {
  const saved = savedAs(site);
  rmSync(saved, { recursive: true, force: true });
  for (const bricks of brickRootsOf(site)) cpSync(join(site.dir, files.hosts, bricks), join(saved, bricks), { recursive: true });
  cpSync(join(site.dir, files.state), join(saved, files.state));
}

/** Nothing may be running. */
export function restore(site: GlusterSite): void {
  const saved = savedAs(site);
  rmSync(site.mounts, { recursive: true, force: true });
  for (const bricks of brickRootsOf(site)) {
    const place = join(site.dir, files.hosts, bricks);
    rmSync(place, { recursive: true, force: true });
    cpSync(join(saved, bricks), place, { recursive: true });
  }
  replaceFile(join(site.dir, files.state), readFileSync(join(saved, files.state), "utf8"));
}

/** Text of all that matters: volumes with options, data and bricks, snapshots, mounts. Ids that are made anew each time are left out. */
export function describe(site: GlusterSite): string {
  const { clusters, mounts } = site.state();
  const lines = clusters.flatMap(({ name, volumes, snapshots, servers }, index) => [
    `${name}: servers up: ${servers.map(({ isUp }) => isUp).join(" ")}`,
    ...volumes.map(
      (volume) =>
        `${name}: ${volumeLine(volume)} holds ${site
          .entries(volume.name, index + 1)
          .sort()
          .join(" ")}`,
    ),
    ...snapshots.map((snapshot) => `${name}: ${snapshotLine(snapshot)}`),
  ]);
  const mounted = mounts.map(({ id, host, source, identity }) => `mount ${host ?? id} ${source} ${identity.commonName}`);
  return [...lines, ...bricksOf(site), ...mounted, ...mountPointsOf(site)].join("\n");
}

function volumeLine({ name, status, servesTls, limit, options, bricks }: Volume): string {
  const shown = options
    .filter(
      ([option, value]) => value !== "NONE" && option !== "features.barrier" && !(quotaTraces.test(option) && value === "off"),
    )
    .map(([option, value]) => `${option}=${withoutTime(value)}`);
  return `volume ${name} ${status} TLS ${servesTls} limit ${limit} ${shown.sort().join(" ")} ${bricks.map(({ isUp }) => isUp).join(" ")}`;
}

function withoutTime(record: string): string {
  return record.replace(/since=[^&]*/, "since=");
}

function snapshotLine({ name, origin, isActive }: Snapshot): string {
  return `snapshot ${name} of ${origin} ${isActive ? "active" : "at rest"}`;
}

function bricksOf(site: GlusterSite): string[] {
  return brickRootsOf(site).flatMap((bricks) =>
    readdirSync(join(site.dir, files.hosts, bricks))
      .filter((name) => !name.startsWith("."))
      .sort()
      .map((name) => `brick ${bricks} ${name}`),
  );
}

function mountPointsOf({ mounts }: GlusterSite): string[] {
  return existsSync(mounts) ? readdirSync(mounts).map((name) => `mount point ${name}`) : [];
}

/** Data of a client, put there without one. */
export function put(site: GlusterSite, volume: string, name: string): void {
  const place = site.data(volume);
  mkdirSync(join(place, name, ".."), { recursive: true });
  writeFileSync(join(place, name), name);
}
