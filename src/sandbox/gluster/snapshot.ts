// snapshot create, activate, deactivate, clone, delete, restore (snap-*, clone-*). A snapshot is a copy of the first brick, a clone a copy of it.
import { type Answer, done, element, errno, type Refused, snapshotRefusal, unanswered, usage } from "./answer";
import type { Call, Handler } from "./call";
import { addVolume } from "./create";
import { brickPath, copyData, dataPath, makeBrick, removeBrick } from "./files";
import { snapshotsOf } from "./info";
import { config } from "./snapshot-config";
import { info, list, snapshotStatus } from "./snapshot-info";
import { type Cluster, dropOption, findVolume, type Snapshot, setOption, type Volume } from "./state";
import { usages } from "./texts";

function withLvm(command: string, handler: Handler): Handler {
  const why = "LVM commands not found, snapshot functionality is disabled";
  return (call, words) =>
    call.cluster.lvm === "none" && call.cluster.release === "10.3"
      ? snapshotRefusal(
          call.isXml,
          command,
          why,
          command === "snapshot delete" ? { xml: [failedDelete(words[0] ?? "", why)] } : {},
        )
      : handler(call, words);
}

function findSnapshot({ snapshots }: Cluster, name: string | undefined): Snapshot | undefined {
  return snapshots.find((snapshot) => snapshot.name === name);
}

const hex = (id: string) => id.replaceAll("-", "");

/** The bricks of a volume that a snapshot or a clone is made of. */
function copyVolume({ dir, cluster }: Call, from: Volume, name: string, id: string): Volume {
  const bricks = from.bricks.map((brick, index) => ({
    ...brick,
    path: `/run/gluster/snaps/${name}/brick${index + 1}/data`,
    isUp: false,
  }));
  const copy: Volume = { ...structuredClone(from), name, id, bricks, status: "Created", servesTls: false };
  delete copy.limit;
  dropOption(copy, "features.barrier");
  for (const option of ["features.quota", "features.inode-quota", "features.quota-deem-statfs"]) {
    if (copy.options.some(([key]) => key === option)) setOption(copy, option, "off");
    else copy.options.push([option, "off"]);
  }
  copyData(dataPath(dir, cluster, from), dataPath(dir, cluster, copy));
  for (const brick of bricks) makeBrick(brickPath(dir, cluster, brick));
  return copy;
}

const longestName = 255;

function create(call: Call, words: string[]): Answer {
  const { isXml, cluster } = call;
  const [name, origin, ...options] = words;
  if (name === undefined || origin === undefined) return usage("Invalid Syntax.", usages.snapshotCreate);
  if (name.length > longestName)
    return usage(`snapshot create: failed: snapname cannot exceed ${longestName} characters.`, usages.snapshotCreate);
  if (!/^[A-Za-z0-9_-]+$/.test(name))
    return usage('Snapname can contain only alphanumeric, "-" and "_" characters', usages.snapshotCreate);
  const created = Date.now();
  const full = options.includes("no-timestamp") ? name : `${name}_GMT-${timestamp(created)}`;
  const volume = findVolume(cluster, origin);
  const problem = createProblem(cluster, volume, origin, full);
  if (problem || !volume) return snapshotRefusal(isXml, "snapshot create", problem?.why ?? "", problem);
  const [id, inner] = [crypto.randomUUID(), hex(crypto.randomUUID())];
  const at = options.indexOf("description");
  const description = at < 0 ? "" : options.slice(at + 1).join(" ");
  const copy = copyVolume(call, volume, inner, id);
  cluster.snapshots.push({
    ...{ name: full, id, volume: inner, origin, description, created },
    isActive: cluster.activateOnCreate,
    copy,
  });
  setOption(volume, "features.barrier", "disable");
  return done(isXml, {
    text: `snapshot create: success: Snap ${full} created successfully\n`,
    xml: [element("snapCreate", [element("snapshot", [element("name", full), element("uuid", id)])])],
  });
}

function createProblem(cluster: Cluster, volume: Volume | undefined, origin: string, name: string): Refused | undefined {
  if (findSnapshot(cluster, name)) return { why: `Snapshot ${name} already exists`, errno: errno.snapshotExists };
  if (!volume) return { why: `Volume (${origin}) does not exist `, errno: errno.noVolume };
  if (volume.status !== "Started") return { why: `volume ${origin} is not started`, errno: errno.notStarted };
  if (cluster.lvm !== "thin" && cluster.release === "11.1")
    return { why: `Snapshots not supported for all bricks in volume ${origin}.` };
  if (cluster.lvm !== "thin")
    return {
      why: `Snapshot is supported only for thin provisioned LV. Ensure that all bricks of ${origin} are thinly provisioned LV.`,
      errno: errno.notThin,
    };
  if (snapshotsOf(cluster, origin).length >= volume.snapLimit)
    return {
      why: `The number of existing snaps has reached the effective maximum limit of ${volume.snapLimit}, for the volume (${origin}). Please delete few snapshots before taking further snapshots.`,
      errno: errno.snapshotLimit,
    };
  return undefined;
}

/** "2026.11.22-01.58.20" */
function timestamp(ms: number): string {
  const [day = "", time = ""] = new Date(ms).toISOString().slice(0, 19).split("T");
  return `${day.replaceAll("-", ".")}-${time.replaceAll(":", ".")}`;
}

