// Observe, plan, run, observe again: the one loop behind apply, destroy, repair and resume after a crash.
import { defined } from "../spec/defined";
import { type Command, type Result, succeeded } from "./command";
import { fault, ShareError } from "./errors";
import { commandFault, type Host, judged, type Role, run } from "./host";
import type { Log } from "./log";
import type { Step } from "./plan";
import { dropped } from "./transport";

/** One object and one wish about it. */
export interface Job<Seen> {
  object: string;
  /** What a look has found just now; spares the first one. */
  seen?: Seen;
  /**
   * Looks through the hosts, changes nothing. Throws when a look fails: what cannot be read is never taken for absent. After steps it is told what
   * to expect.
   */
  observe(expected?: Expected<Seen>): Promise<Seen>;
  /** Steps from what is to what is wished for; [] when nothing is left. Throws to refuse. Pure. */
  plan(seen: Seen): Step[];
  /** What is seen after a step that does what it says. Pure. */
  after?(seen: Seen, step: Step): Seen;
}

/** The next look is asked for while steps are still being run. */
export interface Expected<Seen> {
  /** What `after` says; undefined without it. */
  seen: Seen | undefined;
  /** When they have been run. Their own hosts do looks behind them; a look at another host has to wait for this. */
  ran: Promise<unknown>;
}

export type HostOf = (role: Role) => Host;

function hostOfStep({ on }: Step, hostOf: HostOf): Host {
  return typeof on === "string" ? hostOf(on) : on;
}

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
  beforeChange: (steps: readonly Step[]) => Promise<void> = async () => {},
): Promise<Outcome<Seen>> {
  const done: Step[] = [];
  let seen = job.seen ?? (await job.observe());
  for (let round = 0; round < maxRounds; round += 1) {
    const steps = job.plan(seen);
    if (steps.length === 0) return { seen, done };
    if (round === 0) await beforeChange(steps);
    seen = await runAndLook(job, seen, steps, hostOf, log, done);
  }
  throw fault("NOT_CONVERGED", { object: job.object });
}

/** Runs steps that no look follows: what is read back later, or is there already. Those that people are told of. */
export async function perform(object: string, steps: Step[], hostOf: HostOf, log: Log): Promise<Step[]> {
  const done: Step[] = [];
  await runSteps(object, steps, hostOf, log, done);
  return done;
}

/** What `converge` would do, round by round, without doing any of it: the same plan over what is expected to be seen. */
export async function foretell<Seen>(job: Job<Seen> & Required<Pick<Job<Seen>, "after">>): Promise<Step[]> {
  const steps: Step[] = [];
  let seen = job.seen ?? (await job.observe());
  for (let round = 0; round < maxRounds; round += 1) {
    const next = job.plan(seen);
    if (next.length === 0) return steps;
    steps.push(...next);
    seen = await job.observe({ seen: next.reduce(job.after, seen), ran: Promise.resolve() });
  }
  throw fault("NOT_CONVERGED", { object: job.object });
}

/** The looks are asked for right behind the steps: every host does them in that order, and no round trip is spent on waiting in between. */
async function runAndLook<Seen>(
  job: Job<Seen>,
  seen: Seen,
  steps: Step[],
  hostOf: HostOf,
  log: Log,
  done: Step[],
): Promise<Seen> {
  const running = runSteps(job.object, steps, hostOf, log, done);
  const takesEffectLater = steps.some((step) => step.until !== undefined);
  const { after } = job;
  const expected = { seen: after && steps.reduce(after, seen), ran: running };
  const [ran, looked] = await Promise.allSettled([running, takesEffectLater ? undefined : job.observe(expected)]);
  if (ran.status === "rejected") throw ran.reason;
  if (!ran.value) return job.observe();
  if (takesEffectLater) return job.observe(expected);
  if (looked.status === "rejected") throw looked.reason;
  return looked.value as Seen;
}

/** Runs the steps in order; false when somebody else was faster. */
async function runSteps(object: string, steps: Step[], hostOf: HostOf, log: Log, done: Step[]): Promise<boolean> {
  const tell = (step: Step) => {
    if (step.quiet) return;
    log.step(step.say);
    done.push(step);
  };
  let before: Promise<boolean> | undefined;
  for (const group of groupsOf(steps, hostOf)) {
    before = runGroup(object, group, before, hostOf, tell);
    // Its looks would else wait behind the next group, which waits for it.
    if (group.steps.at(-1)?.until && !(await before)) return false;
  }
  return before ?? true;
}

/** Consecutive steps on one host, which go out together. What takes effect later is waited for before anything else is done. */
interface Group {
  host: Host;
  steps: Step[];
}

function groupsOf(steps: readonly Step[], hostOf: HostOf): Group[] {
  const groups: Group[] = [];
  for (const step of steps) {
    const host = hostOfStep(step, hostOf);
    const last = groups.at(-1);
    if (last?.host.transport === host.transport && !last.steps.at(-1)?.until) last.steps.push(step);
    else groups.push({ host, steps: [step] });
  }
  return groups;
}

async function runGroup(
  object: string,
  { host, steps }: Group,
  before: Promise<boolean> | undefined,
  hostOf: HostOf,
  tell: (step: Step) => void,
): Promise<boolean> {
  // Asked for at once, so that it has its place before any later look at the host; run when the groups before it are done.
  const after = before?.catch(() => false);
  const commands = inOneList(steps);
  let failure: unknown;
  let lost = false;
  const judge = (index: number, result: Result) => {
    const { step, command } = commands[index] as { step: Step; command: Command };
    try {
      // Named by its own role, which may share the machine with others.
      if (succeeded(judged(hostOfStep(step, hostOf), command, result))) {
        if (commands[index + 1]?.step !== step && !step.until) tell(step);
      } else if (step.lost?.(result)) lost = true;
      else throw commandFault("COMMAND_FAILED", hostOfStep(step, hostOf), command, result, defined({ fix: step.fix }));
    } catch (error) {
      failure = named(error, object, step);
    }
  };
  const results = await host.transport.runAll(
    commands.map(({ command }) => command),
    { as: "steps", ...defined({ after }), onResult: judge },
  );
  if (before && !(await before)) return false;
  if (failure) throw failure;
  if (lost) return false;
  const [unanswered] = commands.filter(({ command }, index) => !command.given && results[index] === undefined);
  if (unanswered) {
    const { step, command } = unanswered;
    throw named(commandFault("COMMAND_LOST", hostOfStep(step, hostOf), command, dropped), object, step);
  }
  const last = steps.at(-1);
  if (last?.until) {
    await waitUntil(object, last, last.until, host);
    tell(last);
  }
  return true;
}

/** `given` of a step's command counts within the step. */
function inOneList(steps: readonly Step[]): { step: Step; command: Command }[] {
  let before = 0;
  return steps.flatMap((step) => {
    const first = before;
    before += step.commands.length;
    return step.commands.map((command) => {
      const { given } = command;
      return { step, command: given ? { ...command, given: { ...given, of: first + given.of } } : command };
    });
  });
}

function named(error: unknown, object: string, step: Step): unknown {
  if (!ShareError.isShareError(error)) return error;
  const summary = error.code === "COMMAND_FAILED" ? `could not ${step.say}` : `could not ${step.say}: ${error.summary}`;
  return Object.assign(error, { object, summary });
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

/** One step behind which nothing is looked at. */
export async function runStep(host: Host, step: Step): Promise<void> {
  for (const command of step.commands) await run(host, command);
}
