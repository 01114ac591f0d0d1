// The state of a new sandbox: a site as `sharewright bootstrap` leaves it, or (bare) what a fresh Lustre is.
import { recordsDirectory } from "../spec/name";
import { addNodemap, findNodemap, newNodemap } from "./nodemaps";
import { applyParameter } from "./pending";
import { isTwoSixteen, type LustreVersion, noLimits, type State } from "./state";

export interface Setup {
  version: LustreVersion;
  fsName: string;
  mountPoint: string;
  birthTimes: boolean;
  bare: boolean;
}

/** Where clients that no nodemap names end up on 2.16, which has no deny_mount (reference: the ten, number 4). */
export const closedFileset = `/${recordsDirectory}/closed`;

const tebibyte = 1024 ** 3;

export function initialState(setup: Setup): State {
  const state = freshLustre(setup);
  if (!setup.bare) prepareSite(state);
  return state;
}

function freshLustre({ version, fsName, mountPoint, birthTimes }: Setup): State {
  return {
    format: 1,
    version,
    fsName,
    mountPoint,
    mountOptions: "rw,checksum,encrypt,flock,lazystatfs,lruresize,nolock,statfs_project,nouser_fid2path,nouser_xattr,verbose",
    serverNid: "10.0.0.1@tcp",
    birthTimes,
    instance: "ffff8cbca99ad000",
    targets: [
      { name: "MDT0000", kind: "mdt", kib: tebibyte, inodes: 1_000_000_000, up: true },
      { name: "OST0000", kind: "ost", kib: 100 * tebibyte, inodes: 1_000_000_000, up: true },
      { name: "OST0001", kind: "ost", kib: 100 * tebibyte, inodes: 1_000_000_000, up: true },
    ],
    pools: {},
    inodes: {},
    quotas: {},
    defaultQuota: { ...noLimits },
    grace: { block: "604800", inode: "604800" },
    nodemapActive: false,
    nodemaps: [newNodemap("default", 0, version)],
    nextNodemapId: 1,
    nextRangeId: 1,
    nextBanId: 1,
    parameters: {},
    persistent: {},
    pending: [],
    persistDelayMs: 300,
    mounts: [],
  };
}

function prepareSite(state: State): void {
  setForGood(state, `osd-ldiskfs.${state.fsName}-MDT*.quota_slave.enabled`, "ugp"); // as conf_param writes them
  setForGood(state, `osd-ldiskfs.${state.fsName}-OST*.quota_slave.enabled`, "ugp");
  setForGood(state, "osd-*.*.quota_slave.root_prj_enable", "1");
  setForGood(state, `mdt.${state.fsName}-MDT*.identity_upcall`, "NONE"); // users need no accounts on the servers
  const trusted = addNodemap(state, "sw_trusted");
  trusted.properties["admin_nodemap"] = "1";
  trusted.properties["trusted_nodemap"] = "1";
  trusted.ranges.push({ id: state.nextRangeId++, net: "tcp", start: "10.0.0.1", end: "10.0.0.1" });
  closeDefault(state);
  state.nodemapActive = true;
}

function closeDefault(state: State): void {
  const anyoneElse = findNodemap(state, "default");
  if (isTwoSixteen(state)) setForGood(state, "nodemap.default.fileset", closedFileset);
  else if (anyoneElse) anyoneElse.properties["deny_mount"] = "1";
}

function setForGood(state: State, name: string, value: string): void {
  state.persistent[name] = value;
  applyParameter(state, name, value);
}
