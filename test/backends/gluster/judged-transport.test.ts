import fc from "fast-check";
import { describe, expect, test } from "vitest";
import * as cli from "../../../src/backends/gluster/cli";
import { errno, errnoOf, judgedTransport } from "../../../src/backends/gluster/judged-transport";
import { volumesIn } from "../../../src/backends/gluster/parse";
import { type Command, type Result, succeeded } from "../../../src/core/command";
import { dropped, lockOf, queueOf, type Transport } from "../../../src/core/transport";
import { ended } from "../../core/fake-host";
import { golden, goldenResult, xmlCases } from "./golden";

/** A server that gives these answers one after the other, the last one again and again. */
function server(...answers: Result[]) {
  const asked: Command[] = [];
  const pauses: number[] = [];
  const inner: Transport = {
    runDirectory: "/run/sharewright",
    ...queueOf(
      async (command) => {
        asked.push(command);
        return answers[Math.min(asked.length, answers.length) - 1] ?? ended(0);
      },
      async (file) => lockOf(ended(0, file), async () => {}),
    ),
    close: async () => {},
  };
  const transport = judgedTransport(inner, "client (s1)", async (ms) => {
    pauses.push(ms);
  });
  return { transport, asked, pauses };
}

const succeedingXml = golden("three-set-one-down");
const good = goldenResult("three-set-one-down");
const busy = goldenResult("three-busy");
const set = cli.volumeSet("ra", { "user.x": "y" });
const unescaped = (text: string) =>
  text
    .replaceAll("&lt;", "<")
    .replaceAll("&gt;", ">")
    .replaceAll("&quot;", '"')
    .replaceAll("&apos;", "'")
    .replaceAll("&amp;", "&");
const xml = (ret: number, errorNumber: number, text: string) =>
  ended(
    0,
    `<?xml version="1.0"?><cliOutput><opRet>${ret}</opRet><opErrno>${errorNumber}</opErrno><opErrstr>${text}</opErrstr></cliOutput>`,
  );

