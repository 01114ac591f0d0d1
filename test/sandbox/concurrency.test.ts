// Many processes at once, some of them killed: nothing is lost, nothing stays locked.
import { mkdirSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { ending, type ProcessSandbox, startProcessSandbox } from "./processes";

let sandbox: ProcessSandbox;
beforeAll(() => {
  sandbox = startProcessSandbox();
});
afterAll(() => sandbox.remove());

const many = Array.from({ length: 32 }, (_, index) => index + 1);
const state = () => JSON.parse(readFileSync(join(sandbox.dir, "state.json"), "utf8"));

it("loses nothing of 32 projects, limits and nodemaps made at the same time", async () => {
  await Promise.all(
    many.map(async (number) => {
      const path = join(sandbox.mount, `s${number}`);
      mkdirSync(path);
      const done = await Promise.all([
        sandbox.run(["lfs", "project", "-p", String(1000 + number), "-s", path]),
        sandbox.run(["lfs", "setquota", "-p", String(1000 + number), "-B", "1G", sandbox.mount]),
        sandbox.run(["lctl", "nodemap_add", `n${number}`]),
      ]);
      expect(done.map(({ exit }) => exit)).toEqual([0, 0, 0]);
    }),
  );
  const { inodes, quotas, nodemaps } = state();
  expect(new Set(Object.values(inodes).map((inode) => (inode as { projectId: number }).projectId)).size).toBe(32);
  expect(Object.keys(quotas)).toHaveLength(32);
  expect(new Set(nodemaps.map(({ id }: { id: number }) => id)).size).toBe(34);
});

it("counts every command once for the nth fault", async () => {
  sandbox.operate("fault", "set", JSON.stringify({ match: "lctl get_param", nth: 20, do: "fail", exit: 99 }));
  const exits = await Promise.all(many.map(async () => (await sandbox.run(["lctl", "get_param", "version"])).exit));
  expect(exits.filter((exit) => exit === 99)).toHaveLength(1);
  sandbox.operate("fault", "clear");
});

it("is not locked by those that were killed", async () => {
  const killed = many.map((number) => {
    const child = sandbox.spawn(["lctl", "nodemap_add", `k${number}`]);
    setTimeout(() => child.kill("SIGKILL"), 20 + number * 2);
    return ending(child);
  });
  await Promise.all(killed);
  expect((await sandbox.run(["lctl", "nodemap_add", "after"])).exit).toBe(0);
  expect(readdirSync(join(sandbox.dir, "lock"))).toEqual(["free"]);
});
