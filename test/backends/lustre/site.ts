// A site for tests that plan and do not run.
import type { Site } from "../../../src/backends/lustre/site";
import { silentLog } from "../../../src/core/log";
import type { FileSystemSpec } from "../../../src/spec/lustre";
import { ended, fakeHost } from "../../core/fake-host";

export const fileSystem: FileSystemSpec = {
  fsName: "scratch",
  mountPoint: "/mnt/lustre",
  exportNids: ["10.0.0.1@tcp"],
  pathPrefix: "shares",
  projectIds: { start: 10000, end: 60000 },
  owner: "team",
  lustreVersion: "2.17",
  revocation: "lazy",
  preflight: "enforce",
  client: { type: "local" },
  mgs: { type: "local" },
};

export function planningSite(more: Partial<FileSystemSpec> = {}): Site {
  const nothing = () => ended(1, "", "a plan runs nothing");
  return {
    fileSystem: { ...fileSystem, ...more },
    client: fakeHost("client", nothing),
    mds: fakeHost("mds", nothing, "/mnt/mds"),
    mgs: fakeHost("mgs", nothing, ""),
    servers: [],
    log: silentLog(),
  };
}
