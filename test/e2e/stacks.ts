// One small stack, described by its shares.
import { LustreFileSystem, type LustreFileSystemProps, type LustreShare, type LustreShareOptions, Size } from "../../lib";
import type { BuildStack } from "./support/terraform";

export interface Described {
  fileSystem?: Partial<LustreFileSystemProps>;
  /** Construct id of the file system. */
  fileSystemId?: string;
  shares?: Record<string, Partial<LustreShareOptions> & { rules?: (share: LustreShare) => void }>;
}

/** A stack with one file system and these shares, by construct id. */
export function describing({ fileSystem = {}, fileSystemId = "scratch", shares = {} }: Described): BuildStack {
  return (stack, mountPoint, hosts) => {
    const scratch = new LustreFileSystem(stack, fileSystemId, {
      fsName: "scratch",
      exportNids: ["10.0.0.1@tcp"],
      mountPoint,
      ...hosts,
      ...fileSystem,
    });
    for (const [id, { rules, ...options }] of Object.entries(shares)) {
      const share = scratch.addShare(id, { size: Size.tebibytes(1), owner: { uid: 1000, gid: 1000 }, ...options });
      rules?.(share);
    }
  };
}
