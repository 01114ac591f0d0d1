// What lies on the bricks of a volume that should be empty. Through a mount it may not show: what healing has left on one of them, what was deleted
// while it was open, shards. Only hosts to which the stack has a connection can be asked.
import { ShareError } from "../../../core/errors";
import { run } from "../../../core/host";
import { defined } from "../../../spec/defined";
import { splitBrick } from "../../../spec/gluster";
import * as cli from "../cli-content";
import type { Volume } from "../parse";
import { type Cluster, isUnreachable } from "../site";

export interface BrickContent {
  /** `HOST:PATH` of one entry. */
  entry?: string;
  /** Bricks that could not be looked at. */
  unseen: string[];
}

export async function contentOfBricks({ servers }: Cluster, volume: Volume): Promise<BrickContent> {
  const content: BrickContent = { unseen: [] };
  const found = await Promise.all(
    volume.bricks.map(async (brick) => {
      const { host, path } = splitBrick(brick);
      const server = servers.find(({ address }) => address === host);
      if (!server) return void content.unseen.push(brick);
      try {
        const { stdout } = await run(server, cli.firstBrickEntry(path, volume.id));
        return stdout === "" ? undefined : `${host}:${stdout.split("\n")[0]}`;
      } catch (error) {
        if (!ShareError.isShareError(error) || !isUnreachable(error)) throw error;
        return void content.unseen.push(brick);
      }
    }),
  );
  const [entry] = found.filter((one) => one !== undefined);
  return { ...content, ...defined({ entry }) };
}

/** Said where it matters: of a volume that is taken or given back. */
export function noteUnseen({ log }: Cluster, { name }: Volume, { unseen }: BrickContent): void {
  if (unseen.length === 0) return;
  const bricks = unseen.sort().join(", ");
  log.note(`${bricks} of volume ${name} cannot be looked at from here: nothing is proven of what a mount does not show of it`);
}
