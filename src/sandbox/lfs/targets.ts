// lfs osts and lfs mdts: the targets of the file system (golden a029, a030).
import type { Context } from "../context";
import type { Target } from "../state";

export function osts(context: Context): number {
  return listTargets(context, "OBDS:", "ost");
}

export function mdts(context: Context): number {
  return listTargets(context, "MDTS:", "mdt");
}

function listTargets(context: Context, title: string, kind: Target["kind"]): number {
  const { fsName, targets } = context.state();
  context.out(`${title}\n`);
  targets
    .filter((target) => target.kind === kind)
    .forEach((target, index) => {
      context.out(`${index}: ${fsName}-${target.name}_UUID ACTIVE\n`);
    });
  return 0;
}
