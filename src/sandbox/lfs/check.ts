// lfs check servers|all: which targets answer (golden a027, l014). A target that is away is an error on stderr, and exit 0.
import type { Context } from "../context";
import { EIO, strerror } from "../errno";

export function check(context: Context): number {
  const { fsName, instance, serverNid, targets } = context.state();
  const osts = targets.filter(({ kind }) => kind === "ost");
  const servers = context.sight.targets.length > 0;
  for (const { name, up } of osts) {
    if (servers) context.out(`${fsName}-${name}-osc-MDT0000 active.\n`);
    const client = `${fsName}-${name}-osc-${instance}`;
    if (up) context.out(`${client} active.\n`);
    else context.err(`lfs check: error: check '${client}': ${strerror(EIO)} (${EIO})\n`);
  }
  for (const { name } of targets.filter(({ kind }) => kind === "mdt")) context.out(`${fsName}-${name}-mdc-${instance} active.\n`);
  context.out(`MGC${serverNid} active.\n`);
  return 0;
}
