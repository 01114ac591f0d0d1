// `npm run bench [-- SECTION... --save FILE --against FILE --most N]`: what hooks, plans and synthesis cost, as a table on standard output.
import { parseArgs } from "node:util";
import { glusterHooks } from "./gluster-hooks";
import type { Tell } from "./hooks";
import { lustreHooks } from "./lustre-hooks";
import { many } from "./many";
import { overSsh } from "./over-ssh";
import { terraformPlan } from "./plan";
import { type Block, load, save, table } from "./report";
import { synthesis } from "./synth";

type Section = (tell: Tell, most: number) => Block[] | Promise<Block[]>;

const sections: Record<string, Section> = {
  lustre: lustreHooks,
  gluster: glusterHooks,
  ssh: overSsh,
  many,
  synthesis,
  plan: terraformPlan,
};

async function main(): Promise<void> {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: { save: { type: "string" }, against: { type: "string" }, most: { type: "string", default: "100" } },
  });
  const unknown = positionals.filter((name) => !(name in sections));
  if (unknown.length > 0) throw new Error(`${unknown.join(", ")}: not among ${Object.keys(sections).join(", ")}`);
  const before = values.against === undefined ? undefined : load(values.against);
  const blocks: Block[] = [];
  for (const [name, measure] of Object.entries(sections))
    if (positionals.length === 0 || positionals.includes(name))
      blocks.push(...(await measured(name, measure, Number(values.most))));
  process.stdout.write(table(blocks, before));
  if (values.save !== undefined) save(values.save, blocks);
}

/** One that fails leaves the others. */
async function measured(name: string, measure: Section, most: number): Promise<Block[]> {
  const seconds = () => String(Math.round(performance.now() / 1000)).padStart(4);
  const tell: Tell = (text) => process.stderr.write(`${seconds()} s  ${name}: ${text}\n`);
  try {
    return await measure(tell, most);
  } catch (error) {
    tell(`failed: ${(error as Error).stack}`);
    process.exitCode = 1;
    return [];
  }
}

void main();
