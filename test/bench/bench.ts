// `npm run bench`: what the executor, a deployment and the synthesis cost, as JSON on stdout.
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describing } from "../e2e/stacks";
import { makeWorkbench } from "../e2e/support/terraform";
import { bundle, execute, expectSuccess, type Hook, startSite, type TestSite } from "../executor/support";
import { measureSynth } from "./synth";

const rounds = 9;

// Loaded into the measured process: its own CPU without that of the commands it starts.
const meter = `process.on("exit", () => {
  const { userCPUTime, systemCPUTime } = process.resourceUsage();
  require("node:fs").writeFileSync(process.env.METER_FILE, String((userCPUTime + systemCPUTime) / 1000));
});`;

async function cpuMs(args: readonly string[], environment: Record<string, string>): Promise<number> {
  const dir = mkdtempSync(join(tmpdir(), "sharewright-bench-"));
  writeFileSync(join(dir, "meter.cjs"), meter);
  const file = join(dir, "cpu");
  const argv = [process.execPath, "--require", join(dir, "meter.cjs"), ...args];
  const measured: number[] = [];
  for (let round = 0; round < rounds; round += 1) {
    expectSuccess(argv, await execute(argv, { ...environment, METER_FILE: file }));
    measured.push(Number(readFileSync(file, "utf8")));
  }
  rmSync(dir, { recursive: true });
  // The least: everything above it is the machine's doing.
  return Math.min(...measured);
}

async function executorCpu(site: TestSite) {
  const stack = site.stack();
  const share = stack.share("a");
  const rule = stack.rule("a", "cpu", { clients: "10.1.0.0/24" });
  await site.succeed(share.apply);
  await site.succeed(rule.apply);
  const hook = ({ args, environment }: Hook) => cpuMs([bundle, ...args], { ...site.environment, ...environment });
  const nodeMs = await cpuMs(["-e", "0"], {});
  const [shareMs, ruleMs] = [await hook(share.apply), await hook(rule.apply)];
  return { nodeMs, shareMs, ruleMs, shareRatio: shareMs / nodeMs, ruleRatio: ruleMs / nodeMs };
}

async function commandCounts(site: TestSite) {
  await site.sandbox("reset");
  const stack = site.stack();
  const counts: Record<string, number> = {};
  const count = async (operation: string, hook: Hook) => {
    await site.sandbox("log", "clear");
    await site.sandbox("log", "on");
    await site.succeed(hook);
    counts[operation] = (await site.sandbox("log", "show")).stdout.split("\n").filter(Boolean).length;
    await site.sandbox("log", "off");
  };
  const share = stack.share("a");
  const rule = stack.rule("a", "cpu", { clients: "10.1.0.0/24" });
  await count("create the first share", share.apply);
  await count("create a share", stack.share("b").apply);
  await count("share without a change", share.apply);
  await count("grow", stack.share("a", { size: "20 TiB" }).apply);
  await count("shrink", share.apply);
  await count("grant", rule.apply);
  await count("rule without a change", rule.apply);
  await count("revoke", rule.destroy);
  for (const policy of ["retain", "trash", "destroy"] as const) {
    const removed = stack.share(policy, { removal_policy: policy });
    await site.succeed(removed.apply);
    await count(`remove by ${policy}`, removed.destroy);
  }
  return counts;
}

/** Wall clock and CPU, Terraform's and that of all hooks, of one apply. */
async function measuredApply(shares: number) {
  const bench = await makeWorkbench();
  try {
    const names = Array.from({ length: shares }, (_, index) => `s${index}`);
    const stack = bench.stack("shares");
    stack.synth(describing({ shares: Object.fromEntries(names.map((name) => [name, {}])) }));
    const plain = join(bench.dir, "plain");
    mkdirSync(plain);
    const provisioner = [{ "local-exec": { command: "node -e 0" } }];
    const resources = Object.fromEntries(names.map((name) => [name, { provisioner }]));
    writeFileSync(join(plain, "main.tf.json"), JSON.stringify({ resource: { terraform_data: resources } }));
    return { shares, applied: await timedApply(stack.dir, bench.env), baseline: await timedApply(plain, bench.env) };
  } finally {
    await bench.remove();
  }
}

async function timedApply(dir: string, env: NodeJS.ProcessEnv) {
  const terraform = process.env["TERRAFORM_BINARY_NAME"] ?? "terraform";
  expectSuccess(["init"], await execute([terraform, "init", "-no-color"], env, { cwd: dir }));
  const started = Date.now();
  const script = `"$0" apply -no-color -auto-approve >&2 || exit 1; times`;
  const times = expectSuccess(["apply"], await execute(["sh", "-c", script, terraform], env, { timeoutMs: 1_800_000, cwd: dir }));
  // The second line of times(1) is the CPU of all children: "1m2.345s 0m1.234s", user and system.
  const children = times.trim().split("\n").at(-1)?.split(" ") ?? [];
  const seconds = children
    .map((text) => /^(\d+)m([\d.]+)s$/.exec(text))
    .map((match) => Number(match?.[1]) * 60 + Number(match?.[2]));
  return { wallSeconds: (Date.now() - started) / 1000, cpuSeconds: seconds.reduce((sum, part) => sum + part, 0) };
}

async function main(): Promise<void> {
  const site = await startSite();
  try {
    const executor = await executorCpu(site);
    const commands = await commandCounts(site);
    const synthesis = [measureSynth(100), measureSynth(1_000, 3), measureSynth(10_000, 1)];
    const apply = await measuredApply(Number(process.env["SHAREWRIGHT_BENCH_SHARES"] ?? 100));
    process.stdout.write(`${JSON.stringify({ executor, commands, synthesis, apply }, null, 2)}\n`);
  } finally {
    site.remove();
  }
}

void main();
