// How lfs setquota says no.
import { type Context, followPath, isOnLustre } from "../context";
import { CMD_HELP, ENODEV, EPERM, strerror } from "../errno";
import { deviceOf } from "./device";
import { usage } from "./usage-texts";

export function refusal(context: Context, mount: string): number | undefined {
  const real = followPath(context, mount);
  if (real === undefined || !isOnLustre(context, real)) {
    return failed(context, ENODEV, `'${deviceOf(real)}' dev not on a mounted Lustre filesystem`);
  }
  return context.uid === 0 ? undefined : failed(context, EPERM, "quotactl failed: Operation not permitted");
}

const longestPool = 15;

/** Golden y654. */
export function poolProblem(context: Context, pool: string): number | undefined {
  if (pool.length <= longestPool) return undefined;
  context.err(`Pool name '${pool.slice(0, longestPool)}' is longer than ${longestPool}\nsetquota failed: ${strerror(EPERM)}\n`);
  return 1;
}

export function failed(context: Context, errno: number, reason: string, exit = errno): number {
  context.err(`lfs setquota: ${reason}\nsetquota failed: ${strerror(errno)}\n`);
  return exit;
}

export function misuse(context: Context, reason: string, alsoFailed = false): number {
  context.out(usage.setquota);
  context.err(`${reason}\n${alsoFailed ? "setquota failed: Unknown error -4\n" : ""}`);
  return CMD_HELP;
}
