// snapshot list, info, status (snap-list-*, snap-info-*, snap-status).
import { type Answer, done, element, errno, snapshotRefusal, type Xml } from "./answer";
import type { Call } from "./call";
import { snapshotsOf } from "./info";
import { type Cluster, findVolume, type Snapshot } from "./state";

const none = "No snapshots present\n";

export function list({ isXml, cluster }: Call, [origin]: string[]): Answer {
  if (origin !== undefined && !findVolume(cluster, origin))
    return snapshotRefusal(isXml, "Snapshot list ", `Volume (${origin}) does not exist`, { errno: errno.noVolume });
  const names = (origin === undefined ? cluster.snapshots : snapshotsOf(cluster, origin)).map(({ name }) => name);
  return done(isXml, {
    text: names.map((name) => `${name}\n`).join("") || none,
    xml: [element("snapList", [element("count", names.length), ...names.map((name) => element("snapshot", name))])],
  });
}

export function info(call: Call, [name, origin]: string[]): Answer {
  const { isXml, cluster } = call;
  if (name === "volume" && origin !== undefined) return infoOfVolume(call, origin);
  const found = cluster.snapshots.filter((one) => name === undefined || one.name === name);
  if (found.length === 0 && name !== undefined)
    return snapshotRefusal(isXml, "Snapshot info ", `Snapshot (${name}) does not exist`);
  return done(isXml, {
    text: found.map((one) => infoText(cluster, one)).join("\n") || none,
    xml: [
      element("snapInfo", [
        element("count", found.length),
        element(
          "snapshots",
          found.map((one) => infoXml(one, [originXml(cluster, one.origin)])),
        ),
      ]),
    ],
  });
}

/** "2026-11-22 01:57:57 +0000" */
function createdText({ created }: Snapshot): string {
  return `${new Date(created).toISOString().slice(0, 19).replace("T", " ")} +0000`;
}

const statusText = ({ isActive }: Snapshot) => (isActive ? "Started" : "Stopped");
const line = (title: string, value: string | number, indent = "") => `${indent}${title.padEnd(26)}: ${value}\n`;

function counts(cluster: Cluster, origin: string): { taken: number; available: number } {
  const taken = snapshotsOf(cluster, origin).length;
  return { taken, available: Math.max((findVolume(cluster, origin)?.snapLimit ?? 0) - taken, 0) };
}

function headText(snapshot: Snapshot, indent = ""): string {
  return (
    line("Snapshot", snapshot.name, indent) +
    line("Snap UUID", snapshot.id, indent) +
    (snapshot.description === "" ? "" : line("Description", snapshot.description, indent)) +
    line("Created", createdText(snapshot), indent)
  );
}

function infoText(cluster: Cluster, snapshot: Snapshot): string {
  const { taken, available } = counts(cluster, snapshot.origin);
  return `${headText(snapshot)}Snap Volumes:\n
${line("Snap Volume Name", snapshot.volume, "\t")}${line("Origin Volume name", snapshot.origin, "\t")}\tSnaps taken for ${snapshot.origin}      : ${taken}
\tSnaps available for ${snapshot.origin}  : ${available}
${line("Status", statusText(snapshot), "\t")} \n`;
}

function originXml(cluster: Cluster, origin: string): Xml {
  const { taken, available } = counts(cluster, origin);
  return element("originVolume", [element("name", origin), element("snapCount", taken), element("snapRemaining", available)]);
}

function infoXml(snapshot: Snapshot, origin: readonly Xml[]): Xml {
  return element("snapshot", [
    element("name", snapshot.name),
    element("uuid", snapshot.id),
    element("description", snapshot.description),
    element("createTime", createdText(snapshot)),
    element("volCount", 1),
    element("snapVolume", [element("name", snapshot.volume), element("status", statusText(snapshot)), ...origin]),
  ]);
}

function infoOfVolume({ isXml, cluster }: Call, origin: string): Answer {
  if (!findVolume(cluster, origin))
    return snapshotRefusal(isXml, "Snapshot info ", `Volume (${origin}) does not exist`, { errno: errno.noVolume });
  const found = snapshotsOf(cluster, origin);
  const { taken, available } = counts(cluster, origin);
  const texts = found.map((one) => `${headText(one, "\t")}${line("Status", statusText(one), "\t")} \n`);
  return done(isXml, {
    text: `${line("Volume Name", origin)}${line("Snaps Taken", taken)}${line("Snaps Available", available)}${texts.join("")}`,
    xml: [
      element("snapInfo", [
        originXml(cluster, origin),
        element("count", found.length),
        element(
          "snapshots",
          found.map((one) => infoXml(one, [])),
        ),
      ]),
    ],
  });
}

export function snapshotStatus({ isXml, cluster }: Call, [name]: string[]): Answer {
  const found = cluster.snapshots.filter((one) => name === undefined || one.name === name);
  if (found.length === 0 && name !== undefined)
    return snapshotRefusal(isXml, "Snapshot Status ", `Snapshot (${name}) does not exist`);
  return done(isXml, {
    text: found.map(statusBlock).join("") || none,
    xml: [element("snapStatus", [element("snapshots", found.map(statusXml))])],
  });
}

function brickRows({ copy, isActive }: Snapshot): { place: string; group: string; runs: string; pid: string }[] {
  return copy.bricks.map(({ host, path }, index) => ({
    place: `${host}:${path}`,
    group: isActive ? "bricks" : "N/A (Deactivated Snapshot)",
    runs: isActive ? "Yes" : "No",
    pid: isActive ? String(701 + index) : "N/A",
  }));
}

function statusBlock(snapshot: Snapshot): string {
  const bricks = brickRows(snapshot).map(
    ({ place, group, runs, pid }) =>
      `\tBrick Path        :   ${place}\n\tVolume Group      :   ${group}\n\tBrick Running     :   ${runs}\n\tBrick PID         :   ${pid}\n\tData Percentage   :   N/A\n\tLV Size           :   N/A\n`,
  );
  return `\nSnap Name : ${snapshot.name}\nSnap UUID : ${snapshot.id}\n\n${bricks.join("\n")}`;
}

function statusXml(snapshot: Snapshot): Xml {
  const bricks = brickRows(snapshot).map(({ place, group, runs, pid }) =>
    element("brick", [
      element("path", place),
      element("volumeGroup", group),
      element("brick_running", runs),
      element("pid", pid),
      element("data_percentage", "N/A"),
      element("lvSize", "N/A"),
    ]),
  );
  return element("snapshot", [
    element("name", snapshot.name),
    element("uuid", snapshot.id),
    element("volCount", 1),
    element("volume", [element("brickCount", bricks.length), ...bricks]),
  ]);
}
