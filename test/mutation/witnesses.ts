// Which tests are asked about a mutant: those that run the function that it is in.
import { functionAt } from "./coverage";
import type { Mutant } from "./mutants";
import type { Survey, Witness } from "./trial";

/** Milliseconds that tests take together without a mutant: nearly all mutants are seen by the quickest, the others are asked of many. */
export const rounds = [15_000, 90_000] as const;

export interface Witnesses {
  /** For each round, whole files, those first that end soon. */
  byRound: Witness[][];
  /** Those of which it would take too long to ask everything, and those that fail without any mutant. */
  untried: string[];
}

export function witnessesOf(
  mutant: Mutant,
  text: string,
  tests: readonly string[],
  known: ReadonlyMap<string, Survey>,
): Witnesses {
  const place = functionAt(mutant.file, text, mutant.start);
  const untried = new Set(tests.filter((test) => known.get(test)?.problem !== undefined));
  const cases = tests.flatMap((test) => {
    const survey = known.get(test);
    return survey && !untried.has(test) ? casesAt(test, survey, place) : [];
  });
  const byRound: Map<string, Witness>[] = rounds.map(() => new Map());
  const seen = new Set<string>();
  let ms = 0;
  const order = ({ test }: { test: string }) => (test === namesakeOf(mutant.file) ? 0 : 1);
  for (const { test, id, ms: own, aroundMs } of cases.sort((a, b) => order(a) - order(b) || a.ms - b.ms)) {
    const witnesses = byRound[rounds.findIndex((until) => ms < until)];
    if (!witnesses) {
      untried.add(test);
      continue;
    }
    ms += own + (seen.has(test) ? 0 : aroundMs);
    seen.add(test);
    const { ids, ms: before } = witnesses.get(test) ?? { ids: [], ms: aroundMs };
    witnesses.set(test, { test, ids: [...ids, id], ms: before + own });
  }
  return { byRound: byRound.map((some) => [...some.values()].sort((a, b) => a.ms - b.ms)), untried: [...untried].sort() };
}

/** The test that is named after a source. */
export function namesakeOf(file: string): string {
  return file.replace(/^src/, "test").replace(/\.ts$/, ".test.ts");
}

function casesAt(test: string, { functions, ran, cases, aroundMs }: Survey, place: string | undefined) {
  const at = place === undefined ? -1 : functions.indexOf(place);
  const isAround = place === undefined || ran.includes(at);
  return cases.filter((one) => isAround || one.ran.includes(at)).map(({ id, ms }) => ({ test, id, ms, aroundMs }));
}
