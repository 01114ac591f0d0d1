// `npm run test:mutation [-- PATH...]`: would a test notice, if the code were a little wrong? A sample of small faults, one after the other, in a
// copy of the tree. What came of each is kept in .cache/mutation.json as long as its source and the test that saw it stay as they are, so that a
// run that was cut off goes on.
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { accepted } from "./accepted";
import { filesIn, testsByModule } from "./imports";
import { type Mutant, sampleOf } from "./mutants";
import { type Kill, startTrial, type Trial } from "./trial";

const root = join(__dirname, "../..");
const folders = ["src/backends", "src/core", "src/spec", "src/transports"];
const cache = join(root, ".cache/mutation.json");

/** What came of a mutant, and a digest of what that depends on. */
interface Verdict {
  kill?: Kill;
  of: string;
}

const say = (line: string) => process.stderr.write(`${line}\n`);
const textOf = (file: string) => (existsSync(join(root, file)) ? readFileSync(join(root, file), "utf8") : "");

function digestOf(files: readonly string[]): string {
  return createHash("sha256")
    .update(files.map((file) => `${file}\n${textOf(file)}`).join("\n"))
    .digest("base64url");
}

function chosenMutants(paths: readonly string[]): Mutant[] {
  const isChosen = (file: string) => paths.length === 0 || paths.some((path) => file === path || file.startsWith(`${path}/`));
  const files = folders.flatMap((folder) => filesIn(root, folder)).filter(isChosen);
  return files.flatMap((file) => sampleOf(file, textOf(file)));
}

function readVerdicts(): Map<string, Verdict> {
  const entries = existsSync(cache) ? (JSON.parse(readFileSync(cache, "utf8")) as Record<string, Verdict>) : {};
  return new Map(Object.entries(entries));
}

function writeVerdicts(verdicts: ReadonlyMap<string, Verdict>): void {
  mkdirSync(dirname(cache), { recursive: true });
  writeFileSync(cache, `${JSON.stringify(Object.fromEntries(verdicts), undefined, 1)}\n`);
}

/** Those that have killed come first: a mutant's neighbour is often seen by the same test. */
async function tryOne(trial: Trial, mutant: Mutant, near: readonly string[], killers: readonly string[]): Promise<Verdict> {
  const tests = await trial.witnesses(near);
  const ordered = [...killers.filter((test) => tests.includes(test)), ...tests.filter((test) => !killers.includes(test))];
  const kill = await trial.judge(mutant, textOf(mutant.file), ordered);
  return kill ? { kill, of: digestOf([mutant.file, kill.test]) } : { of: digestOf([mutant.file, ...near]) };
}

async function run(mutants: readonly Mutant[]): Promise<Map<string, Verdict>> {
  const verdicts = readVerdicts();
  const near = testsByModule(root);
  const testsOf = ({ file }: Mutant) => near.get(file) ?? [];
  const isKnown = (mutant: Mutant) => {
    const known = verdicts.get(mutant.key);
    return known?.of === digestOf([mutant.file, ...(known?.kill ? [known.kill.test] : testsOf(mutant))]);
  };
  const trial = startTrial(root, say);
  process.once("exit", () => trial.end());
  for (const signal of ["SIGINT", "SIGTERM"] as const) process.once(signal, () => process.exit(1));
  const started = performance.now();
  for (const [index, mutant] of mutants.entries()) {
    if (mutant.key in accepted || isKnown(mutant)) continue;
    const killers = mutants.filter(({ file }) => file === mutant.file).flatMap(({ key }) => verdicts.get(key)?.kill?.test ?? []);
    const verdict = await tryOne(trial, mutant, testsOf(mutant), [...new Set(killers)]);
    verdicts.set(mutant.key, verdict);
    writeVerdicts(verdicts);
    const seconds = Math.round((performance.now() - started) / 1000);
    say(`${index + 1}/${mutants.length} ${seconds} s  ${verdict.kill ? "killed" : "SURVIVED"}  ${mutant.line} ${mutant.key}`);
  }
  trial.end();
  return verdicts;
}

function report(mutants: readonly Mutant[], verdicts: ReadonlyMap<string, Verdict>): boolean {
  const isKilled = ({ key }: Mutant) => !(key in accepted) && verdicts.get(key)?.kill !== undefined;
  const survived = mutants.filter((mutant) => !(mutant.key in accepted) && !isKilled(mutant));
  const files = [...new Set(mutants.map(({ file }) => file))];
  const width = Math.max(...files.map((file) => file.length));
  console.log(`${"file".padEnd(width)}  mutants  killed  accepted  survivors`);
  for (const file of files) {
    const own = mutants.filter((mutant) => mutant.file === file);
    const counts = [own.length, own.filter(isKilled).length, own.filter(({ key }) => key in accepted).length];
    const [all, killed, judged] = counts.map(String) as [string, string, string];
    console.log(`${file.padEnd(width)}  ${all.padStart(7)}  ${killed.padStart(6)}  ${judged.padStart(8)}`);
    for (const { line, key } of survived.filter((mutant) => mutant.file === file))
      console.log(`  line ${line}: ${key.slice(file.length + 1)}`);
  }
  const killed = mutants.filter(isKilled).length;
  const judged = mutants.length - killed - survived.length;
  const hung = mutants.filter(({ key }) => verdicts.get(key)?.kill?.title === "(hangs)").length;
  console.log(
    `${mutants.length} mutants: ${killed} killed (${((100 * killed) / mutants.length).toFixed(1)} %; ${hung} of them hung), ${judged} accepted, ${survived.length} survived`,
  );
  return survived.length === 0;
}

async function main(paths: readonly string[]): Promise<void> {
  const mutants = chosenMutants(paths);
  if (mutants.length === 0) throw new Error(`no mutant in ${paths.join(", ")}: give a file or folder in ${folders.join(", ")}`);
  process.exitCode = report(mutants, await run(mutants)) ? 0 : 1;
}

main(process.argv.slice(2).map((path) => path.replace(/\/+$/, ""))).catch((error: unknown) => {
  say(String(error));
  process.exitCode = 1;
});
