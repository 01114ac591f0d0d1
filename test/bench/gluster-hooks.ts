// Hooks of GlusterFS shares and rules, on the sandbox's cluster.
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { files } from "../../src/sandbox/store";
import { type GlusterStack, replicated, stackOn } from "../executor/gluster/stack";
import { bundle, execute, expectSuccess, type Hook } from "../executor/processes";
import { type HookSite, measureHooks, type Operation, type Tell } from "./hooks";
import type { Block } from "./report";

const rounds = 4;

export async function glusterHooks(tell: Tell): Promise<Block[]> {
  const { site, stack, remove } = await startGluster();
  try {
    const operations = operationsOn(stack);
    await site.succeed(stack.share("a").apply);
    const calls = ({ programs }: { programs: Record<string, number> }) => ({ "gluster calls": programs["gluster"] ?? 0 });
    return [{ title: "GlusterFS hooks, local", lines: await measureHooks(site, operations, rounds, tell, calls) }];
  } finally {
    remove();
  }
}

function operationsOn(stack: GlusterStack): Operation[] {
  const rule = stack.rule("a", "client", { common_name: "client-1" });
  // What is retained or in the trash keeps its volume, and the pool is small.
  const made = (round: number) => stack.share(`made${round}`, { provisioning: replicated });
  const kept = (policy: "retain" | "trash") => (round: number) =>
    stack.share(`${policy}${round}`, { provisioning: replicated, removal_policy: policy });
  return [
    { what: "share without a change", hook: () => stack.share("a").apply },
    { what: "take a pool volume", hook: () => stack.share("taken").apply },
    { what: "give it back, emptied", hook: () => stack.share("taken").destroy },
    { what: "make a volume", hook: (round) => made(round).apply },
    { what: "delete it", hook: (round) => made(round).destroy },
    { what: "shrink", hook: () => stack.share("a", { size: "512 MiB" }).apply },
    { what: "grow", hook: () => stack.share("a").apply },
    { what: "grant", hook: () => rule.apply },
    { what: "rule without a change", hook: () => rule.apply },
    { what: "revoke", hook: () => rule.destroy },
    ...(["retain", "trash"] as const).map((policy): Operation => {
      const removed = kept(policy);
      return { what: `remove by ${policy}`, before: (round) => removed(round).apply, hook: (round) => removed(round).destroy };
    }),
  ];
}

interface Gluster {
  site: HookSite;
  stack: GlusterStack;
  remove(): void;
}

async function startGluster(): Promise<Gluster> {
  const parent = mkdtempSync(join(tmpdir(), "sharewright-bench-"));
  const dir = join(parent, "sandbox");
  const start = [process.execPath, bundle, "sandbox", "start", "--gluster", "--resident", "--hours", "1", "--dir", dir];
  expectSuccess(start, await execute(start));
  const environment = {
    PATH: `${join(dir, files.bin)}:${process.env["PATH"] ?? ""}`,
    SHAREWRIGHT_RUN_DIR: join(dir, files.run),
    SHAREWRIGHT_SANDBOX: dir,
    SHAREWRIGHT_SANDBOX_MOUNT: join(dir, files.mnt),
  };
  const run = ({ args, environment: request }: Hook) =>
    execute([process.execPath, bundle, ...args], { ...environment, ...request });
  return {
    site: { environment, succeed: async (hook) => expectSuccess(hook.args, await run(hook)) },
    stack: stackOn({ dir, mounts: join(parent, "mounts") }, {}),
    remove: () => rmSync(parent, { recursive: true, force: true }),
  };
}
