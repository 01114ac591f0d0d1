// All mutants on trial, one after the other or a few at once. What is known already is not asked again.
import { join } from "node:path";
import { accepted } from "./accepted";
import { importsByTest } from "./imports";
import type { Mutant } from "./mutants";
import { digest, readKept, textIn, writeKept } from "./texts";
import { type Kill, type Survey, startTrial, type Trial, type Witness } from "./trial";
import { namesakeOf, rounds, type Witnesses, witnessesOf } from "./witnesses";

/** What came of a mutant; holds as long as its source is the same, and the test that saw it. */
interface Verdict {
  of: string;
  kill?: Kill & { of: string };
  /** A digest of each test that did not see it. */
  tried: string[];
}

export interface Outcome {
  kill?: Kill;
  /** How many test cases were asked. */
  asked: number;
  /** Test files that run its function and were not asked, or not about all. */
  untried: string[];
}

const say = (line: string) => process.stderr.write(`${line}\n`);

type Work<T> = (trial: Trial, item: T) => Promise<void>;

async function inTurn<T>(trials: readonly Trial[], items: Iterable<T>, work: Work<T>): Promise<void> {
  const left = [...items];
  const workOn = async (trial: Trial) => {
    for (let item = left.shift(); item !== undefined; item = left.shift()) await work(trial, item);
  };
  await Promise.all(trials.map(workOn));
}

/** What every test runs; kept as long as nothing that it imports is changed. */
async function surveyAll(root: string, trials: readonly Trial[], tests: Tests): Promise<Map<string, Survey>> {
  const path = join(root, ".cache/mutation-tests.json");
  const kept = readKept<Survey & { of: string }>(path);
  const of = (test: string) => digest((tests.get(test) ?? []).map((file) => `${file} ${digest(textIn(root, file))}`).join("\n"));
  const unknown = [...tests.keys()].filter((test) => kept.get(test)?.of !== of(test));
  await inTurn(trials, unknown, async (trial, test) => {
    const survey = await trial.survey(test);
    kept.set(test, { ...survey, of: of(test) });
    writeKept(path, kept);
    const failed = survey.problem === undefined ? "" : `: left out, since it fails without any mutant: ${survey.problem}`;
    say(`${test}: ${survey.cases.length} tests${failed}`);
  });
  return kept;
}

type Tests = ReadonlyMap<string, readonly string[]>;

/** The tests that are asked about a file. */
function testsThatReach(root: string, files: ReadonlySet<string>): Tests {
  return new Map([...importsByTest(root)].filter(([, reached]) => reached.some((file) => files.has(file))));
}

interface Case {
  mutant: Mutant;
  text: string;
  witnesses: Witnesses;
}

export async function judgeAll(root: string, mutants: readonly Mutant[], workers: number): Promise<Map<string, Outcome>> {
  const tests = testsThatReach(root, new Set(mutants.map(({ file }) => file)));
  const trials = Array.from({ length: workers }, () => startTrial(root));
  const end = () => {
    for (const trial of trials) trial.end();
  };
  process.once("exit", end);
  for (const signal of ["SIGINT", "SIGTERM"] as const) process.once(signal, () => process.exit(1));
  const known = await surveyAll(root, trials, tests);
  const cases = mutants
    .filter(({ key }) => !(key in accepted))
    .map((mutant): Case => {
      const text = textIn(root, mutant.file);
      const reaching = [...tests].filter(([, reached]) => reached.includes(mutant.file)).map(([test]) => test);
      return { mutant, text, witnesses: witnessesOf(mutant, text, reaching, known) };
    });
  const verdicts = await tryAll(root, trials, cases);
  end();
  const outcome = ({ mutant: { key }, witnesses: { byRound, untried } }: Case): Outcome => {
    const kill = verdicts.get(key)?.kill;
    return { ...(kill ? { kill } : {}), asked: byRound.flat().reduce((sum, { ids }) => sum + ids.length, 0), untried };
  };
  return new Map(cases.map((one) => [one.mutant.key, outcome(one)]));
}

async function tryAll(root: string, trials: readonly Trial[], cases: readonly Case[]): Promise<Map<string, Verdict>> {
  const path = join(root, ".cache/mutation.json");
  const verdicts = readKept<Verdict>(path);
  const started = performance.now();
  for (const round of rounds.keys())
    await inTurn(trials, cases, async (trial, { mutant, text, witnesses }) => {
      const verdict = validVerdict(root, verdicts.get(mutant.key), text);
      verdicts.set(mutant.key, verdict);
      const isNew = (witness: Witness) => !verdict.tried.includes(digestOf(root, witness));
      const asked = likelyFirst(mutant, (witnesses.byRound[round] ?? []).filter(isNew), verdicts);
      if (verdict.kill || asked.length === 0) return;
      const kill = await trial.judge(mutant, text, asked);
      if (kill) verdict.kill = { ...kill, of: digest(textIn(root, kill.test)) };
      else verdict.tried.push(...asked.map((witness) => digestOf(root, witness)));
      writeKept(path, verdicts);
      const seconds = Math.round((performance.now() - started) / 1000);
      say(`${seconds} s  ${kill ? "killed" : "not seen"}  ${mutant.line} ${mutant.key}`);
    });
  return verdicts;
}

/** The test that is named after the source, and those that have seen others there. */
function likelyFirst({ file }: Mutant, witnesses: readonly Witness[], verdicts: ReadonlyMap<string, Verdict>): Witness[] {
  const kills = [...verdicts].flatMap(([key, { kill }]) => (kill && key.startsWith(`${file} `) ? [kill.test] : []));
  const weight = ({ test }: Witness) => kills.filter((one) => one === test).length + (test === namesakeOf(file) ? 1 : 0);
  return [...witnesses].sort((a, b) => weight(b) - weight(a));
}

function validVerdict(root: string, kept: Verdict | undefined, text: string): Verdict {
  const of = digest(text);
  if (kept?.of !== of || !Array.isArray(kept.tried)) return { of, tried: [] };
  const { kill, tried } = kept;
  return kill && kill.of === digest(textIn(root, kill.test)) ? kept : { of, tried };
}

function digestOf(root: string, { test, ids }: Witness): string {
  return digest([test, textIn(root, test), ...ids].join("\n"));
}
