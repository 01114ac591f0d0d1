// What plan, status and hooks say of those whom a change touches although it is not theirs, and of those whom an ending does not reach.
import { afterAll, beforeAll, expect, test } from "vitest";
import { stackOf } from "../executor/support";
import { type Bench, startBench } from "./support";

let bench: Bench;
const things = () => {
  const { stack } = bench;
  const others = stackOf({ ...stack.fileSystem, owner: "others" });
  return {
    shares: [stack.share("a"), stack.share("b")],
    mine: stack.rule("a", "mine", { clients: "10.1.0.8/29, 10.1.2.1" }),
    one: stack.rule("b", "one", { clients: "10.1.0.9" }),
    theirs: others.rule("a", "theirs", { clients: "10.1.0.8/29" }),
  };
};
beforeAll(async () => {
  bench = await startBench();
  const { shares, mine, theirs } = things();
  await bench.deploy(...shares, mine);
  await bench.hook(theirs.apply);
  await bench.admin(
    ...[process.execPath, process.env["SHAREWRIGHT_BUNDLE"] ?? "dist/sharewright.cjs", "sandbox", "mount-as"],
    ...["10.1.2.1@tcp", "10.0.0.1@tcp:/scratch/shares/a", "--keep", "node"],
  );
});
afterAll(() => bench.remove());

test("U-02 U-12 plan and hook name the rules of others whose clients are touched, with owners and addresses", async () => {
  const { shares, mine, one } = things();
  bench.write([...shares, mine, one], [...shares, mine]);
  const { document } = await bench.json("plan");
  const of = { rule: "shares/a#theirs", owner: "others" };
  expect(document.touched).toEqual([
    { ...of, effect: "split", clients: ["10.1.0.8@tcp", "10.1.0.[10-15]@tcp"] },
    { ...of, effect: "moved", clients: ["10.1.0.9@tcp"] },
  ]);
  const notes = [
    'for rule shares/a#theirs of "others": 10.1.0.8@tcp, 10.1.0.[10-15]@tcp out of their nodemap for a moment, in one go with what puts them back: Lustre splits a range only by taking it out',
    'for rule shares/a#theirs of "others": 10.1.0.9@tcp moved to another nodemap, in one go: what else they may mount has changed',
  ];
  expect(document.notes).toEqual(notes);
  const said = (await bench.hook(one.apply)).split("\n");
  for (const note of notes) expect(said).toContain(`  note: ${note}`);
  // Before it is done.
  expect(said.findIndex((line) => line.includes("for rule"))).toBeLessThan(said.findIndex((line) => line.includes("take ")));
});

test("U-03 plan lists who keeps what a rule takes that goes: mounted, or by another rule", async () => {
  const { shares, mine, one } = things();
  bench.write([...shares, one], [...shares, mine, one]);
  const { document } = await bench.json("plan");
  expect(document.kept).toEqual([
    { by: "mounted", clients: ["10.1.2.1@tcp"], path: "/shares/a", revocation: "lazy", left: [] },
    { by: "rule", clients: ["10.1.0.[8-15]@tcp"], path: "/shares/a", rule: "shares/a#theirs", owner: "others" },
  ]);
  const notes = [
    "clients that have /shares/a mounted keep it until they unmount (revocation: lazy): 10.1.2.1@tcp",
    '10.1.0.[8-15]@tcp keep /shares/a, which shares/a#theirs of "others" gives them as well as shares/a#mine',
  ];
  expect(document.notes).toEqual(notes);
  const status = await bench.json("status");
  expect(status.document.kept).toEqual(document.kept);
  const said = (await bench.hook(mine.destroy)).split("\n");
  for (const note of notes) expect(said).toContain(`  note: ${note}`);
});

test("U-03 afterwards status and plan list who is connected although no rule lets it in, and what it may have mounted is open", async () => {
  const { shares, one } = things();
  bench.write([...shares, one], [...shares, one]);
  const note = "10.1.2.1@tcp is connected, and no access rule lets it in: it keeps what it has mounted until it unmounts";
  for (const command of ["plan", "status"] as const) {
    const { document } = await bench.json(command);
    expect([document.notes, document.kept]).toEqual([[note], [{ by: "connected", clients: ["10.1.2.1@tcp"] }]]);
  }
  expect((await bench.sharewright("status")).stdout).toContain(`note: ${note}\n`);
});
