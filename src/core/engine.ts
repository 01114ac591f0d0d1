// Observe, plan, run, observe again: the one loop behind apply, destroy, repair and resume after a crash.
import { succeeded } from "./command";
import { fault, ShareError } from "./errors";
import { attempt, commandFault, type Host, type Role, run } from "./host";
import type { Log } from "./log";
import type { Step } from "./plan";

/** One object and one wish about it. */
export interface Job<Seen> {
  object: string;
  /** Looks, changes nothing. Throws when a look fails: what cannot be read is never taken for absent. */
  observe(): Promise<Seen>;
  /** Steps from what is to what is wished for; [] when nothing is left. Throws to refuse. Pure. */
  plan(seen: Seen): Step[];
}

export type HostOf = (role: Role) => Host;

export interface Outcome<Seen> {
  seen: Seen;
  /** Steps that were run, book-keeping left out. */
  done: Step[];
}

// Each round either finishes or makes progress; a create takes three. Far above that, somebody works against us.
const maxRounds = 12;

/** Makes it so. `beforeChange` runs once, after the first look that finds work and before the first change. */
export async function converge<Seen>(
  job: Job<Seen>,
  hostOf: HostOf,
  log: Log,
  beforeChange: () => Promise<void> = async () => {},
): Promise<Outcome<Seen>> {
  const done: Step[] = [];
  for (let round = 0; round < maxRounds; round += 1) {
    const seen = await job.observe();
    const steps = job.plan(seen);
    if (steps.length === 0) return { seen, done };
    if (round === 0) await beforeChange();
    done.push(...(await runSteps(job.object, steps, hostOf, log)));
  }
  throw fault("NOT_CONVERGED", { object: job.object });
}

async function runSteps(object: string, steps: Step[], hostOf: HostOf, log: Log): Promise<Step[]> {
  const done: Step[] = [];
  for (const step of steps) {
    if (!(await runStep(object, step, hostOf(step.on)))) break;
    if (step.quiet) continue;
    log.step(step.say);
    done.push(step);
  }
  return done;
}

/** False when somebody else was faster. */
async function runStep(object: string, step: Step, host: Host): Promise<boolean> {
  for (const command of step.commands) {
    const result = await attempt(host, command).catch((error: unknown) => {
      throw ShareError.isShareError(error)
        ? Object.assign(error, { object, summary: `could not ${step.say}: ${error.summary}` })
        : error;
    });
    if (succeeded(result)) continue;
    if (step.lost?.(result)) return false;
    throw commandFault("COMMAND_FAILED", host, command, result, { object, summary: `could not ${step.say}` });
  }
  if (step.until) await waitUntil(object, step, step.until, host);
  return true;
}

async function waitUntil(object: string, step: Step, until: NonNullable<Step["until"]>, host: Host): Promise<void> {
  const deadline = Date.now() + until.withinMs;
  for (let pauseMs = 50; ; pauseMs = Math.min(pauseMs * 2, 1000)) {
    if (until.holds(await run(host, until.look))) return;
    if (Date.now() > deadline) {
      throw fault("DEADLINE", {
        object,
        host: host.name,
        command: until.look.argv,
        summary: `"${step.say}" has not taken effect after ${until.withinMs / 1000} s`,
      });
    }
    await new Promise((resolve) => setTimeout(resolve, pauseMs));
  }
}
