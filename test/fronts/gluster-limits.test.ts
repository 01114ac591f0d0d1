// Limits that are gone from the bricks, and use that cannot be: what commands say of them, and what mends them.
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { replicated } from "../executor/gluster/stack";
import type { Managed } from "../executor/support";
import { type GlusterBench, startGlusterBench } from "./gluster-support";
import type { Document } from "./support";

let bench: GlusterBench;
let own: Managed;
const exported = "gluster1-1:/pool-1-1G";
const gibibyte = String(1024 ** 3);
beforeAll(async () => {
  bench = await startGlusterBench();
  own = bench.stack.share("genomics", { size: "1 GiB" });
  await bench.deploy(own, bench.stack.rule("genomics", "cpu", { common_name: "alice" }));
});
afterAll(() => bench.remove());
beforeEach(() => bench.write([own], [own]));

const limitOf = async () => /<hard_limit>(.+?)</.exec(await bench.gluster("--xml volume quota pool-1-1G list /"))?.[1];
const operate = async (...words: string[]) => expect(await bench.sharewright("sandbox", ...words)).toMatchObject({ exitCode: 0 });
const unlimit = (...numbers: number[]) =>
  Promise.all(numbers.map((number) => operate("gluster", "brick", "unlimit", exported, String(number))));

describe("S-13: a limit", () => {
  test.each([
    ["all bricks", [1, 2, 3], /its limit of 1 GiB is gone from its bricks: nothing limits it/],
    ["one brick, which clients are told of", [1], /its limit of 1 GiB is gone from its bricks/],
    ["one brick, of which `quota list` says nothing", [3], /its limit of 1 GiB is gone from gluster1-3:\/bricks\/pool-1-1G/],
  ])("is noticed where it is gone from %s, and set again", async (_, bricks, note) => {
    await unlimit(...bricks);
    const { document, exitCode } = await bench.json("plan");
    expect(exitCode).toBe(9);
    expect(document.objects).toMatchObject([
      { key: "genomics", verdict: "drifted", steps: [{ say: "set limit 1 GiB on volume pool-1-1G" }] },
    ]);
    expect((await bench.json("status")).document.shares).toMatchObject([{ key: "genomics", verdict: "drifted" }]);
    const doctor = await bench.json("doctor");
    expect(doctor.document.checks.find(({ id }: Document) => id === "share-genomics")).toMatchObject({
      verdict: "bad",
      found: expect.stringMatching(note),
    });
    expect((await bench.json("list")).document.clusters[0].shares[0].notes).toEqual([expect.stringMatching(note)]);
    expect((await bench.json("repair")).exitCode).toBe(0);
    expect(await limitOf()).toBe(gibibyte);
    expect((await bench.json("plan")).exitCode).toBe(0);
  });

  test("is set again by the next apply, too, as `plan` says", async () => {
    await unlimit(2);
    expect((await bench.hook(own.apply)).stdout).toContain("set limit 1 GiB on volume pool-1-1G");
    expect((await bench.hook(own.apply)).stdout).toContain("nothing to do");
  });
});

describe("S-14: a use that cannot be", () => {
  const remedy = "`gluster volume quota pool-1-1G disable`";
  test.each([
    ["more than the bricks hold", "17592186044415"],
    ["more than there are bytes in the world", "18446744073709551104"],
  ])("is unknown, with what to do: %s", async (_, bytes) => {
    await operate("gluster", "count", exported, bytes);
    const status = await bench.json("status");
    expect(status.document.shares).toMatchObject([{ key: "genomics", verdict: "good" }]);
    expect(status.document.shares[0]).not.toHaveProperty("usedBytes");
    expect(status.document.notes).toEqual([expect.stringContaining(remedy)]);
    expect((await bench.sharewright("status")).stdout).toMatch(/genomics .* unknown/);
    expect((await bench.sharewright("list")).stdout).toContain(remedy);
    expect((await bench.json("plan")).document.notes).toEqual([expect.stringContaining(remedy)]);
    const { document } = await bench.json("doctor");
    expect(document.checks.find(({ id }: Document) => id === "use-genomics")).toMatchObject({
      verdict: "warning",
      found: "the use of volume pool-1-1G is unknown: gluster tells more than its bricks hold",
      fix: expect.stringContaining(remedy),
    });
    expect((await bench.sharewright("capacity")).exitCode).toBe(0);
  });

  test("keeps nobody from raising, and from nothing but lowering, which the remedy makes possible", async () => {
    await operate("gluster", "count", exported, "17592186044415");
    const [smaller, larger] = ["512 MiB", "1025 MiB"].map((size) => bench.stack.share("genomics", { size }));
    expect((await bench.hook((larger as Managed).apply)).exitCode).toBe(0);
    expect((await bench.hook(own.apply)).stderr).toMatch(/error USE_UNKNOWN .*more than its bricks hold/);
    const refused = await bench.hook((smaller as Managed).apply);
    expect(refused.stderr).toMatch(/error USE_UNKNOWN .*more than its bricks hold/);
    expect(refused.stderr).toContain(remedy);
    await bench.gluster("volume quota pool-1-1G disable");
    expect((await bench.hook((larger as Managed).apply)).exitCode).toBe(0);
    expect((await bench.hook((smaller as Managed).apply)).exitCode).toBe(0);
    expect((await bench.hook(own.apply)).exitCode).toBe(0);
  });

  test("is not what overshoots a limit a little: that is use", async () => {
    await operate("gluster", "count", exported, String(1024 ** 3 + 4096));
    expect((await bench.json("status")).document.shares).toMatchObject([{ usedBytes: String(1024 ** 3 + 4096) }]);
    expect((await bench.hook((bench.stack.share("genomics", { size: "1025 MiB" }) as Managed).apply)).exitCode).toBe(0);
    expect((await bench.hook(own.apply)).stderr).toContain("error SHRINK_BELOW_USE");
  });
});

describe("a share that is larger than the bricks", () => {
  const refusal = async (share: Managed, applied: readonly Managed[]) => {
    bench.write([share], applied);
    return (await bench.json("plan")).document.objects;
  };

  test("is refused by plan, as an apply would", async () => {
    const large = bench.stack.share("genomics", { size: "2 GiB" });
    const wanted = { code: "TOO_LARGE", summary: expect.stringContaining("its bricks hold 1.0 GiB") };
    expect(await refusal(large, [own])).toMatchObject([{ key: "genomics", verdict: "refused", refusal: wanted }]);
    expect((await bench.hook(large.apply)).stderr).toContain("error TOO_LARGE");
  });

  test("is refused by plan where its volume is to be made", async () => {
    const made = bench.stack.share("made", { size: "1000 TiB", provisioning: replicated });
    expect(await refusal(made, [])).toMatchObject([{ key: "made", verdict: "refused", refusal: { code: "TOO_LARGE" } }]);
    expect((await bench.hook(made.apply)).stderr).toContain("error TOO_LARGE");
    const fits = bench.stack.share("made", { size: "1 GiB", provisioning: replicated });
    expect(await refusal(fits, [])).toMatchObject([
      {
        key: "made",
        verdict: "new",
        steps: expect.arrayContaining([expect.objectContaining({ say: "make volume made of 3 bricks" })]),
      },
    ]);
  });
});