describe("[G-114] [G-115] an operation has succeeded only if glusterd says so", () => {
  const endings = xmlCases.map((name) => {
    const { argv, rc, stdout, stderr } = golden(name);
    const [, ret, number, text] =
      /<opRet>(-?\d+)<\/opRet>\s*<opErrno>(\d+)<\/opErrno>\s*(?:<opErrstr>([^<]*)|<opErrstr\/>)/.exec(stdout) ?? [];
    return { name, argv, isDown: stdout.startsWith("Connection failed"), isGood: rc === 0 && ret === "0", number, text, stderr };
  });

  test("there are transcripts of every kind", () => {
    const count = (is: (one: (typeof endings)[number]) => boolean) => endings.filter(is).length;
    expect(count(({ isGood }) => isGood)).toBeGreaterThan(100);
    expect(count(({ isGood, number }) => !isGood && number !== undefined)).toBeGreaterThan(30);
    expect(count(({ isGood, number }) => !isGood && number === undefined)).toBeGreaterThan(30);
    expect(count(({ isDown }) => isDown)).toBeGreaterThan(3);
  });

  test.each(endings.filter(({ isGood }) => isGood))("golden $name is a success", async ({ name, argv }) => {
    const result = await server(goldenResult(name)).transport.run({ argv });
    expect(result).toEqual(goldenResult(name));
    expect(errnoOf(result)).toBeUndefined();
  });

  test.each(
    endings.filter(({ name, isGood, isDown, number }) => !isGood && !isDown && number !== undefined && name !== "three-busy"),
  )("golden $name is a failure, in the words of glusterd", async ({ name, argv, number, text = "" }) => {
    const result = await server(goldenResult(name)).transport.run({ argv });
    expect(succeeded(result)).toBe(false);
    expect(result.stdout).toBe("");
    expect(result.stderr).toBe(`${unescaped(text).trim() || "operation failed"} (opErrno ${number})`);
    expect(errnoOf(result)).toBe(Number(number));
  });

  // Usage errors, prompts that nobody answered, empty output, text instead of XML.
  test.each(endings.filter(({ isGood, isDown, number }) => !isGood && !isDown && number === undefined))(
    "[G-69] [G-80] golden $name is a failure",
    async ({ name, argv, stderr }) => {
      const result = await server(goldenResult(name)).transport.run({ argv });
      expect(succeeded(result)).toBe(false);
      expect(errnoOf(result)).toBeUndefined();
      if (golden(name).rc !== 0) expect(result).toMatchObject({ exitCode: golden(name).rc, stderr });
    },
  );

  test.each(["delete-noscript", "stop-noscript-null-stdin", "snap-delete-noscript"])(
    "[X-G04] golden %s: a prompt that nobody answered ends with exit 0, and is a failure that shows it",
    async (name) => {
      expect(golden(name).rc).toBe(0);
      const result = await server(goldenResult(name)).transport.run({ argv: golden(name).argv });
      expect(result).toMatchObject({ exitCode: 1, stderr: expect.stringContaining("(y/n)") });
    },
  );

  test.each(endings.filter(({ isDown }) => isDown))(
    "[G-39] golden $name: no glusterd, which is no answer at all",
    async (one) => {
      await expect(server(goldenResult(one.name)).transport.run({ argv: one.argv })).rejects.toMatchObject({
        code: "GLUSTERD_DOWN",
        host: "client (s1)",
        command: one.argv,
      });
    },
  );

  test("an answer that was cut off anywhere is none", async () => {
    const whole = golden("info-all").stdout.trimEnd();
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 0, max: whole.length - 1 }), async (length) => {
        const result = await server(ended(0, whole.slice(0, length))).transport.run(cli.volumeInfo);
        expect(succeeded(result)).toBe(false);
      }),
    );
  });

  // A limit that is only looked at is one that cannot be read now.
  test.each<[string, Command, string, boolean]>([
    ["the limit is set, and the server cannot mount", cli.quotaLimit("v", 1n), "Failed to start aux mount", true],
    ["the limit is looked at, and the server cannot mount", cli.quotaList("v"), "Failed to start aux mount", false],
    ["the limit is refused for another reason", cli.quotaLimit("v", 1n), "Quota is disabled", false],
  ])("%s", async (_, command, text, isFault) => {
    const asked = server(xml(-1, 30800, text)).transport.run(command);
    if (isFault) await expect(asked).rejects.toMatchObject({ code: "SERVER_CANNOT_MOUNT", host: "client (s1)" });
    else expect(await asked).toMatchObject({ exitCode: 1, stderr: `${text} (opErrno 30800)` });
  });

  test("a lost connection is no success, even behind a whole answer", async () => {
    const lost = { ...good, exitCode: null };
    expect(await server(lost).transport.run(set)).toEqual(lost);
    expect((await server({ ...xml(-1, 30800, "no"), exitCode: null }).transport.run(set)).exitCode).toBe(null);
  });

  test("[G-68] [G-79] failures with the same exit code are told apart by their number", async () => {
    const numberOf = async (name: string) => errnoOf(await server(goldenResult(name)).transport.run({ argv: golden(name).argv }));
    expect(await numberOf("info-missing")).toBe(errno.noVolume);
    expect(await numberOf("snap-delete-missing")).toBe(errno.noSnapshot);
    expect(await numberOf("snap-clone-exists")).toBe(errno.exists);
    expect(await numberOf("snap-create-dup")).toBe(errno.snapshotExists);
    expect(await numberOf("snap-activate-again")).toBe(errno.alreadySo);
    expect(await numberOf("snap-deactivate-again")).toBe(errno.alreadySo);
  });

  test.each(["snap-create-thick", "snap-create-rootfs"])(
    "[G-71] [G-72] golden %s: no thin LVM has its own number, and is asked for again each time",
    async (name) => {
      const { transport, asked } = server(goldenResult(name));
      for (const _ of [1, 2]) expect(errnoOf(await transport.run(cli.snapshotCreate("s", "v")))).toBe(errno.notThin);
      expect(asked).toHaveLength(2);
    },
  );

  test("[G-70] -1 with errno 0 is a failure without a meaning of its own", async () => {
    const result = await server(xml(-1, 0, "")).transport.run(cli.snapshotCreate("s", "v"));
    expect(result).toMatchObject({ exitCode: 1, stderr: "operation failed (opErrno 0)" });
    expect(errnoOf(result)).not.toBe(errno.notThin);
  });

  test("what an option of a volume says is no word of glusterd", async () => {
    for (const text of [
      "Connection failed. Please check if gluster daemon is operational.",
      "Another transaction is in progress",
    ]) {
      const answer = golden("info-with-options").stdout.replace("5e8e4a0e-0000-4000-8000-000000000001", text);
      const { transport, pauses } = server(ended(0, answer));
      expect(volumesIn((await transport.run(cli.volumeInfo)).stdout)[0]?.options["user.manila-share"]).toBe(text);
      expect(pauses).toEqual([]);
    }
  });

  test("other tools end as they end", async () => {
    for (const result of [ended(0, "no XML"), ended(1, "Connection failed. Please check if gluster daemon is operational.")])
      expect(await server(result).transport.run({ argv: ["find", "/x"] })).toEqual(result);
    expect(await server(goldenResult("version", "plain")).transport.run(cli.glusterVersion)).toMatchObject({ exitCode: 0 });
  });
});

