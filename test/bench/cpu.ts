// What processes cost: their own CPU without that of the commands they start, and which commands those are.
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { bundle, execute, expectSuccess, type Hook } from "../executor/processes";
import type { Line } from "./report";

export interface NodeProcess {
  args: readonly string[];
  environment: Record<string, string>;
}

/** A hook as Terraform starts it. */
export function asProcess(site: { environment: Record<string, string> }, { args, environment }: Hook): NodeProcess {
  return { args: [bundle, ...args], environment: { ...site.environment, ...environment } };
}

/** Of one process. `programs`: how many of each it has started. */
export interface Cost {
  cpuMs: number;
  programs: Record<string, number>;
}

// Loaded into the measured process.
const meter = `const programs = {};
const started = require("node:child_process");
for (const name of ["spawn", "spawnSync", "execFile", "execFileSync"]) {
  const real = started[name];
  started[name] = (program, ...rest) => {
    const tool = program.slice(program.lastIndexOf("/") + 1);
    programs[tool] = (programs[tool] ?? 0) + 1;
    return real(program, ...rest);
  };
}
process.on("exit", () => {
  const { userCPUTime, systemCPUTime } = process.resourceUsage();
  const cpuMs = (userCPUTime + systemCPUTime) / 1000;
  require("node:fs").writeFileSync(process.env.METER_FILE, JSON.stringify({ cpuMs, programs }));
});`;

export interface Meter {
  /** Runs a process, which has to succeed. */
  measure(process: NodeProcess): Promise<Cost>;
  remove(): void;
}

export function newMeter(): Meter {
  const dir = mkdtempSync(join(tmpdir(), "sharewright-bench-"));
  const [program, file] = [join(dir, "meter.cjs"), join(dir, "cost.json")];
  writeFileSync(program, meter);
  return {
    async measure({ args, environment }) {
      const argv = [process.execPath, "--require", program, ...args];
      expectSuccess(argv, await execute(argv, { ...environment, METER_FILE: file }));
      return JSON.parse(readFileSync(file, "utf8")) as Cost;
    },
    remove: () => rmSync(dir, { recursive: true }),
  };
}

export function commandsOf({ programs }: Cost): number {
  return Object.values(programs).reduce((sum, count) => sum + count, 0);
}

// ---- floors ----------------------------------------------------------------------------------------------------------------

/** What no hook can be below: Node's start, and starting one command from it. */
export interface Floor {
  nodeMs: number;
  spawnMs: number;
}

const spawns = 20;
const nothing: NodeProcess = { args: ["-e", "0"], environment: {} };
const bareSpawns: NodeProcess = {
  args: ["-e", `for (let i = 0; i < ${spawns}; i += 1) require("node:child_process").spawnSync("true")`],
  environment: {},
};

/** The least so far: everything above it is the machine's doing. */
export interface FloorMeter {
  /** To be called in turn with what is compared to it, so that both see the same machine. */
  measure(): Promise<void>;
  floor(): Floor;
}

export function newFloorMeter(meter: Meter): FloorMeter {
  let [bare, spawning] = [Number.POSITIVE_INFINITY, Number.POSITIVE_INFINITY];
  return {
    async measure() {
      bare = Math.min(bare, (await meter.measure(nothing)).cpuMs);
      spawning = Math.min(spawning, (await meter.measure(bareSpawns)).cpuMs);
    },
    floor: () => ({ nodeMs: bare, spawnMs: Math.max(0, spawning - bare) / spawns }),
  };
}

/** `more`: figures besides CPU and commands. */
export function costLine(what: string, cost: Cost, { nodeMs, spawnMs }: Floor, more: Record<string, number> = {}): Line {
  const commands = commandsOf(cost);
  const bareMs = nodeMs + commands * spawnMs;
  const { cpuMs } = cost;
  return {
    what,
    figures: { commands, ...more, "CPU, ms": cpuMs, "times node -e 0": cpuMs / nodeMs, "times bare spawns": cpuMs / bareMs },
  };
}

export function floorLines({ nodeMs, spawnMs }: Floor): Line[] {
  return [
    { what: "node -e 0", figures: { commands: 0, "CPU, ms": nodeMs } },
    { what: "a bare spawn", figures: { commands: 1, "CPU, ms": spawnMs } },
  ];
}
