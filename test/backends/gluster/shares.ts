// Shares as plans are made from them: a wish, a record, a volume that says so.
import type { Volume } from "../../../src/backends/gluster/parse";
import { type ShareRecord, shareMark } from "../../../src/backends/gluster/records";
import type { SeenShare } from "../../../src/backends/gluster/share/observe";
import type { ShareWish } from "../../../src/backends/gluster/share/steps";
import { volume } from "./volume";

export const gibibyte = 1024n ** 3n;
export const servers = ["glusterfs-server-1", "manila-host-1"];

export function wishOf(more: Partial<ShareWish["spec"]> = {}): ShareWish {
  return {
    key: "a",
    claim: "claim",
    spec: {
      share: "a",
      clusters: ["east"],
      size: gibibyte,
      provisioning: { kind: "pool" },
      volumeOptions: {},
      removalPolicy: "destroy",
      adopt: false,
      allowRestart: false,
      ...more,
    },
  };
}

export function recordOf(more: Partial<ShareRecord> = {}): ShareRecord {
  return {
    key: "a",
    volume: "pool-1",
    claim: "claim",
    owner: "stack",
    state: "ready",
    origin: "pool",
    size: gibibyte,
    removalPolicy: "destroy",
    infrastructure: servers,
    kept: [],
    looked: true,
    shown: true,
    before: {},
    options: [],
    ...more,
  };
}

/** Options of a share that is ready and has no rules. */
export const closed = {
  "client.ssl": "on",
  "server.ssl": "on",
  "server.dynamic-auth": "on",
  "auth.ssl-allow": servers.join(","),
  "features.quota": "on",
  "features.hard-timeout": "0",
  "features.soft-timeout": "0",
};

export function seenOf(record: ShareRecord, { options = closed, ...more }: Partial<Volume> = {}, used = 0n): SeenShare {
  const one = volume(record.volume, { ...more, options: { ...options, ...shareMark(record) } });
  return { volume: one, record, quota: { limit: gibibyte, used } };
}
