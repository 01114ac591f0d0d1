// A sample of the crash sweep through Terraform: the hook is killed by the sandbox at some command, Terraform reports it, and the next
// apply, or the removal from the code, ends where an undisturbed one does.
import { readdirSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { RemovalPolicy } from "../../lib";
import { applied, commands, grants, limits, noChanges, timeout } from "./cases";
import { describing } from "./stacks";
import { makeWorkbench, type Workbench } from "./support/terraform";

const samples = 4;

describe("hooks killed below Terraform", { timeout }, () => {
  let bench: Workbench;
  let number = 0;
  beforeAll(async () => {
    bench = await makeWorkbench();
  }, timeout);
  afterAll(() => bench.remove());

  const empty = describing({});
  const full = describing({
    shares: { a: { removalPolicy: RemovalPolicy.DESTROY, rules: (share) => void share.grantReadWrite("cpu", ["10.1.0.0/24"]) } },
  });
  const newStack = async () => {
    number += 1;
    expect((await bench.sharewright("sandbox", "reset")).exitCode).toBe(0);
    return bench.stack(`stack${number}`);
  };
  const killAt = (nth: number, when: string) =>
    bench.sharewright(
      "sandbox",
      "fault",
      "set",
      JSON.stringify({
        nth,
        when,
        do: when === "later" ? "finish-later" : "kill-caller",
        delayMs: 800,
        ...(when === "later" ? { when: "before" } : {}),
      }),
    );

  async function commandCount(work: () => Promise<unknown>): Promise<number> {
    await bench.sharewright("sandbox", "log", "on");
    await work();
    const { length } = await commands(bench);
    await bench.sharewright("sandbox", "log", "off");
    return length;
  }

  test("create, then apply again", async () => {
    const first = await newStack();
    const count = await commandCount(() => applied(first, full));
    for (let sample = 0; sample < samples; sample += 1) {
      const at = 1 + Math.round(((count - 1) * (sample + 0.5)) / samples);
      const stack = await newStack();
      await bench.sharewright("sandbox", "watch", "on");
      await killAt(at, ["before", "after", "later", "after"][sample % 4] ?? "before");
      expect((await stack.apply(full)).exitCode).toBe(1);
      await applied(stack, full);
      expect((await stack.plan()).stdout).toContain(noChanges);
      expect(await limits(bench)).toEqual({ "/shares/a": 1024 });
      expect(await grants(bench)).toEqual({ "/shares/a": ["10.1.0.0-10.1.0.255@tcp rw"] });
      expect((await bench.sharewright("sandbox", "watch", "report")).stdout).toBe("no violations\n");
    }
    console.log(`crash sample through Terraform: create killed at ${samples} of ${count} commands`);
  });

  test("removal from the code, then again", async () => {
    const first = await newStack();
    await applied(first, full);
    const count = await commandCount(() => applied(first, empty));
    for (let sample = 0; sample < samples; sample += 1) {
      const at = 1 + Math.round(((count - 1) * (sample + 0.5)) / samples);
      const stack = await newStack();
      await applied(stack, full);
      await bench.sharewright("sandbox", "watch", "on");
      await killAt(at, ["before", "after", "later", "after"][sample % 4] ?? "before");
      expect((await stack.apply(empty)).exitCode).toBe(1);
      await applied(stack, empty);
      expect(await limits(bench)).toEqual({});
      expect(await grants(bench)).toEqual({});
      const left = ["shares", "rules", "projects", "nodemaps", "staging", "trash"].flatMap((folder) =>
        readdirSync(join(bench.mountPoint, ".sharewright", folder)).filter((name) => !name.startsWith("last-")),
      );
      expect(left).toEqual([]);
      expect((await bench.sharewright("sandbox", "watch", "report")).stdout).toBe("no violations\n");
    }
    console.log(`crash sample through Terraform: removal killed at ${samples} of ${count} commands`);
  });
});
