// Every way in which work can end other than well, for tests of what has to hold for all of them.
import { glusterFaults } from "../src/backends/gluster/faults";
import { lustreFaults } from "../src/backends/lustre/faults";
import { coreFaults, faultsOf } from "../src/core/errors";
import { connectionFaults } from "../src/transports/faults";

export const faults = { ...coreFaults, ...connectionFaults, ...lustreFaults, ...glusterFaults };
export type FaultCode = keyof typeof faults;
export const fault = faultsOf(faults);
