// CPU of whole processes, their own, without that of the commands they start.
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { bundle, execute, expectSuccess, type Hook, type TestSite } from "../executor/support";

export interface NodeProcess {
  args: readonly string[];
  environment: Record<string, string>;
}

/** A hook as Terraform starts it. */
export function asProcess(site: TestSite, { args, environment }: Hook): NodeProcess {
  return { args: [bundle, ...args], environment: { ...site.environment, ...environment } };
}

// Loaded into the measured process.
const meter = `process.on("exit", () => {
  const { userCPUTime, systemCPUTime } = process.resourceUsage();
  require("node:fs").writeFileSync(process.env.METER_FILE, String((userCPUTime + systemCPUTime) / 1000));
});`;

/** The least of some rounds each, in milliseconds: everything above it is the machine's doing. Taken in turns, so that all see the same machine. */
export async function leastCpuMs(processes: Record<string, NodeProcess>, rounds = 9): Promise<Record<string, number>> {
  const dir = mkdtempSync(join(tmpdir(), "sharewright-bench-"));
  try {
    writeFileSync(join(dir, "meter.cjs"), meter);
    const file = join(dir, "cpu");
    const least: Record<string, number> = {};
    for (let round = 0; round < rounds; round += 1)
      for (const [name, { args, environment }] of Object.entries(processes)) {
        const argv = [process.execPath, "--require", join(dir, "meter.cjs"), ...args];
        expectSuccess(argv, await execute(argv, { ...environment, METER_FILE: file }));
        least[name] = Math.min(least[name] ?? Number.POSITIVE_INFINITY, Number(readFileSync(file, "utf8")));
      }
    return least;
  } finally {
    rmSync(dir, { recursive: true });
  }
}
