// lfs getname: the name of the file system and of the client's mount (golden a031 to a035), behind it the mount where none was named (y393).
import { type Context, followPath, isOnLustre } from "../context";
import { ENOTTY, strerror } from "../errno";
import { has, parseOptions } from "../options";

export function getname(context: Context, args: string[]): number {
  const parsed = parseOptions(args, [
    { name: "fsname", short: "n", long: "fsname" },
    { name: "instance", short: "i", long: "instance" },
  ]);
  const { fsName, instance, mountPoint } = context.state();
  const name = has(parsed, "fsname") ? fsName : has(parsed, "instance") ? instance : `${fsName}-${instance}`;
  let exit = 0;
  for (const path of parsed.operands.length > 0 ? parsed.operands : [mountPoint]) {
    const real = followPath(context, path);
    if (real !== undefined && isOnLustre(context, real)) {
      context.out(parsed.operands.length > 0 ? `${name}\n` : `${name} ${path}\n`);
      continue;
    }
    context.err(`lfs getname: cannot get lov name: ${strerror(ENOTTY)} (${ENOTTY})\n`);
    context.err(`cannot get instance for '${path}': ${strerror(ENOTTY)}\n`);
    exit = ENOTTY;
  }
  return exit;
}
