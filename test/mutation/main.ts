// `npm run test:mutation [-- PATH...]`: would a test notice, if the code were a little wrong? A sample of small faults, one after the other, in a
// copy of the tree. What came of each is kept in .cache/mutation.json, so that a run that was cut off goes on. Half an hour on two idle cores.
import { availableParallelism } from "node:os";
import { join } from "node:path";
import { filesIn } from "./imports";
import { type Mutant, sampleOf } from "./mutants";
import { report } from "./report";
import { judgeAll } from "./run";
import { textIn } from "./texts";

const root = join(__dirname, "../..");
const folders = ["src/backends", "src/core", "src/spec", "src/transports"];

function chosenMutants(paths: readonly string[]): Mutant[] {
  const isChosen = (file: string) => paths.length === 0 || paths.some((path) => file === path || file.startsWith(`${path}/`));
  const files = folders.flatMap((folder) => filesIn(root, folder)).filter(isChosen);
  return files.flatMap((file) => sampleOf(file, textIn(root, file)));
}

async function main(argv: readonly string[]): Promise<void> {
  const at = argv.indexOf("--workers");
  const workers = at < 0 ? Math.min(2, availableParallelism()) : Number(argv[at + 1]);
  if (!Number.isInteger(workers) || workers < 1) throw new Error("--workers takes a number");
  const paths = argv.filter((_, index) => at < 0 || (index !== at && index !== at + 1)).map((path) => path.replace(/\/+$/, ""));
  const mutants = chosenMutants(paths);
  if (mutants.length === 0) throw new Error(`no mutant in ${paths.join(", ")}: give a file or folder in ${folders.join(", ")}`);
  process.exitCode = report(mutants, await judgeAll(root, mutants, workers)) ? 0 : 1;
}

main(process.argv.slice(2)).catch((error: unknown) => {
  process.stderr.write(`${error}\n`);
  process.exitCode = 1;
});
