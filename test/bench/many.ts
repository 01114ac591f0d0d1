// What many objects cost: the same hooks where few, and where many others are there already.
import { hook as runHook } from "../../src/fronts/hook";
import { ruleKey, shareKey } from "../../src/spec/name";
import { captured, expectSuccess, type Hook } from "../executor/processes";
import { startSite, type TestSite, type TestStack } from "../executor/support";
import { measureHooks, type Operation, type Tell } from "./hooks";
import type { Block, Line } from "./report";

const rounds = 3;
/** How many objects are added together, as Terraform would. */
const atOnce = 5;

/** `most`: how many shares there are in the end. */
export async function many(tell: Tell, most: number): Promise<Block[]> {
  const sizes = [10, 30, 100, 300].filter((size) => size <= most);
  return [
    await growing("rules of one share", [1, 40], rulesOfOne, tell),
    await growing("shares with a rule each", sizes, pairs, tell),
  ];
}

/** Numbered objects of a stack, of which the last rounds' are measured. */
interface Objects {
  /** Hooks that bring number so and so. */
  add(number: number): Hook[];
  operations(first: number): Operation[];
}

/** Measured wherever so many are there. */
async function growing(
  title: string,
  sizes: readonly number[],
  objects: (stack: TestStack, most: number) => Objects,
  tell: Tell,
): Promise<Block> {
  const site = await startSite({ processes: true });
  try {
    const { add, operations } = objects(site.stack(), (sizes.at(-1) ?? 0) + sizes.length * rounds);
    const work = workIn(site);
    const measured: Line[][] = [];
    let there = 0;
    for (const size of sizes) {
      for (; there < size; there += atOnce) {
        tell(`${there} ${title}`);
        const added = Array.from({ length: Math.min(atOnce, size - there) }, (_, index) => add(there + index));
        await Promise.all(added.map((hooks) => inTurn(hooks, work)));
      }
      there = size;
      const at: Tell = (text) => tell(`with ${size} ${title}: ${text}`);
      measured.push(await measureHooks(site, operations(there), rounds, at));
      there += rounds;
    }
    return { title: `with so many ${title}`, lines: besides(sizes, measured) };
  } finally {
    site.remove();
  }
}

async function inTurn(hooks: readonly Hook[], work: (hook: Hook) => Promise<void>): Promise<void> {
  for (const hook of hooks) await work(hook);
}

/** A line an operation; each size has its columns. */
function besides(sizes: readonly number[], measured: readonly Line[][]): Line[] {
  const [few = [], ...more] = measured;
  return few.map(({ what }) => {
    const of = (lines: readonly Line[]) => lines.find((line) => line.what === what)?.figures ?? {};
    const all = [few, ...more].map(of);
    const figures = all.flatMap((one, index) => [
      [`commands at ${sizes[index]}`, one["commands"] ?? Number.NaN],
      [`CPU at ${sizes[index]}, ms`, one["CPU, ms"] ?? Number.NaN],
    ]);
    const [first, last] = [all[0], all.at(-1)].map((one) => one?.["times node -e 0"]);
    return {
      what,
      figures: { ...Object.fromEntries(figures), ...(more.length > 0 && first && last ? { "growth of CPU": last / first } : {}) },
    };
  });
}

/** Within this process, which saves a start of Node for each. */
function workIn(site: TestSite): (hook: Hook) => Promise<void> {
  Object.assign(process.env, site.environment);
  return async ({ args, environment }) => {
    expectSuccess(args, await captured((sink) => runHook(args.slice(1), { ...process.env, ...environment }, sink)));
  };
}

function pairs(stack: TestStack, most: number): Objects {
  const names = Array.from({ length: most }, (_, number) => `s${number}`);
  const keys = names.map((name) => ruleKey(shareKey(stack.fileSystem.pathPrefix, name), "cpu"));
  const share = (number: number) => stack.share(names[number] ?? "");
  // A hook is told of all rules of its stack.
  const rule = (number: number, all: number) =>
    stack.rule(names[number] ?? "", "cpu", { clients: clientsOf(number), keys: keys.slice(0, all) });
  return {
    add: (number) => [share(number).apply, rule(number, number + atOnce).apply],
    operations: (first) => [
      { what: "create a share", hook: (round) => share(first + round).apply },
      { what: "share without a change", hook: (round) => share(first + round).apply },
      { what: "grant", hook: (round) => rule(first + round, first + rounds).apply },
      { what: "rule without a change", hook: (round) => rule(first + round, first + rounds).apply },
    ],
  };
}

function rulesOfOne(stack: TestStack, most: number): Objects {
  const names = Array.from({ length: most }, (_, number) => `r${number}`);
  const keys = names.map((name) => ruleKey(shareKey(stack.fileSystem.pathPrefix, "one"), name));
  const rule = (number: number) => stack.rule("one", names[number] ?? "", { clients: clientsOf(number), keys });
  return {
    add: (number) => [stack.share("one").apply, rule(number).apply],
    operations: (first) => [
      { what: "grant", hook: (round) => rule(first + round).apply },
      { what: "rule without a change", hook: (round) => rule(first + round).apply },
    ],
  };
}

function clientsOf(number: number): string {
  return `10.${Math.floor(number / 250) + 1}.${number % 250}.0/24`;
}
