// `npm run test:mutation [-- PATH...]`: would a test notice, if the code were a little wrong? A sample of small faults, one after the other, in a
// copy of the tree. What came of each is kept in .cache/mutation.json as long as its source and the test that saw it stay as they are, so that a
// run that was cut off goes on.
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { accepted } from "./accepted";
import { functionAt } from "./coverage";
import { filesIn, importsByTest } from "./imports";
import { type Mutant, sampleOf } from "./mutants";
import { type Kill, type Survey, startTrial, type Trial, type Witness } from "./trial";

const root = join(__dirname, "../..");
const folders = ["src/backends", "src/core", "src/spec", "src/transports"];
const cache = join(root, ".cache/mutation.json");
const surveys = join(root, ".cache/mutation-tests.json");

/** What came of a mutant, and a digest of what that depends on. */
interface Verdict {
  kill?: Kill;
  of: string;
}

const say = (line: string) => process.stderr.write(`${line}\n`);
const textOf = (file: string) => (existsSync(join(root, file)) ? readFileSync(join(root, file), "utf8") : "");

const hash = (text: string) => createHash("sha256").update(text).digest("base64url");
const hashes = new Map<string, string>();

function digestOf(files: readonly string[]): string {
  for (const file of files) if (!hashes.has(file)) hashes.set(file, hash(textOf(file)));
  return hash(files.map((file) => `${file} ${hashes.get(file)}`).join("\n"));
}

function chosenMutants(paths: readonly string[]): Mutant[] {
  const isChosen = (file: string) => paths.length === 0 || paths.some((path) => file === path || file.startsWith(`${path}/`));
  const files = folders.flatMap((folder) => filesIn(root, folder)).filter(isChosen);
  return files.flatMap((file) => sampleOf(file, textOf(file)));
}

function readKept<T>(file: string): Map<string, T> {
  return new Map(Object.entries(existsSync(file) ? (JSON.parse(readFileSync(file, "utf8")) as Record<string, T>) : {}));
}

function writeKept(file: string, kept: ReadonlyMap<string, unknown>): void {
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, JSON.stringify(Object.fromEntries(kept)));
}

/** What every test runs; kept as long as nothing that it imports is changed. */
async function surveyAll(trial: Trial, tests: ReadonlyMap<string, readonly string[]>): Promise<Map<string, Survey>> {
  const kept = readKept<Survey & { of: string }>(surveys);
  for (const [test, imported] of tests) {
    const of = digestOf(imported);
    if (kept.get(test)?.of === of) continue;
    const survey = await trial.survey(test);
    kept.set(test, { ...survey, of });
    writeKept(surveys, kept);
    const failed = survey.problem === undefined ? "" : `: left out, since it fails without any mutant: ${survey.problem}`;
    say(`${test}: ${survey.cases.length} tests${failed}`);
  }
  return kept;
}

/** As long as tests take together without a mutant: enough for one. */
const enoughMs = 40_000;

/** The tests that run the function which a mutant is in, the quickest where they are many; whole files then, those first that end soon. */
function witnessesOf(mutant: Mutant, tests: readonly string[], known: ReadonlyMap<string, Survey>): Witness[] {
  const place = functionAt(mutant.file, textOf(mutant.file), mutant.start);
  const cases = tests.flatMap((test) => {
    const survey = known.get(test);
    if (!survey || survey.problem !== undefined) return [];
    const at = place === undefined ? -1 : survey.functions.indexOf(place);
    const isAround = place === undefined || survey.ran.includes(at);
    return survey.cases
      .filter(({ ran }) => isAround || ran.includes(at))
      .map(({ id, ms }) => ({ test, id, ms, aroundMs: survey.aroundMs }));
  });
  const witnesses = new Map<string, Witness>();
  let ms = 0;
  for (const one of cases.sort((a, b) => a.ms - b.ms)) {
    if (ms >= enoughMs) break;
    const { ids, ms: before } = witnesses.get(one.test) ?? { ids: [], ms: one.aroundMs };
    ms += one.ms + (ids.length === 0 ? one.aroundMs : 0);
    witnesses.set(one.test, { test: one.test, ids: [...ids, one.id], ms: before + one.ms });
  }
  return [...witnesses.values()].sort((a, b) => a.ms - b.ms);
}

async function run(mutants: readonly Mutant[]): Promise<Map<string, Verdict>> {
  const verdicts = readKept<Verdict>(cache);
  const files = new Set(mutants.map(({ file }) => file));
  const imported = new Map([...importsByTest(root)].filter(([, reached]) => reached.some((file) => files.has(file))));
  const testsOf = ({ file }: Mutant) => [...imported].filter(([, reached]) => reached.includes(file)).map(([test]) => test);
  const isKnown = (mutant: Mutant) => {
    const known = verdicts.get(mutant.key);
    return known?.of === digestOf([mutant.file, ...(known?.kill ? [known.kill.test] : testsOf(mutant))]);
  };
  const trial = startTrial(root);
  process.once("exit", () => trial.end());
  for (const signal of ["SIGINT", "SIGTERM"] as const) process.once(signal, () => process.exit(1));
  const known = await surveyAll(trial, imported);
  const started = performance.now();
  for (const [index, mutant] of mutants.entries()) {
    if (mutant.key in accepted || isKnown(mutant)) continue;
    const kill = await trial.judge(mutant, textOf(mutant.file), witnessesOf(mutant, testsOf(mutant), known));
    verdicts.set(mutant.key, {
      ...(kill ? { kill } : {}),
      of: digestOf([mutant.file, ...(kill ? [kill.test] : testsOf(mutant))]),
    });
    writeKept(cache, verdicts);
    const seconds = Math.round((performance.now() - started) / 1000);
    say(`${index + 1}/${mutants.length} ${seconds} s  ${kill ? "killed" : "SURVIVED"}  ${mutant.line} ${mutant.key}`);
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