describe("[G-119] while another transaction is at work", () => {
  test.each<[string, Result]>([
    ["by its number", xml(-1, 30802, "come back")],
    ["as recorded", busy],
    ["by its text", xml(-1, 30800, "Another transaction could be in progress. Please try again after some time.")],
    ["by the lock of another server", xml(-1, 30800, "Locking failed on 127.3.1.2. Please check log file for details.")],
    ["in plain text", ended(1, "", "volume set: failed: Another transaction is in progress for ra.")],
  ])("a command is given again: %s", async (_, refusal) => {
    const { transport, asked, pauses } = server(refusal, refusal, good);
    expect(await transport.run(set)).toEqual(good);
    expect(asked).toEqual([set, set, set]);
    expect(pauses).toHaveLength(2);
  });

  test("not for ever: after minutes, with growing pauses, it is a fault that names the command", async () => {
    const { transport, asked, pauses } = server(busy);
    await expect(transport.run(set)).rejects.toMatchObject({ code: "CLUSTER_BUSY", host: "client (s1)", command: set.argv });
    expect(asked).toHaveLength(pauses.length + 1);
    const total = pauses.reduce((sum, ms) => sum + ms, 0);
    expect(total).toBeGreaterThan(55_000);
    expect(total).toBeLessThan(200_000);
  });

  test("nothing else is tried again", async () => {
    for (const name of xmlCases.filter((one) => !golden(one).stdout.startsWith("Connection failed") && one !== "three-busy")) {
      const { transport, asked } = server(goldenResult(name));
      await transport.run({ argv: golden(name).argv });
      expect([name, asked.length]).toEqual([name, 1]);
    }
  });

  test("those who wait do not all come back at the same time", async () => {
    const first = async () => {
      const { transport, pauses } = server(busy, good);
      await transport.run(set);
      return pauses[0];
    };
    expect(new Set(await Promise.all(Array.from({ length: 20 }, first))).size).toBeGreaterThan(1);
  });
});

