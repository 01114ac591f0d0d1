// Limits as bricks have them. Whoever mounts a volume as GlusterFS's own daemons do (`--client-pid=-1`) can take the limit off its bricks; nothing then
// limits the share, whatever options say (measured on 10.3). What `quota list` tells is of one brick of each set of copies.
import { run } from "../../../core/host";
import { type Log, noteOnce } from "../../../core/log";
import { splitBrick } from "../../../spec/gluster";
import { brickLimits } from "../cli-content";
import { brickLimitsIn, type Volume } from "../parse";
import { type Cluster, isUnreachable, type Server } from "../site";

/** By `HOST:PATH`; undefined for a brick without a limit. Bricks that cannot be looked at are left out. */
export type BrickLimits = ReadonlyMap<string, bigint | undefined>;

/** One command a server, all at once. */
export async function limitsOnBricks({ servers, log }: Cluster, volumes: readonly Volume[]): Promise<BrickLimits> {
  const found = await Promise.all(
    servers.map(async (server) => {
      const paths = volumes.flatMap(({ bricks }) =>
        bricks.map(splitBrick).flatMap(({ host, path }) => (host === server.address ? [path] : [])),
      );
      return paths.length === 0 ? [] : [...(await limitsOn(log, server, paths))];
    }),
  );
  return new Map(found.flat());
}

/** A look that fails says nothing: what `quota list` tells holds then. */
async function limitsOn(log: Log, server: Server, paths: readonly string[]): Promise<BrickLimits> {
  try {
    const { stdout } = await run(server, brickLimits(paths));
    return new Map([...brickLimitsIn(stdout, paths)].map(([path, limit]) => [`${server.address}:${path}`, limit]));
  } catch (error) {
    // Of a host that does not answer others tell.
    if (isUnreachable(error)) return new Map();
    const what = `limits on the bricks of ${server.address}`;
    // Every share asks again.
    noteOnce(log, `${what} cannot be looked at: ${error instanceof Error ? error.message : error}`, what);
    return new Map();
  }
}

/** Bricks of a volume that have another limit, or none. */
export function bricksWithout(limits: BrickLimits | undefined, { bricks }: Volume, size: bigint): string[] {
  return bricks.filter((brick) => limits?.has(brick) && limits.get(brick) !== size);
}
