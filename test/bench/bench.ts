// `npm run bench [-- SECTION...]`: what the executor, a deployment, the synthesis and remote hosts cost, as JSON on stdout.
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describing } from "../e2e/stacks";
import { makeWorkbench } from "../e2e/support/terraform";
import { execute, expectSuccess, type Hook, startSite, type TestSite } from "../executor/support";
import { asProcess, leastCpuMs } from "./cpu";
import { overSsh } from "./over-ssh";
import { measureSynth } from "./synth";

async function executorCpu(site: TestSite) {
  const stack = site.stack();
  const share = stack.share("a");
  const rule = stack.rule("a", "cpu", { clients: "10.1.0.0/24" });
  await site.succeed(share.apply);
  await site.succeed(rule.apply);
  const {
    nodeMs = 0,
    shareMs = 0,
    ruleMs = 0,
  } = await leastCpuMs({
    nodeMs: { args: ["-e", "0"], environment: {} },
    shareMs: asProcess(site, share.apply),
    ruleMs: asProcess(site, rule.apply),
  });
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

type Section = (site: TestSite) => unknown;
const sections: Record<string, Section> = {
  executor: executorCpu,
  commands: commandCounts,
  synthesis: () => [measureSynth(100), measureSynth(1_000, 3), measureSynth(10_000, 1)],
  apply: () => measuredApply(Number(process.env["SHAREWRIGHT_BENCH_SHARES"] ?? 100)),
  "over-ssh": overSsh,
};

async function main(wanted: readonly string[]): Promise<void> {
  const unknown = wanted.filter((name) => !(name in sections));
  if (unknown.length > 0) throw new Error(`${unknown.join(", ")}: not among ${Object.keys(sections).join(", ")}`);
  const site = await startSite({ processes: true, resident: false });
  try {
    const measured: Record<string, unknown> = {};
    for (const [name, measure] of Object.entries(sections))
      if (wanted.length === 0 || wanted.includes(name)) measured[name] = await measure(site);
    process.stdout.write(`${JSON.stringify(measured, null, 2)}\n`);
  } finally {
    site.remove();
  }
}

void main(process.argv.slice(2));
