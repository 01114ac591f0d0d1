// CPU of `terraform plan` for n shares, against n plain resources with the same triggers and provisioner, and against as many resources and references
// as a stack of ours has: a claim for each.
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
    const applied = appliedResources(stack.dir);
    const dirs = {
      shares: stack.dir,
      plain: written(join(bench.dir, "plain"), withoutClaims(applied)),
      pairs: written(join(bench.dir, "pairs"), withClaims(applied)),
    };
    const least: Record<keyof typeof dirs, number> = { shares: Infinity, plain: Infinity, pairs: Infinity };
    for (const dir of Object.values(dirs))
      expectSuccess(["init"], await execute([binary.command, "init", "-no-color"], bench.env, { cwd: dir }));
    for (let round = 0; round < rounds; round += 1) {
      for (const [what, dir] of Object.entries(dirs) as [keyof typeof dirs, string][]) {
        tell(`round ${round + 1} of ${rounds}: ${shares} ${what}`);
        least[what] = Math.min(least[what], await planMs(binary.command, dir, bench.env));
      }
    }
    const against = (what: string, ms: number) => ({
      what: `${shares} shares, against ${what}`,
      figures: { "CPU, ms": least.shares, "plain resources, ms": ms, times: least.shares / ms },
    });
    const lines = [
      against(`${shares} plain resources`, least.plain),
      against(`${2 * shares} plain resources with ${shares} references`, least.pairs),
    ];
    return [{ title: `${binary.name.toLowerCase()} plan`, lines }];
  } finally {
    await bench.remove();
  }
}

interface Resource {
  provisioner: unknown;
  triggers_replace: object;
}

type Resources = Record<string, Resource>;

function written(dir: string, resources: Record<string, unknown>): string {
  mkdirSync(dir);
  writeFileSync(join(dir, "main.tf.json"), JSON.stringify({ resource: { terraform_data: resources } }));
  return dir;
}

function appliedResources(dir: string): Resources {
  const { resource } = JSON.parse(readFileSync(join(dir, "cdk.tf.json"), "utf8"));
  const all = Object.entries<Resource>(resource.terraform_data);
  return Object.fromEntries(
    all.flatMap(([name, { provisioner, triggers_replace }]) =>
      name.endsWith("_claims") ? [] : [[name, { provisioner, triggers_replace }]],
    ),
  );
}

/** The ids of claims are texts. */
function withoutClaims(applied: Resources): Resources {
  return mapped(applied, (name, { provisioner, triggers_replace }) => [
    [name, { provisioner, triggers_replace: { ...triggers_replace, claim: name } }],
  ]);
}

/** Each claim is a resource of its own, written one by one. */
function withClaims(applied: Resources): Record<string, unknown> {
  return mapped<Resource>(applied, (name, { provisioner, triggers_replace }) => [
    [`${name}_claim`, { triggers_replace: { share: name }, provisioner: atDestroy }],
    [name, { provisioner, triggers_replace: { ...triggers_replace, claim: `\${terraform_data.${name}_claim.id}` } }],
  ]);
}

const atDestroy = [{ "local-exec": { command: "true", when: "destroy" } }];

function mapped<T>(resources: Resources, each: (name: string, resource: Resource) => [string, T][]): Record<string, T> {
  return Object.fromEntries(Object.entries(resources).flatMap(([name, resource]) => each(name, resource)));
}

async function planMs(terraform: string, cwd: string, env: NodeJS.ProcessEnv): Promise<number> {
  const script = `"$0" plan -no-color -out=tfplan >&2 || exit 1; times`;
  const times = expectSuccess(["plan"], await execute(["sh", "-c", script, terraform], env, { cwd }));
  // The second line of times(1) is the CPU of all children: "1m2.345s 0m1.234s", user and system.
  const children = times.trim().split("\n").at(-1)?.split(" ") ?? [];
  const parts = children.map((text) => /^(\d+)m([\d.]+)s$/.exec(text));
  return parts.reduce((sum, match) => sum + (Number(match?.[1]) * 60 + Number(match?.[2])) * 1000, 0);
}
