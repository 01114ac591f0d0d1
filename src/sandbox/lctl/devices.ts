// lctl dl and list_nids: the devices of a host, by which one knows the MGS (golden a006, a007, e016). UUIDs and counts are made up.
import type { Context } from "../context";
import type { State } from "../state";

type Device = readonly [type: string, name: string, uuid: string, references: number];

export function deviceList(context: Context): number {
  devicesOf(context).forEach(([type, name, uuid, references], index) => {
    context.out(`${String(index).padStart(3)} UP ${type} ${name} ${uuid} ${references}\n`);
  });
  return 0;
}

function devicesOf({ sight, state }: Context): Device[] {
  const site = state();
  const mgc: Device = ["mgc", `MGC${site.serverNid}`, "96dac03b-7363-4aa3-95e7-fa8e1d835a02", 5];
  return [
    ...(sight.mgs ? ([["mgs", "MGS", "MGS", 5]] as Device[]) : []),
    mgc,
    ...(sight.targets.some((kind) => kind === "mdt") ? mdtDevices(site) : []),
    ...(sight.targets.some((kind) => kind === "ost") ? ostDevices(site) : []),
    ...(sight.mount ? clientDevices(site) : []),
  ];
}

function mdtDevices({ fsName, targets }: State): Device[] {
  const osts = targets.filter(({ kind }) => kind === "ost");
  return [
    ["osd-ldiskfs", `${fsName}-MDT0000-osd`, `${fsName}-MDT0000-osd_UUID`, 10],
    ["mds", "MDS", "MDS_uuid", 3],
    ["lod", `${fsName}-MDT0000-mdtlov`, `${fsName}-MDT0000-mdtlov_UUID`, 4],
    ["mdt", `${fsName}-MDT0000`, `${fsName}-MDT0000_UUID`, 11],
    ["mdd", `${fsName}-MDD0000`, `${fsName}-MDD0000_UUID`, 4],
    ["qmt", `${fsName}-QMT0000`, `${fsName}-QMT0000_UUID`, 4],
    lightweight(fsName, "MDT0000"),
    ...osts.map(({ name }): Device => ["osp", `${fsName}-${name}-osc-MDT0000`, `${fsName}-MDT0000-mdtlov_UUID`, 5]),
  ];
}

function ostDevices({ fsName, targets }: State): Device[] {
  const osts = targets.filter(({ kind, up }) => kind === "ost" && up);
  return [
    ["ost", "OSS", "OSS_uuid", 3],
    ...osts.flatMap(({ name }): Device[] => [
      ["osd-ldiskfs", `${fsName}-${name}-osd`, `${fsName}-${name}-osd_UUID`, 5],
      ["obdfilter", `${fsName}-${name}`, `${fsName}-${name}_UUID`, 5],
      lightweight(fsName, name),
    ]),
  ];
}

/** A server's own connection to the first MDT. */
function lightweight(fsName: string, name: string): Device {
  return ["lwp", `${fsName}-MDT0000-lwp-${name}`, `${fsName}-MDT0000-lwp-${name}_UUID`, 5];
}

function clientDevices({ fsName, instance, targets }: State): Device[] {
  const uuid = "d11daf72-9fda-428c-a9e2-7e677434cf65";
  return [
    ["lov", `${fsName}-clilov-${instance}`, uuid, 4],
    ["lmv", `${fsName}-clilmv-${instance}`, uuid, 5],
    ...targets.map(
      ({ name, kind }): Device => [
        kind === "mdt" ? "mdc" : "osc",
        `${fsName}-${name}-${kind === "mdt" ? "mdc" : "osc"}-${instance}`,
        uuid,
        5,
      ],
    ),
  ];
}

export function listNids(context: Context): number {
  context.out(`${context.state().serverNid}\n`);
  return 0;
}
