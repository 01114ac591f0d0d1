// plan, status and `sharewright bans` about clients that keep, or are cut off from, what was taken from them.
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { stackOf } from "../executor/support";
import { type Bench, type Document, startBench } from "./support";

describe("R-04: a client of two shares loses one", () => {
  let bench: Bench;
  const objects = () => {
    const { stack } = bench;
    const shares = [stack.share("a"), stack.share("b")];
    return { shares, a: stack.rule("a", "cpu", { clients: "10.1.0.5" }), b: stack.rule("b", "cpu", { clients: "10.1.0.5" }) };
  };
  const withPolicy = (revocation: "cut" | "ban") => {
    bench.stack = stackOf({ ...bench.stack.fileSystem, revocation });
    return objects();
  };
  beforeAll(async () => {
    bench = await startBench();
    const { shares, a, b } = objects();
    await bench.deploy(...shares, a, b);
    await bench.admin(
      ...[process.execPath, process.env["SHAREWRIGHT_BUNDLE"] ?? "dist/sharewright.cjs", "sandbox", "mount-as"],
      ...["10.1.0.5@tcp", "10.0.0.1@tcp:/scratch/shares/a", "--keep", "node"],
    );
  });
  afterAll(() => bench.remove());

  test("R-04: plan says who would keep it, and why", async () => {
    const { shares, a, b } = withPolicy("cut");
    bench.write([...shares, b], [...shares, a, b]);
    const { stdout, exitCode } = await bench.sharewright("plan");
    expect([exitCode, stdout.split("\n")[0]]).toEqual([
      9,
      "note: clients that have /shares/a mounted keep it until they unmount, since they still have /shares/b, which a ban would cut off as well (revocation: cut): 10.1.0.5@tcp",
    ]);
  });

  test("R-04: or shows the ban, which is then in force until it is lifted", async () => {
    const { shares, a, b } = withPolicy("ban");
    bench.write([...shares, b], [...shares, a, b]);
    const { document } = await bench.json("plan");
    expect(document.notes).toEqual([]);
    const ban = document.accessSteps.find(({ id }: Document) => id === "ban");
    expect(ban.say).toMatch(
      /^cut 10\.1\.0\.5@tcp off \(nodemap sw_\w+\), from all that it has mounted, until `sharewright bans lift`: it may have \/shares\/a mounted$/,
    );
    expect(await bench.hook(a.destroy)).toContain(ban.say);
    bench.write([...shares, b], [...shares, b]);
    const plan = await bench.json("plan");
    expect([plan.exitCode, plan.document.notes]).toEqual([
      0,
      ["10.1.0.5@tcp is banned, since it may have /shares/a mounted: unmount there, then `sharewright bans lift 10.1.0.5@tcp`"],
    ]);
    expect((await bench.json("status")).document.rules).toMatchObject([{ key: "shares/b#cpu", inForce: false }]);
  });

  test("R-04: bans list and lift", async () => {
    expect((await bench.sharewright("bans", "list")).stdout.replace(/sw_\w+ +/, "sw_x  ")).toMatchInlineSnapshot(`
      "CLIENTS       NODEMAP          CONNECTED  UNTIL                     MAY HAVE MOUNTED
      10.1.0.5@tcp  sw_x  yes        lifted, or granted again  /shares/a
      "
    `);
    const refused = await bench.sharewright("bans", "lift", "10.1.0.5");
    expect([refused.exitCode, refused.stderr]).toEqual([3, expect.stringContaining("error STILL_MOUNTED")]);
    expect((await bench.json("bans", "lift")).document.error).toMatchObject({ code: "BAD_REQUEST" });
    expect((await bench.json("bans", "lift", "10.1.0/24")).document.error).toMatchObject({ code: "BAD_REQUEST" });
    const { document } = await bench.json("bans", "lift", "10.1.0.5", "--even-mounted");
    expect(document).toMatchObject({ clients: ["10.1.0.5"], steps: [{ id: "lift-ban" }] });
    expect((await bench.sharewright("bans", "list")).stdout).toBe("nobody is banned\n");
    expect((await bench.json("status")).document.rules).toMatchObject([{ key: "shares/b#cpu", inForce: true }]);
  });
});

test("R-11: what another stack is in the middle of is not ours to do", async () => {
  const bench = await startBench();
  try {
    const { stack } = bench;
    const others = stackOf({ ...stack.fileSystem, owner: "others" });
    const objects = [stack.share("a"), stack.rule("a", "cpu", { clients: "10.1.0.5" })];
    await bench.deploy(...objects);
    const [coming, going] = ["coming", "going"].map((name) => others.rule("a", name, { clients: `10.3.0.${name.length}` }));
    for (const rule of [coming, going]) if (rule) await bench.hook(rule.apply);
    // As their hooks leave the records that are cut off, or have just begun.
    change(bench, "coming", (record) => ({
      ...record,
      pending: { ...(record["live"] as object), clients: "10.3.1.0/24@tcp" },
    }));
    change(bench, "going", (record) => ({ ...record, leaving: true }));
    const { document, exitCode } = await bench.json("plan");
    expect([exitCode, document.accessSteps, document.notes]).toEqual([
      0,
      [],
      [
        'access of others is being changed in this moment, or was left half-way, and is left out here: shares/a#coming of "others", shares/a#going of "others"',
      ],
    ]);
    // What is ours is shown all the same.
    const more = stack.rule("a", "more", { clients: "10.4.0.1" });
    bench.write([...objects, more], objects);
    const { document: planned } = await bench.json("plan");
    expect(planned.accessSteps.map(({ say }: Document) => say)).toEqual([
      expect.stringMatching(/^put 10\.4\.0\.1@tcp into nodemap sw_/),
    ]);
  } finally {
    bench.remove();
  }
});

function change(bench: Bench, rule: string, to: (record: Record<string, unknown>) => Record<string, unknown>): void {
  const file = join(bench.mount, `.sharewright/rules/shares:a#${rule}.json`);
  writeFileSync(file, `${JSON.stringify(to(JSON.parse(readFileSync(file, "utf8"))))}\n`);
}
