// The closing line of .ci/run: ci-summary.mjs VITEST_JSON CHECK_EXIT TEST_EXIT. Exits 1 if anything failed.
import { readFileSync } from "node:fs";
import { relative } from "node:path";

const [file = "", checkExit, testExit] = process.argv.slice(2);

function readReport() {
  try {
    return JSON.parse(readFileSync(file, "utf8"));
  } catch {
    return { numPassedTests: 0, numFailedTests: 0, testResults: [] };
  }
}

const report = readReport();
// A file that cannot even be loaded counts as one failure: it holds no tests that could.
const brokenFiles = report.testResults.filter((result) => result.status === "failed" && result.assertionResults.length === 0);
for (const { name, message } of brokenFiles) console.log(`not loaded: ${name}\n${message}`);

let failed = report.numFailedTests + brokenFiles.length;
if (testExit !== "0" && failed === 0) {
  console.log(`npm test ended with exit ${testExit} without a failed test`);
  failed += 1;
}
if (checkExit !== "0") {
  console.log(`npm run check ended with exit ${checkExit}`);
  failed += 1;
}
const slowest = report.testResults
  .map(({ name, startTime, endTime }) => ({ name: relative(process.cwd(), name), seconds: (endTime - startTime) / 1000 }))
  .sort((a, b) => b.seconds - a.seconds);
console.log("slowest files, in seconds of one worker of four:");
for (const { name, seconds } of slowest.slice(0, 15)) console.log(`${seconds.toFixed(0).padStart(6)}  ${name}`);
console.log(
  `${slowest
    .reduce((sum, { seconds }) => sum + seconds, 0)
    .toFixed(0)
    .padStart(6)}  all ${slowest.length} files`,
);

if (report.numPendingTests) console.log(`${report.numPendingTests} tests were skipped`);
console.log(`${report.numPassedTests} passed, ${failed} failed`);
process.exitCode = failed === 0 ? 0 : 1;
