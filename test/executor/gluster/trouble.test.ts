// Clusters that do not answer, answer late, or answer what is not true.
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import type { Result } from "../../../src/core/command";
import { type Around, killWithin, letGo } from "../in-process";
import { recorded } from "./commands";
import { expectRefusal } from "./expect";
import { type GlusterSite, startGlusterSite } from "./site";

let site: GlusterSite;
beforeAll(async () => {
  site = await startGlusterSite();
});
afterAll(() => site.remove());
beforeEach(() => site.reset());

const silence: Result = { exitCode: 0, timedOut: false, stdout: "", stderr: "", ms: 0 };

/** Answers in the place of the tool, from a command on. */
function answering(begins: string, result: Result): Around {
  return ({ text }, go) => (text.startsWith(begins) ? Promise.resolve(result) : go());
}

function setServers(isUp: boolean): void {
  site.change(({ servers }) => {
    for (const server of servers) server.isUp = isUp;
  });
}

describe("glusterd", () => {
  test("that is down everywhere is an error that says so, never an absent share [G-39]", async () => {
    const stack = site.stack();
    await site.succeed(stack.share("a").apply);
    const rule = stack.rule("a", "cpu", { common_name: "tenant" });
    await site.succeed(rule.apply);
    await site.succeed(stack.snapshot("a", "monday").apply);
    setServers(false);
    const before = site.state();
    const { apply, destroy } = stack.share("a");
    for (const hook of [
      apply,
      destroy,
      rule.apply,
      rule.destroy,
      stack.snapshot("a", "monday").apply,
      stack.snapshot("a", "monday").destroy,
    ])
      expectRefusal(await site.run(hook), 5, "GLUSTERD_DOWN");
    expect(site.state()).toEqual(before);
    setServers(true);
    expect(await site.succeed(apply)).toContain("nothing to do");
  });

  test("may be down on all servers but the agreed one, which is then found", async () => {
    const stack = site.stack();
    await site.succeed(stack.share("a").apply);
    site.change(({ servers }) => {
      const least = servers.map(({ uuid }) => uuid).sort()[0];
      for (const server of servers) server.isUp = server.uuid === least;
    });
    await site.succeed(stack.share("a", { size: "500 MiB" }).apply);
  });

  test("that is down on the agreed server stops all work: nobody can lock", async () => {
    const stack = site.stack();
    await site.succeed(stack.share("a").apply);
    site.change(({ servers }) => {
      const least = servers.map(({ uuid }) => uuid).sort()[0];
      for (const server of servers) server.isUp = server.uuid !== least;
    });
    expectRefusal(await site.run(stack.share("a", { size: "500 MiB" }).apply), 5, "GLUSTERD_DOWN");
  });

  test("that is at work for somebody else is asked again", async () => {
    await site.sandbox("gluster", "busy", "gluster1", "2");
    await site.succeed(site.stack().share("a").apply);
    expect(site.state().clusters[0]?.busy).toBe(0);
  });

  test.each(["volume info", "volume set", "volume quota pool-1-1G limit-usage", "pool list", "volume status"])(
    "whose answer to `gluster %s` is garbled or nothing at all has done nothing",
    async (words) => {
      for (const stdout of ["", "<cliOutput><opRet>0</opRet>", "}{ 0x5eed"]) {
        const around = answering(`gluster --mode=script --xml ${words}`, { ...silence, stdout });
        const ended = await site.run(site.stack().share("a").apply, { around });
        expect(ended).toMatchObject({ exitCode: 6, stderr: expect.stringContaining("not the XML of gluster") });
      }
      await site.succeed(site.stack().share("a").apply);
    },
  );

  test("that says to have set what it has not is caught", async () => {
    const lie = { ...silence, stdout: "<cliOutput><opRet>0</opRet><opErrno>0</opErrno><opErrstr/></cliOutput>" };
    for (const words of ["volume set", "volume quota"]) {
      const ended = await site.run(site.stack().share("a").apply, {
        around: answering(`gluster --mode=script --xml ${words}`, lie),
      });
      expectRefusal(ended, 1, "NOT_CONVERGED");
    }
  });
});