describe("lists", () => {
  const looks: Command[] = [cli.poolList, cli.volumeInfo, cli.quotaList("ra"), { argv: ["find", "/x"] }];
  const answers = [goldenResult("pool-list"), goldenResult("info-one"), goldenResult("quota-list-root-disabled"), ended(3, "x")];

  test("of looks are judged one by one, in their order", async () => {
    const { transport, asked } = server(...answers);
    const results = await transport.runAll(looks, { as: "looks" });
    expect(asked).toEqual(looks);
    expect(results.map((result) => result?.exitCode)).toEqual([0, 0, 1, 3]);
    expect(results[2]?.stderr).toBe("Quota is disabled, please enable quota (opErrno 30800)");
    expect(results[3]).toEqual(answers[3]);
  });

  test("of looks: the one that came too early is taken again, and only that", async () => {
    const { transport, asked } = server(goldenResult("pool-list"), busy, ended(0, golden("info-one").stdout), busy, good);
    const results = await transport.runAll([cli.poolList, cli.volumeInfo, cli.volumeInfo], { as: "looks" });
    expect(results.map((result) => result?.stdout)).toEqual([
      golden("pool-list").stdout,
      succeedingXml.stdout,
      golden("info-one").stdout,
    ]);
    expect(asked).toEqual([cli.poolList, cli.volumeInfo, cli.volumeInfo, cli.volumeInfo, cli.volumeInfo]);
  });

  test("of looks: one that was not run stays so", async () => {
    const given: Command = { ...cli.volumeInfo, given: { of: 0, says: "no such text" } };
    const results = await server(goldenResult("pool-list")).transport.runAll([cli.poolList, given], { as: "looks" });
    expect(results).toEqual([goldenResult("pool-list"), undefined]);
  });

  test("of looks without a glusterd are a fault, and what comes later is done", async () => {
    const { transport } = server(goldenResult("pool-list"), goldenResult("down-list"), good);
    await expect(transport.runAll([cli.poolList, cli.volumeInfo], { as: "looks" })).rejects.toMatchObject({
      code: "GLUSTERD_DOWN",
    });
    expect(await transport.run(set)).toEqual(good);
  });

  test("of steps end with the first that glusterd refuses, and take with them what was asked for behind them", async () => {
    const refusal = goldenResult("set-unknown");
    const { transport, asked } = server(good, refusal);
    const told: number[] = [];
    const [results, later] = await Promise.all([
      transport.runAll([set, set, set], { as: "steps", onResult: (index) => told.push(index) }),
      transport.run(set),
    ]);
    expect(results.map((result) => result?.exitCode)).toEqual([0, 1, undefined]);
    expect(told).toEqual([0, 1]);
    expect(later.exitCode).toBe(null);
    expect(asked).toHaveLength(2);
  });

  test("of steps end with one that is a fault, and take with them what was asked for behind them", async () => {
    const { transport, asked } = server(good, goldenResult("down-list"), good);
    const [list, later] = await Promise.allSettled([transport.runAll([set, set], { as: "steps" }), transport.run(set)]);
    expect(list).toMatchObject({ status: "rejected", reason: { code: "GLUSTERD_DOWN" } });
    expect(later).toEqual({ status: "fulfilled", value: dropped });
    expect(asked).toHaveLength(2);
  });

  test("of steps go on behind one that had to wait", async () => {
    const { transport } = server(good, busy, good, good);
    const results = await transport.runAll([set, set, set], { as: "steps" });
    expect(results.map((result) => result?.exitCode)).toEqual([0, 0, 0]);
  });

  test("whose time does not come are not run", async () => {
    const { transport, asked } = server(good);
    expect(await transport.runAll([set], { as: "looks", after: Promise.resolve(false) })).toEqual([undefined]);
    expect(asked).toEqual([]);
  });
});

test("locks are those of the host, in their turn", async () => {
  const { transport, asked } = server(busy, good);
  const [result, lock] = await Promise.all([
    transport.run(set),
    transport.lock("/run/x.lock", 1, { name: "a", onWait: () => {} }).then((held) => ({ held, after: asked.length })),
  ]);
  expect(result).toEqual(good);
  expect(lock).toMatchObject({ after: 2, held: { result: { stdout: "/run/x.lock" } } });
  expect(transport.runDirectory).toBe("/run/sharewright");
});
