// The acceptance of the product on a file system: the whole life of shares, step by step, and nothing left of it at the end.
import assert from "node:assert/strict";
import { existsSync, mkdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { removeLeftovers } from "./leftovers";
import { nodemapsOfOthers } from "./looks";
import { type Outcome, outcomeText, runSteps, type Step, summaryText } from "./run";
import type { Setting } from "./setting";
import { access } from "./steps/access";
import { drift } from "./steps/drift";
import { life } from "./steps/life";
import { prepare } from "./steps/prepare";
import { finish, removal } from "./steps/removal";
import { trouble } from "./steps/trouble";
import { readRecorded, writeTranscripts } from "./transcripts";
import { type World, withWorld } from "./world";

const steps: readonly Step<World>[] = [...life, ...access, ...drift, ...removal, ...trouble];

export interface Acceptance {
  setting: Setting;
  /** For Terraform's state and what is recorded; removed at the end. */
  workDir: string;
  /** Hears every line of the report as it comes. */
  told?: (line: string) => void;
  isInterrupted?: () => boolean;
}

/** Whatever happens in between: what was made is removed. */
export async function accept({ setting, workDir, told = () => {}, isInterrupted }: Acceptance): Promise<Outcome[]> {
  const lines: string[] = [];
  const tell = (line: string) => {
    lines.push(line);
    told(line);
  };
  const onOutcome = (outcome: Outcome) => tell(outcomeText(outcome));
  // Also what steps do by themselves is kept, and by what is kept a hook is killed at a chosen point.
  const recorded = join(workDir, "recorded");
  const { SHAREWRIGHT_RECORD: before } = process.env;
  mkdirSync(recorded, { recursive: true });
  process.env["SHAREWRIGHT_RECORD"] = recorded;
  try {
    return await withWorld(setting, workDir, async (world) => {
      const outcomes = await runSteps(prepare, world, onOutcome, isInterrupted);
      if (!outcomes.some(({ verdict }) => verdict === "FAILED")) {
        const others = await nodemapsOfOthers(world.hands);
        outcomes.push(...(await runSteps(chosen(setting), world, onOutcome, isInterrupted)));
        outcomes.push(...(await runSteps([...finish, leftAsItWas(others)], world, onOutcome)));
      }
      tell(summaryText(outcomes));
      if (setting.record) keep(recorded, setting.record, lines);
      return outcomes;
    });
  } finally {
    if (before === undefined) delete process.env["SHAREWRIGHT_RECORD"];
    else process.env["SHAREWRIGHT_RECORD"] = before;
    rmSync(workDir, { recursive: true, force: true });
  }
}

function chosen({ only }: Setting): readonly Step<World>[] {
  return only ? steps.filter(({ title }) => only.some((word) => title.includes(word))) : steps;
}

/** Also what steps that failed have left, and what no record tells of. */
function leftAsItWas(others: string): Step<World> {
  return {
    title: "what is not the suite's is as it was, and nothing of the suite is left",
    run: async (world) => {
      assert.deepEqual(await removeLeftovers(world), [], "what was left is removed now");
      assert.equal(await nodemapsOfOthers(world.hands), others, "nodemaps of others have changed");
      return undefined;
    },
  };
}

function keep(recorded: string, folder: string, lines: readonly string[]): void {
  if (existsSync(recorded)) writeTranscripts(readRecorded(recorded), folder);
  writeFileSync(join(folder, "REPORT.txt"), `${lines.join("\n")}\n`);
}
