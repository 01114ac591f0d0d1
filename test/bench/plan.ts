// CPU of `terraform plan` for n shares, against n plain resources with the same triggers and provisioner.
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { terraformBinary } from "../../scripts/terraform.mjs";
import { describing } from "../e2e/stacks";
import { makeWorkbench } from "../e2e/support/terraform";
import { execute, expectSuccess } from "../executor/processes";
import type { Tell } from "./hooks";
import type { Block } from "./report";

const shares = 1_000;
const rounds = 1;

export async function terraformPlan(tell: Tell): Promise<Block[]> {
  const binary = terraformBinary();
  if (!binary) {
    tell("not measured: neither terraform nor tofu is installed");
    return [];
  }
  const bench = await makeWorkbench();
  try {
    const stack = bench.stack("shares");
    stack.synth(describing({ shares: Object.fromEntries(Array.from({ length: shares }, (_, number) => [`s${number}`, {}])) }));
    const plain = join(bench.dir, "plain");
    mkdirSync(plain);
    writeFileSync(join(plain, "main.tf.json"), JSON.stringify({ resource: { terraform_data: plainResources(stack.dir) } }));
    let [sharesMs, plainMs] = [Number.POSITIVE_INFINITY, Number.POSITIVE_INFINITY];
    for (const dir of [stack.dir, plain])
      expectSuccess(["init"], await execute([binary.command, "init", "-no-color"], bench.env, { cwd: dir }));
    for (let round = 0; round < rounds; round += 1) {
      tell(`round ${round + 1} of ${rounds}: ${shares} shares`);
      plainMs = Math.min(plainMs, await planMs(binary.command, plain, bench.env));
      sharesMs = Math.min(sharesMs, await planMs(binary.command, stack.dir, bench.env));
    }
    const figures = { "CPU, ms": sharesMs, "plain resources, ms": plainMs, times: sharesMs / plainMs };
    return [{ title: `${binary.name.toLowerCase()} plan`, lines: [{ what: `${shares} shares`, figures }] }];
  } finally {
    await bench.remove();
  }
}

/** The same ones without claims: their ids are texts. */
function plainResources(dir: string): Record<string, unknown> {
  const { resource } = JSON.parse(readFileSync(join(dir, "cdk.tf.json"), "utf8"));
  const applied = Object.entries<Record<string, object>>(resource.terraform_data).filter(([name]) => !name.endsWith("_claims"));
  return Object.fromEntries(
    applied.map(([name, { provisioner, triggers_replace }]) => [
      name,
      { provisioner, triggers_replace: { ...triggers_replace, claim: name } },
    ]),
  );
}

async function planMs(terraform: string, cwd: string, env: NodeJS.ProcessEnv): Promise<number> {
  const script = `"$0" plan -no-color -out=tfplan >&2 || exit 1; times`;
  const times = expectSuccess(["plan"], await execute(["sh", "-c", script, terraform], env, { cwd }));
  // The second line of times(1) is the CPU of all children: "1m2.345s 0m1.234s", user and system.
  const children = times.trim().split("\n").at(-1)?.split(" ") ?? [];
  const parts = children.map((text) => /^(\d+)m([\d.]+)s$/.exec(text));
  return parts.reduce((sum, match) => sum + (Number(match?.[1]) * 60 + Number(match?.[2])) * 1000, 0);
}
