// `npm run test:lustre`: see docs/guides/real-lustre.md.
import { join } from "node:path";
import { terraformBinary } from "../../scripts/terraform.mjs";
import { accept } from "./accept";
import { readSetting } from "./setting";

async function main(): Promise<number> {
  const setting = readSetting(process.env);
  if (!setting) throw new Error("no file system is named by the environment: see docs/guides/real-lustre.md");
  if (!terraformBinary()) throw new Error("neither terraform nor tofu can be run here");
  let isInterrupted = false;
  for (const signal of ["SIGINT", "SIGTERM"] as const)
    process.on(signal, () => {
      isInterrupted = true;
      console.log("interrupted: what was made is removed, then it ends");
    });
  const outcomes = await accept({
    setting,
    workDir: join(__dirname, "../../.cache/test-lustre", setting.fsName),
    told: (line) => console.log(line),
    isInterrupted: () => isInterrupted,
  });
  return outcomes.some(({ verdict }) => verdict === "FAILED") ? 1 : 0;
}

main().then(
  (exitCode) => {
    process.exitCode = exitCode;
  },
  (error: unknown) => {
    console.error(error instanceof Error ? error.message : error);
    process.exitCode = 2;
  },
);