function switchTo(isActive: boolean): Handler {
  const verb = isActive ? "activate" : "deactivate";
  return (call, [name, force]) => {
    const { isXml, isScript, cluster } = call;
    if (!isActive && !isScript) return unanswered("Deactivating snap will make its data inaccessible. Do you want to continue?");
    const snapshot = findSnapshot(cluster, name);
    const command = `snapshot ${verb}`;
    if (!snapshot) return snapshotRefusal(isXml, command, `Snapshot (${name}) does not exist.`, { errno: errno.noSnapshot });
    if (snapshot.isActive === isActive && force !== "force")
      return snapshotRefusal(isXml, command, `Snapshot ${name} is already ${verb}d.`, { errno: errno.already });
    snapshot.isActive = isActive;
    return done(isXml, {
      text: `Snapshot ${verb}: ${name}: Snap ${verb}d successfully\n`,
      xml: [
        element(isActive ? "snapActivate" : "snapDeactivate", [
          element("snapshot", [element("name", snapshot.name), element("uuid", snapshot.id)]),
        ]),
      ],
    });
  };
}

function clone(call: Call, [name = "", from]: string[]): Answer {
  const { isXml, cluster } = call;
  const refuse = (why: string, number?: number) =>
    snapshotRefusal(isXml, "snapshot clone", why, number === undefined ? {} : { errno: number });
  const snapshot = findSnapshot(cluster, from);
  if (findVolume(cluster, name)) return refuse(`Volume with name:${name} already exists`, errno.volumeExists);
  if (!snapshot) return refuse(`Failed to find :${from} snap`);
  if (!snapshot.isActive) return refuse(`Snapshot ${from} is not activated`, errno.notStarted);
  const id = crypto.randomUUID();
  addVolume(cluster, { ...copyVolume(call, snapshot.copy, hex(id), id), name });
  return done(isXml, {
    text: `snapshot clone: success: Clone ${name} created successfully\n`,
    xml: [element("CloneCreate", [element("volume", [element("name", name), element("uuid", id)])])],
  });
}

function failedDelete(name: string, why: string, number: number = errno.generic) {
  return element("snapDelete", [
    element("snapshots", [
      element("snapshot", [
        element("status", "Failure"),
        element("opRet", -1),
        element("opErrno", number),
        element("opErrstr", why),
        element("name", name),
      ]),
    ]),
  ]);
}

function deleteSnapshot(call: Call, [name = "", origin]: string[]): Answer {
  const { isXml, isScript, cluster } = call;
  if (!isScript) return unanswered("Deleting snap will erase all the information about the snap. Do you still want to continue?");
  const isMany = name === "all" || (name === "volume" && origin !== undefined);
  const chosen = cluster.snapshots.filter(
    (one) => name === "all" || one[isMany ? "origin" : "name"] === (isMany ? origin : name),
  );
  if (chosen.length === 0 && !isMany) {
    const why = `Snapshot (${name}) does not exist`;
    const more = { errno: errno.noSnapshot, xml: [failedDelete(name, why, errno.noSnapshot)] };
    return snapshotRefusal(isXml, "snapshot delete", why, more);
  }
  for (const snapshot of chosen) removeSnapshot(call, snapshot);
  const removed = chosen.map((one) =>
    element("snapshot", [element("status", "Success"), element("name", one.name), element("uuid", one.id)]),
  );
  const lines = chosen.map((one) => `snapshot delete: ${one.name}: snap removed successfully\n`);
  return done(isXml, {
    text: lines.join("") || "No snapshots present\n",
    xml: [element("snapDelete", [element("snapshots", [...(isMany ? [element("snapCount", removed.length)] : []), ...removed])])],
  });
}

function removeSnapshot({ dir, cluster }: Call, snapshot: Snapshot): void {
  cluster.snapshots = cluster.snapshots.filter((other) => other !== snapshot);
  for (const brick of snapshot.copy.bricks) removeBrick(brickPath(dir, cluster, brick));
}

/** The snapshot becomes the volume, and is no snapshot any more. */
function restore(call: Call, [name]: string[]): Answer {
  const { isXml, isScript, cluster } = call;
  if (!isScript)
    return unanswered(
      "Restore operation will replace the original volume with the snapshotted volume. Do you still want to continue?",
    );
  const snapshot = findSnapshot(cluster, name);
  const volume = snapshot && findVolume(cluster, snapshot.origin);
  if (!snapshot || !volume)
    return snapshotRefusal(isXml, "snapshot restore", `Snapshot (${name}) does not exist`, { errno: errno.noSnapshot });
  if (volume.status === "Started")
    return snapshotRefusal(
      isXml,
      "snapshot restore",
      `Volume (${volume.name}) has been started. Volume needs to be stopped before restoring a snapshot.`,
      { errno: errno.started },
    );
  const { bricks, options } = snapshot.copy;
  Object.assign(volume, { bricks, options, status: "Stopped" });
  delete volume.limit;
  cluster.snapshots = cluster.snapshots.filter((other) => other !== snapshot);
  return done(isXml, {
    text: `Snapshot restore: ${name}: Snap restored successfully\n`,
    xml: [
      element("snapRestore", [
        element("volume", [element("name", volume.name), element("uuid", volume.id)]),
        element("snapshot", [element("name", snapshot.name), element("uuid", snapshot.id)]),
      ]),
    ],
  });
}

export const snapshot: Readonly<Record<string, Handler>> = {
  create: withLvm("snapshot create", create),
  activate: withLvm("snapshot activate", switchTo(true)),
  deactivate: withLvm("snapshot deactivate", switchTo(false)),
  clone: withLvm("snapshot clone", clone),
  delete: withLvm("snapshot delete", deleteSnapshot),
  restore: withLvm("snapshot restore", restore),
  list: withLvm("Snapshot list ", list),
  info: withLvm("Snapshot info ", info),
  status: withLvm("Snapshot Status ", snapshotStatus),
  config: withLvm("Snapshot Config ", config),
};