describe("a mount", () => {
  const data = () => writeFileSync(join(site.data("pool-1-1G"), "data"), "");

  test("that only seems to have been made proves and deletes nothing", async () => {
    const stack = site.stack();
    const { around, changing } = recorded();
    const lying =
      (one: Around): Around =>
      (on, go) =>
        on.text.startsWith("mount -t") ? Promise.resolve(silence) : one(on, go);
    expectRefusal(await site.run(stack.share("a").apply, { around: lying(around) }), 4, "NO_FREE_VOLUME");
    // Each was marked while it was tried, and not changed otherwise.
    expect(new Set(changing().map((text) => text.replace(/pool-\S+/, "VOLUME")))).toEqual(
      new Set(["gluster volume set VOLUME user.sharewright.share"]),
    );
    await site.succeed(stack.share("a").apply);
    data();
    const deleted: string[] = [];
    const ended = await site.run(stack.share("a").destroy, {
      around: lying(({ text }, go) => {
        if (text.includes("-delete")) deleted.push(text);
        return go();
      }),
    });
    expectRefusal(ended, 6, "COMMAND_FAILED");
    expect(deleted).toEqual([]);
    expect(site.entries("pool-1-1G")).toEqual(["data"]);
  });

  test("that fails leaves neither mount nor mark, and the next run begins anew [G-59] [G-88]", async () => {
    const stack = site.stack();
    const ended = await site.run(stack.share("a").apply, {
      around: answering("mount -t", { ...silence, exitCode: 1, stderr: "Mount failed. Check the log file  for more details." }),
    });
    expectRefusal(ended, 4, "NO_FREE_VOLUME");
    expect(ended.stderr).toContain("volume pool-1-1G cannot be mounted from gluster1-1 to look at its content");
    expect(site.volumes().map(({ name }) => site.options(name)["user.sharewright.share"] ?? "NONE")).toEqual([
      "NONE",
      "NONE",
      "NONE",
    ]);
    await site.succeed(stack.share("a").apply);
    expect(site.options("pool-1-1G")["user.sharewright.share"]).toContain("state=ready");
    expect(site.state().mounts).toEqual([]);
  });

  test("that goes away meanwhile is no empty volume", async () => {
    const stack = site.stack();
    await site.succeed(stack.share("a").apply);
    data();
    const ended = await site.run(stack.share("a").destroy, {
      around: async (on, go) => {
        // Before the content is looked at: what is below the mount is empty.
        if (on.text.startsWith("find") && on.text.includes("-print -quit"))
          await site.sandbox("unmount", site.state().mounts[0]?.id ?? "");
        return go();
      },
    });
    expectRefusal(ended, 5, "COMMAND_LOST");
    expect(site.entries("pool-1-1G")).toEqual(["data"]);
    await site.succeed(stack.share("a").destroy);
    expect(site.entries("pool-1-1G")).toEqual([]);
  });

  test("that a killed run has left is made anew [G-87]", async () => {
    const stack = site.stack();
    await site.succeed(stack.share("a").apply);
    data();
    const killed = await killWithin(site.dir, stack.share("a").destroy, ({ text }, go, die) =>
      text.includes("-delete -print") ? die() : go(),
    );
    letGo(killed);
    expect(site.state().mounts).toHaveLength(1);
    await site.succeed(stack.share("a").destroy);
    expect(site.state().mounts).toEqual([]);
    expect(site.entries("pool-1-1G")).toEqual([]);
  });
});

test("on a host without a mount helper a server mounts [G-32]", async () => {
  const mounted: string[] = [];
  const ended = await site.run(site.stack().share("a").apply, {
    around: async ({ host, text }, go) => {
      if (text.startsWith("mount.glusterfs")) return { ...silence, exitCode: 127 };
      if (text.startsWith("mount -t")) mounted.push(host);
      return go();
    },
  });
  expect(ended).toMatchObject({ exitCode: 0, stderr: "" });
  expect(new Set(mounted)).toEqual(new Set([mounted[0]]));
  expect(mounted[0]).toMatch(/^gluster1-/);
});
