// What glusterd serves to bricks and clients may be ahead of what it tells: one that dies while it sets an option may have written its volume
// files, and the option not (seen with 10.3). Then a client is let in that nothing lists, until the next `volume set` writes them all anew.
import { perform } from "../../../core/engine";
import * as cli from "../cli";
import type { Volume } from "../parse";
import { markOption } from "../records";
import { quiet, step } from "../share/steps";
import type { Cluster } from "../site";

/** Has glusterd serve what it tells of a marked volume that was looked at under its share's lock. */
export async function serveAsTold(object: string, { server, log }: Cluster, { name, options }: Volume): Promise<void> {
  const mark = options[markOption];
  if (mark === undefined) return;
  const serve = step(
    "put-in-force",
    `have glusterd serve what it tells of volume ${name}`,
    cli.volumeSet(name, { [markOption]: mark }),
  );
  await perform(object, [quiet(serve)], () => server, log);
}
