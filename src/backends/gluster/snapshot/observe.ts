// A share's volume with its snapshots.
import { looksAt } from "../../../core/looks";
import * as cli from "../cli";
import { snapshotNamesIn } from "../parse";
import { type Found, observeVolume } from "../share/observe";
import type { SeenSnapshot } from "./plan";

export async function observeSnapshot({ cluster, volume }: Found): Promise<SeenSnapshot> {
  const looks = looksAt(cluster.server);
  const snapshots = looks.output(cli.snapshotList(volume.name), snapshotNamesIn);
  const [seen] = await Promise.all([observeVolume(cluster, volume.name), looks.send()]);
  return { ...seen, snapshots: snapshots() ?? [] };
}
