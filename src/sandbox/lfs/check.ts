// lfs check osts|mdts|mgts|servers|all: which targets answer (golden a027, l014, y356). A target that is away is an error on stderr, exit 0.
import type { Context } from "../context";
import { EAGAIN, EIO, strerror } from "../errno";

export function check(context: Context, [what = "all"]: readonly string[]): number {
  const { fsName, instance, serverNid, targets } = context.state();
  const isAsked = (kind: string) => [kind, "servers", "all"].includes(what);
  const ofKind = (kind: string) => targets.filter((target) => target.kind === kind);
  const say = (device: string, up: boolean, errno: number) => {
    if (up) context.out(`${device} active.\n`);
    else context.err(`lfs check: error: check '${device}': ${strerror(errno)} (${errno})\n`);
  };
  const isServer = context.sight.targets.length > 0;
  for (const { name, up } of isAsked("osts") ? ofKind("ost") : []) {
    if (isServer) say(`${fsName}-${name}-osc-MDT0000`, up, EAGAIN);
    say(`${fsName}-${name}-osc-${instance}`, up, EIO);
  }
  for (const { name } of isAsked("mdts") ? ofKind("mdt") : []) say(`${fsName}-${name}-mdc-${instance}`, true, EIO);
  if (isAsked("mgts")) say(`MGC${serverNid}`, true, EIO);
  return 0;
}
