// GlusterFS, as commands meet it.
import { glusterFaults } from "../../backends/gluster/faults";
import type { ClusterSpec } from "../../spec/gluster";
import type { Desk } from "../desk";
import { capacity } from "./capacity";
import { chooseClusters } from "./choose";
import { check } from "./doctor";
import { gluster as system } from "./hooks";
import { list, unclaimed } from "./list";
import { withoutRules } from "./sudoers";
import { survey } from "./survey";
import { release, trash } from "./trash";
import { views } from "./view";

export const gluster: Desk<ClusterSpec> = {
  system,
  faults: glusterFaults,
  views,
  places: "clusters",
  flag: "cluster",
  choose: chooseClusters,
  survey,
  list,
  unclaimed,
  capacity,
  check,
  release,
  trash,
  withoutRules,
};
