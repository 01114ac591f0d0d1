// Hooks of Lustre shares and rules, all hosts being this machine.
import { startSite } from "../executor/support";
import { measureHooks, type Operation, type Tell } from "./hooks";
import type { Block } from "./report";

const rounds = 5;

export async function lustreHooks(tell: Tell): Promise<Block[]> {
  const site = await startSite({ processes: true });
  try {
    const stack = site.stack();
    const rule = (name: string) => stack.rule("a", name, { clients: "10.1.0.0/24" });
    // The first of all makes the folder of records and the trusted nodemap.
    await site.succeed(stack.share("first").apply);
    await site.succeed(stack.rule("first", "cpu", { clients: "10.2.0.0/24" }).apply);
    await site.succeed(stack.share("a").apply);
    const operations: Operation[] = [
      { what: "share without a change", hook: () => stack.share("a").apply },
      { what: "create a share", hook: (round) => stack.share(`s${round}`).apply },
      { what: "grow", hook: () => stack.share("a", { size: "20 TiB" }).apply },
      { what: "shrink", hook: () => stack.share("a").apply },
      { what: "grant", hook: (round) => rule(`r${round}`).apply },
      { what: "rule without a change", hook: (round) => rule(`r${round}`).apply },
      { what: "revoke", hook: (round) => rule(`r${round}`).destroy },
      ...(["retain", "trash", "destroy"] as const).map((policy): Operation => {
        const removed = (round: number) => stack.share(`${policy}${round}`, { removal_policy: policy });
        return { what: `remove by ${policy}`, before: (round) => removed(round).apply, hook: (round) => removed(round).destroy };
      }),
    ];
    return [{ title: "Lustre hooks, local", lines: await measureHooks(site, operations, rounds, tell) }];
  } finally {
    site.remove();
  }
}
