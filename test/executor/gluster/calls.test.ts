// How often an operation calls `gluster`. Each call is a process of its own on a server, 0.1 s and more, and most of them wait for each other.
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Hook } from "../processes";
import { type GlusterSite, startGlusterSite } from "./site";
import { type GlusterStack, replicated } from "./stack";

let site: GlusterSite;
let stack: GlusterStack;
beforeAll(async () => {
  site = await startGlusterSite();
  stack = site.stack({ specOf: (spec) => ({ ...spec, servers: agreedSecond(spec.servers) }) });
});
afterAll(() => site.remove());

/** So that it is always two servers that are asked who they are. */
function agreedSecond<T extends { host?: string | undefined }>(servers: readonly T[]): T[] {
  const [least] = [...(site.state().clusters[0]?.servers ?? [])].sort((a, b) => (a.uuid < b.uuid ? -1 : 1));
  const agreed = servers.filter(({ host }) => host === least?.host);
  const [first, ...others] = servers.filter(({ host }) => host !== least?.host);
  return [...(first ? [first] : []), ...agreed, ...others];
}

async function callsOf(hook: Hook): Promise<number> {
  let calls = 0;
  const ended = await site.run(hook, {
    around: ({ command }, go) => {
      if (command.argv[0] === "gluster") calls += 1;
      return go();
    },
  });
  expect(ended).toMatchObject({ exitCode: 0, stderr: "" });
  return calls;
}

describe("gluster is called no more often than this", () => {
  const share = (size = "1 GiB") => stack.share("a", { size });
  const rule = () => stack.rule("a", "cpu", { common_name: "client" });
  const made = () => stack.share("made", { provisioning: replicated });
  const kept = (policy: "retain" | "trash") => stack.share(policy, { removal_policy: policy });

  // In this order, each from where the one before has left the share.
  test.each<[calls: number, operation: string, hook: () => Hook]>([
    [16, "to take a volume of the pool", () => share().apply],
    [4, "for a share without a change", () => share().apply],
    [9, "to shrink", () => share("512 MiB").apply],
    [9, "to grow", () => share().apply],
    [5, "to grant", () => rule().apply],
    [4, "for a rule without a change", () => rule().apply],
    [6, "to revoke", () => rule().destroy],
    [4, "to revoke what is not there", () => rule().destroy],
    [23, "to empty a volume and give it back", () => share().destroy],
    [3, "to remove what is not there", () => share().destroy],
    [17, "to make a volume", () => made().apply],
    [11, "to delete a volume that was made", () => made().destroy],
    [16, "to take one that is retained then", () => kept("retain").apply],
    [6, "to retain", () => kept("retain").destroy],
    [16, "to take one that goes into the trash then", () => kept("trash").apply],
    [7, "to put into the trash", () => kept("trash").destroy],
  ])("%d times %s", async (calls, _, hook) => {
    expect(await callsOf(hook())).toBe(calls);
  });
});
