// A site for tests that plan and do not run.
import type { Site } from "../../../src/backends/lustre/site";
import { silentLog } from "../../../src/core/log";
import type { FileSystemSpec } from "../../../src/spec/lustre";
import { ended, fakeHost } from "../../core/fake-host";
import { fileSystemSpec } from "../../file-system";

export const fileSystem = fileSystemSpec({ owner: "team" });

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
