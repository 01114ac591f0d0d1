// The file system that tests start from, as the executor reads it: all roles on this machine.
import type { FileSystemSpec } from "../src/spec/lustre";

export function fileSystemSpec(more: Partial<FileSystemSpec> = {}): FileSystemSpec {
  return {
    fsName: "scratch",
    mountPoint: "/mnt/lustre",
    exportNids: ["10.0.0.1@tcp"],
    pathPrefix: "shares",
    projectIds: { start: 10000, end: 60000 },
    owner: "stack",
    lustreVersion: "2.17",
    revocation: "lazy",
    preflight: "enforce",
    client: { type: "local" },
    mgs: { type: "local" },
    ...more,
  };
}
