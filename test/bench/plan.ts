// CPU of `terraform plan` for shares, without and with rules: against plain resources with the same triggers and provisioner, and against as many
// resources and references as a stack of ours has, with a claim for each.
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { LustreShare } from "../../lib";
import { terraformBinary } from "../../scripts/terraform.mjs";
import { describing } from "../e2e/stacks";
import { type BuildStack, makeWorkbench } from "../e2e/support/terraform";
import { execute, expectSuccess } from "../executor/processes";
import type { Tell } from "./hooks";
import type { Block } from "./report";

const rounds = 1;

const thousand = numbered(1_000, () => ({}));
const withRules = numbered(500, (number) => ({
  rules: (share: LustreShare) => void share.grantReadWrite("cpu", `10.${number >> 8}.${number & 255}.1`),
}));

/** Each of 1,000 resources that are no claims. */
const stacks: Record<string, BuildStack> = {
  "1000 shares": describing({ shares: thousand }),
  "500 shares with a rule each": describing({ shares: withRules }),
};

export async function terraformPlan(tell: Tell): Promise<Block[]> {
  const binary = terraformBinary();
  if (!binary) {
    tell("not measured: neither terraform nor tofu is installed");
    return [];
  }
  const bench = await makeWorkbench();
  try {
    const lines: Block["lines"] = [];
    for (const [what, build] of Object.entries(stacks)) {
      const stack = bench.stack(what.replaceAll(" ", "-"));
      stack.synth(build);
      lines.push(...(await againstPlain(what, stack.dir, { binary: binary.command, env: bench.env, tell })));
    }
    return [{ title: `${binary.name.toLowerCase()} plan`, lines }];
  } finally {
    await bench.remove();
  }
}

function numbered<T>(count: number, each: (number: number) => T): Record<string, T> {
  return Object.fromEntries(Array.from({ length: count }, (_, number) => [`s${number}`, each(number)]));
}

interface Means {
  binary: string;
  env: NodeJS.ProcessEnv;
  tell: Tell;
}

async function againstPlain(what: string, stack: string, { binary, env, tell }: Means): Promise<Block["lines"]> {
  const { applied, locals } = synthesized(stack);
  const dirs = {
    ours: stack,
    plain: written(`${stack}-plain`, { locals, resources: withoutClaims(applied) }),
    pairs: written(`${stack}-pairs`, { locals, resources: withClaims(applied) }),
  };
  const least: Record<keyof typeof dirs, number> = { ours: Infinity, plain: Infinity, pairs: Infinity };
  for (const cwd of Object.values(dirs)) expectSuccess(["init"], await execute([binary, "init", "-no-color"], env, { cwd }));
  for (let round = 0; round < rounds; round += 1) {
    for (const [which, dir] of Object.entries(dirs) as [keyof typeof dirs, string][]) {
      tell(`round ${round + 1} of ${rounds}: ${what}, ${which}`);
      least[which] = Math.min(least[which], await planMs(binary, dir, env));
    }
  }
  const against = (other: string, ms: number) => ({
    what: `${what}, against ${other}`,
    figures: { "CPU, ms": least.ours, "plain resources, ms": ms, times: least.ours / ms },
  });
  return [against("1000 plain resources", least.plain), against("2000 plain resources with 1000 references", least.pairs)];
}

interface Resource {
  provisioner: unknown;
  triggers_replace: object;
}

type Resources = Record<string, Resource>;

function written(dir: string, { locals, resources }: { locals: object; resources: Record<string, unknown> }): string {
  mkdirSync(dir);
  writeFileSync(join(dir, "main.tf.json"), JSON.stringify({ locals, resource: { terraform_data: resources } }));
  return dir;
}

/** What is no claim, and the locals that it names besides claims. */
function synthesized(dir: string): { applied: Resources; locals: object } {
  const { resource, locals } = JSON.parse(readFileSync(join(dir, "cdk.tf.json"), "utf8"));
  const all = Object.entries<Resource>(resource.terraform_data);
  const applied = all.flatMap(([name, { provisioner, triggers_replace }]): [string, Resource][] =>
    name.endsWith("_claims") ? [] : [[name, { provisioner, triggers_replace }]],
  );
  const isOfClaims = ([name]: [string, unknown]) => name.includes("_claims");
  return {
    applied: Object.fromEntries(applied),
    locals: Object.fromEntries(Object.entries(locals).filter((local) => !isOfClaims(local))),
  };
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
