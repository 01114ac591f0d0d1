// The life of a share whose stack is of cdktn, on the real Terraform or OpenTofu. All that a life can hold is in lifecycle.test.ts, under cdktf.
import { existsSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { RemovalPolicy, Size } from "../../lib";
import { applied, appliedAsPlanned, grants, limits, noChanges, timeout } from "./cases";
import { describing } from "./stacks";
import { makeWorkbench, type StackBench, type Workbench } from "./support/terraform";

let bench: Workbench;
let stack: StackBench;
beforeAll(async () => {
  bench = await makeWorkbench({ framework: "cdktn" });
  stack = bench.stack();
}, timeout);
afterAll(() => bench?.remove());

const share = (size: Size, ...clients: string[]) =>
  describing({
    shares: {
      a: {
        size,
        removalPolicy: RemovalPolicy.DESTROY,
        rules: (share) => {
          for (const client of clients) share.grantReadWrite(`net-${client.split(".")[1]}`, [client]);
        },
      },
    },
  });

test(
  "issue 14, one end-to-end run under cdktn: made, resized, closed to a client, not changed, nor by cdktf, removed",
  async () => {
    const made = await appliedAsPlanned(stack, share(Size.tebibytes(1), "10.1.0.0/24", "10.2.0.0/24"));
    expect(Object.values(made.actions)).toEqual(Array(7).fill("create"));
    expect(await limits(bench)).toEqual({ "/shares/a": 1024 });
    await applied(stack, share(Size.tebibytes(2), "10.1.0.0/24"));
    expect(await limits(bench)).toEqual({ "/shares/a": 2048 });
    expect(await grants(bench)).toEqual({ "/shares/a": ["10.1.0.0-10.1.0.255@tcp rw"] });
    expect((await bench.sharewright("plan", stack.dir)).exitCode).toBe(0);
    expect((await stack.plan(share(Size.tebibytes(2), "10.1.0.0/24"))).stdout).toContain(noChanges);
    // Who changes over, and back, plans no change.
    const ofCdktf = bench.stack("stack", "terraform_data", "cdktf");
    expect((await ofCdktf.plan(share(Size.tebibytes(2), "10.1.0.0/24"))).stdout).toContain(noChanges);
    await applied(stack, describing({}));
    expect(existsSync(join(bench.mountPoint, "shares/a"))).toBe(false);
    expect((await stack.destroy()).exitCode).toBe(0);
  },
  timeout,
);
