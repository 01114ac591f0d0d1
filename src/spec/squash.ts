// What Squash.all makes of the users of a client. Permission is asked for twice (measured on 2.17): by the client's own kernel, which knows its
// users by their own ids and sees everything as the squash user's; then by the server, for which everybody is the squash user. Imports no values.
import type { AccessLevel } from "./lustre";

interface Ids {
  uid: number;
  gid: number;
}

export interface SquashEffect {
  letsIn: "everybody" | "some" | "nobody";
  /** A sentence without its end. */
  words: string;
}

const readAndEnter = 0o5;
const writeAndEnter = 0o3;

/** Who gets into the top directory of a share with the level's rights. */
export function squashEffect(squash: Ids, level: AccessLevel, share: Ids & { mode: number }): SquashEffect {
  const { uid, gid } = squash;
  const needed = level === "ro" ? readAndEnter : writeAndEnter;
  const lets = (shift: number) => ((share.mode >> shift) & needed) === needed;
  const mode = share.mode.toString(8).padStart(4, "0");
  const atServer = share.uid === uid ? lets(6) : share.gid === gid ? lets(3) : lets(0);
  const ours = `users of its clients act as ${uid}:${gid}`;
  if (!atServer && uid !== 0) {
    const words = `${ours}, whom the share, of ${share.uid}:${share.gid} with mode ${mode}, does not let in`;
    return { letsIn: "nobody", words };
  }
  const passing = `${ours} once their own kernel has let them through, and by mode ${mode} that is`;
  if (lets(0)) {
    const rest = level === "ro" ? "" : `; what they make is ${uid}'s, and only that uid and root can change it afterwards`;
    return { letsIn: "everybody", words: `${passing} everybody${rest}` };
  }
  const some = ["root", ...(lets(6) ? [`uid ${uid}`] : []), ...(lets(3) ? [`group ${gid}`] : [])];
  const opening = level === "ro" ? "0755" : "0777";
  return { letsIn: "some", words: `${passing} ${some.join(", ")} alone; mode ${opening} would let in everybody` };
}
