// Rules of one client that change together, one hook at a time, in the order that Terraform finds: the last that it may use.
import { Lazy } from "cdktf";
import { afterAll, beforeAll, expect, test } from "vitest";
import { AccessLevel, LustreAccessRule, LustreFileSystem, Size } from "../../lib";
import { applied, grants, noChanges, timeout, workbenchWith } from "./cases";
import type { BuildStack, Workbench } from "./support/terraform";

let bench: Workbench | undefined;
beforeAll(async () => {
  bench = await workbenchWith("terraform_data", "on this machine");
}, timeout);
afterAll(() => bench?.remove());

/** `b` is for a machine that waits for the access of another one: no rule may wait for another rule's clients. */
const build =
  (level: AccessLevel, size: Size): BuildStack =>
  (stack, mountPoint, hosts) => {
    const scratch = new LustreFileSystem(stack, "scratch", {
      fsName: "scratch",
      exportNids: ["10.0.0.1@tcp"],
      mountPoint,
      ...hosts,
    });
    const owner = { uid: 1000, gid: 1000 };
    const [a, b] = ["a", "b"].map((id) => scratch.addShare(id, { size: id === "a" ? size : Size.tebibytes(1), owner }));
    if (!a || !b) throw new Error("no shares");
    const rule = (id: string, share: typeof a, clients: string[]) => new LustreAccessRule(stack, id, { share, clients, level });
    const first = rule("first", a, ["10.1.0.5", "10.1.0.6"]);
    rule("second", b, ["10.1.0.5"]);
    const address = Lazy.stringValue({ produce: () => "${terraform_data.machine.output}" });
    rule("third", b, [address]);
    stack.addOverride("resource.terraform_data.machine", { input: "10.1.0.6", depends_on: [`terraform_data.${first.node.id}`] });
  };

test("R-06: levels of two rules of one client and the size of a share change in one deployment with -parallelism=1", {
  timeout,
}, async (context) => {
  if (!bench) return context.skip();
  const stack = bench.stack();
  const one = async (level: AccessLevel, size: Size) => {
    await applied(stack, build(level, size), "-parallelism=1");
    return grants(bench as Workbench);
  };
  await applied(stack, build(AccessLevel.READ_WRITE, Size.tebibytes(1)));
  expect(await one(AccessLevel.READ_ONLY, Size.tebibytes(2))).toEqual({
    "/shares/a": ["10.1.0.5@tcp ro", "10.1.0.6@tcp ro"],
    "/shares/b": ["10.1.0.5@tcp ro", "10.1.0.6@tcp ro"],
  });
  expect(await one(AccessLevel.READ_WRITE, Size.tebibytes(3))).toEqual({
    "/shares/a": ["10.1.0.5@tcp rw", "10.1.0.6@tcp rw"],
    "/shares/b": ["10.1.0.5@tcp rw", "10.1.0.6@tcp rw"],
  });
  expect((await stack.plan()).stdout).toContain(noChanges);
});
