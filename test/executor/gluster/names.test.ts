// Servers that the stack calls otherwise than the pool does, and servers that do not answer.
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { expectRefusal } from "./expect";
import { type GlusterSite, startGlusterSite } from "./site";

let site: GlusterSite;
beforeAll(async () => {
  site = await startGlusterSite();
});
afterAll(() => site.remove());
beforeEach(() => site.reset());

test("a wrong servers[].host from which volumes are mounted is named by the error of the mount", async () => {
  const stack = site.stack({
    specOf: (spec) => ({
      ...spec,
      servers: spec.servers.map((server, at) => (at === 0 ? { ...server, host: "gluster1-9" } : server)),
      exportHost: "gluster1-9",
      backupVolfileServers: [],
    }),
  });
  const ended = await site.run(stack.share("a").apply);
  expectRefusal(ended, 4, "NO_FREE_VOLUME");
  expect(ended.stderr).toContain(
    "cannot be mounted from gluster1-9 to look at its content: pool and bricks know no server of that name, only gluster1-1, gluster1-2, gluster1-3",
  );
});

test("wrong hosts of all servers are named where a mount cannot be proven", async () => {
  const stack = site.stack({
    specOf: (spec) => ({ ...spec, servers: spec.servers.map((server) => ({ ...server, host: `${server.host}.lan` })) }),
  });
  const ended = await site.run(stack.share("a").apply);
  expectRefusal(ended, 4, "NO_FREE_VOLUME");
  expect(ended.stderr).toContain("cannot be proven to be volume");
});
