import { describe, expect, test, vi } from "vitest";
import { type Command, command, type Result } from "../../src/core/command";
import { converge, foretell, type Job, perform } from "../../src/core/engine";
import { ShareError } from "../../src/core/errors";
import type { Host, Role } from "../../src/core/host";
import type { Log } from "../../src/core/log";
import type { Step } from "../../src/core/plan";
import { fault } from "../faults";
import { ended, fakeHost } from "./fake-host";

function recordingLog(): Log & { lines: string[] } {
  const lines: string[] = [];
  return { lines, step: (line) => lines.push(line), note: (line) => lines.push(`note: ${line}`), debug: () => {} };
}

const step = (name: string, more: Partial<Step> = {}): Step => ({
  id: name,
  say: `do ${name}`,
  on: "client",
  commands: [command(name)],
  ...more,
});

/** A world with a set of things that commands make; the plan wants all of them. */
function world(wanted: Step[], answer: (argv: Command["argv"], made: Set<string>) => Result | undefined = () => undefined) {
  const made = new Set<string>();
  const host = fakeHost("client", ({ argv }) => {
    if (argv[0] === "see") return ended(0);
    const special = answer(argv, made);
    if (special) return special;
    made.add(argv[0]);
    return ended(0);
  });
  const job: Job<string[]> = {
    object: "shares/a",
    observe: async () => {
      await host.transport.run(command("see"));
      return [...made];
    },
    plan: (seen) => wanted.filter(({ id }) => !seen.includes(id)),
  };
  const log = recordingLog();
  return { host, job, log, run: (beforeChange?: () => Promise<void>) => converge(job, () => host, log, beforeChange) };
}

async function refusal(work: Promise<unknown>): Promise<ShareError> {
  const error = await work.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  if (!ShareError.isShareError(error)) throw new Error(`no fault: ${String(error)}`);
  return error as ShareError;
}

describe("converge", () => {
  test("nothing to do: one look, no command, no line, no preflight", async () => {
    const { host, log, run } = world([]);
    const before = vi.fn(async () => {});
    expect(await run(before)).toEqual({ seen: [], done: [] });
    expect([host.asked, log.lines, before.mock.calls]).toEqual([[], [], []]);
  });

  test("runs the steps in order, looks again, and tells what it did", async () => {
    const { host, log, run } = world([step("a"), step("b", { quiet: true }), step("c")]);
    const { seen, done } = await run();
    expect(host.asked).toEqual(["a", "b", "c"]);
    expect(seen).toEqual(["a", "b", "c"]);
    expect(done.map(({ id }) => id)).toEqual(["a", "c"]);
    expect(log.lines).toEqual(["do a", "do c"]);
  });

  test("a command of a step may depend on an earlier one of the same step, wherever that stands among the steps", async () => {
    const given = (says: string) => ({ given: { of: 0, says, not: true as const } });
    const commands = [command("ask"), { ...command("x"), ...given("x=1") }, { ...command("y"), ...given("y=1") }, command("b")];
    const { host, log, run } = world([step("a"), step("b", { commands }), step("c")], ([name]) =>
      name === "ask" ? ended(0, "x=0\ny=1\n") : undefined,
    );
    await run();
    expect(host.asked).toEqual(["a", "ask", "x", "b", "c"]);
    expect(log.lines).toEqual(["do a", "do b", "do c"]);
  });

  test("what goes before a change goes once, and before the first command", async () => {
    const { host, run } = world([step("a"), step("b", { lost: () => false })], (argv, made) => {
      if (argv[0] === "b" && !made.has("b")) return undefined;
      return undefined;
    });
    const before = vi.fn(async () => {
      expect(host.asked).toEqual([]);
    });
    await run(before);
    expect(before).toHaveBeenCalledTimes(1);
  });

  test("a change over several rounds still has one preflight", async () => {
    let rounds = 0;
    const host = fakeHost("client", () => ended(0));
    const before = vi.fn(async () => {});
    const job: Job<number> = { object: "x", observe: async () => rounds++, plan: (seen) => (seen < 3 ? [step(`s${seen}`)] : []) };
    await converge(job, () => host, recordingLog(), before);
    expect(host.asked).toEqual(["s0", "s1", "s2"]);
    expect(before).toHaveBeenCalledTimes(1);
  });

  test("a refused preflight changes nothing", async () => {
    const { host, run } = world([step("a")]);
    const error = await refusal(
      run(async () => {
        throw fault("PREFLIGHT");
      }),
    );
    expect([error.code, host.asked]).toEqual(["PREFLIGHT", []]);
  });

  test("a refusal of the plan passes through as it is", async () => {
    const host = fakeHost("client", () => ended(0));
    const refused = fault("SHRINK_BELOW_USE", { object: "shares/a" });
    const job: Job<null> = {
      object: "shares/a",
      observe: async () => null,
      plan: () => {
        throw refused;
      },
    };
    expect(await refusal(converge(job, () => host, recordingLog()))).toBe(refused);
    expect(host.asked).toEqual([]);
  });

  test("a failed look is never taken for absent", async () => {
    const job: Job<null> = {
      object: "shares/a",
      observe: async () => {
        throw fault("COMMAND_FAILED", { summary: "cannot look" });
      },
      plan: () => [step("destroy")],
    };
    const host = fakeHost("client", () => ended(0));
    expect((await refusal(converge(job, () => host, recordingLog()))).summary).toBe("cannot look");
    expect(host.asked).toEqual([]);
  });

  test("X-L02 a lost race stops the round, looks again and plans anew", async () => {
    let taken = false;
    const wanted = [step("claim", { lost: (result) => result.stderr.includes("File exists") }), step("after")];
    const { host, log, run } = world(wanted, (argv) => {
      if (argv[0] !== "claim" || taken) return undefined;
      taken = true;
      return ended(1, "", "ln: File exists");
    });
    await run();
    expect(host.asked).toEqual(["claim", "claim", "after"]);
    expect(log.lines).toEqual(["do claim", "do after"]);
  });

  describe("steps on several hosts", () => {
    const spread = (claim: (times: number) => Result) => {
      const asked: string[] = [];
      const made = new Set<string>();
      let claims = 0;
      const hostOn = (role: Role) =>
        fakeHost(role, ({ argv: [name] }) => {
          if (name === "see") return ended(0);
          asked.push(`${role} ${name}`);
          claims += name === "claim" ? 1 : 0;
          const result = name === "claim" ? claim(claims) : ended(0);
          if (result.exitCode === 0) made.add(name);
          return result;
        });
      const hosts = new Map((["client", "mds", "mgs"] as const).map((role) => [role as Role, hostOn(role)]));
      const lost = (result: Result) => result.stderr.includes("File exists");
      const wanted = [step("before", { on: "mgs" }), step("claim", { lost }), step("limit", { on: "mds" }), step("show")];
      const job: Job<string[]> = {
        object: "shares/a",
        observe: async () => {
          await Promise.all([...hosts.values()].map(({ transport }) => transport.run(command("see"))));
          return [...made];
        },
        plan: (seen) => wanted.filter(({ id }) => !seen.includes(id)),
      };
      const log = recordingLog();
      return { asked, log, run: () => converge(job, (role) => hosts.get(role) as Host, log) };
    };
    test("X-L02 a race that is lost on one host lets nothing be done on the next ones before another look", async () => {
      const { asked, log, run } = spread((times) => (times === 1 ? ended(1, "", "ln: File exists") : ended(0)));
      const { done } = await run();
      expect(asked).toEqual(["mgs before", "client claim", "client claim", "mds limit", "client show"]);
      expect([log.lines, done.map(({ id }) => id)]).toEqual([
        ["do before", "do claim", "do limit", "do show"],
        ["before", "claim", "limit", "show"],
      ]);
    });
    test("a failure on one host is the one that is told, and nothing is done on the next ones", async () => {
      const { asked, run } = spread(() => ended(1, "", "No space left on device"));
      expect(await refusal(run())).toMatchObject({
        code: "COMMAND_FAILED",
        host: "client (fake)",
        summary: "could not do claim",
      });
      expect(asked).toEqual(["mgs before", "client claim"]);
    });
  });

  test("a failure that is no lost race names step, object, host, command and what was said", async () => {
    const { host, run } = world([step("a"), step("b", { lost: () => false }), step("c")], (argv) =>
      argv[0] === "b" ? ended(13, "", "Permission denied") : undefined,
    );
    const error = await refusal(run());
    expect({ ...error, cause: undefined }).toMatchObject({
      code: "COMMAND_FAILED",
      summary: "could not do b",
      object: "shares/a",
      host: "client (fake)",
      command: ["b"],
      said: "Permission denied (exit 13)",
    });
    expect(host.asked).toEqual(["a", "b"]);
  });

  test.each<[string, Partial<Result>, string, string]>([
    ["X-L20 a deadline", { exitCode: null, signal: "SIGTERM", timedOut: true, ms: 60_000 }, "DEADLINE", "(no end after 60 s)"],
    ["a deadline that ended with 0", { exitCode: 0, timedOut: true, ms: 60_000 }, "DEADLINE", "(no end after 60 s)"],
    ["a signal", { exitCode: null, signal: "SIGKILL" }, "COMMAND_LOST", "(ended by SIGKILL)"],
    ["a lost connection", { exitCode: null }, "COMMAND_LOST", "(ended by a lost connection)"],
    ["a missing tool", { exitCode: 127, stderr: "lfs: command not found" }, "TOOL_MISSING", "lfs: command not found (exit 127)"],
  ])("%s names the step, the host and the command", async (_, ending, code, said) => {
    const { run } = world([step("a", { lost: () => true })], () => ended(0, "", "", ending));
    const error = await refusal(run());
    expect([error.code, error.object, error.host, error.command, error.said]).toEqual([
      code,
      "shares/a",
      "client (fake)",
      ["a"],
      said,
    ]);
    expect(error.summary).toContain("could not do a");
  });

  test("a failure names the role of its step, also where several roles are one machine", async () => {
    const host = fakeHost("client", ({ argv }) => ended(argv[0] === "quota" ? 1 : 0));
    const hostOf = (role: Role): Host => ({ ...host, role, name: `${role} (fake)` });
    const job: Job<null> = {
      object: "x",
      observe: async () => null,
      plan: () => [step("mkdir"), step("quota", { on: "mds" })],
    };
    expect((await refusal(converge(job, hostOf, recordingLog()))).host).toBe("mds (fake)");
    expect(host.asked).toEqual(["mkdir", "quota"]);
  });

  test("a command that nobody can say anything of is lost, not done", async () => {
    const { host, log, run } = world([step("a")]);
    host.transport.runAll = async (commands) => commands.map(() => undefined);
    const error = await refusal(run());
    expect([error.code, error.command, log.lines]).toEqual(["COMMAND_LOST", ["a"], []]);
    expect(error.said).toBe("not run: an earlier step failed (ended by a lost connection)");
  });

  test("every command of a step has to succeed, in order", async () => {
    const { host, run } = world([step("a", { commands: [command("one"), command("two"), command("a")] })], (argv) =>
      argv[0] === "two" ? ended(1, "said on stdout") : undefined,
    );
    expect((await refusal(run())).said).toBe("said on stdout (exit 1)");
    expect(host.asked).toEqual(["one", "two"]);
  });

  test("commands go to the host of their role", async () => {
    const hosts = {
      client: fakeHost("client", () => ended(0)),
      mgs: fakeHost("mgs", () => ended(0)),
      mds: fakeHost("mds", () => ended(0)),
    };
    let looked = false;
    const job: Job<boolean> = {
      object: "x",
      observe: async () => looked,
      plan: (seen) => {
        looked = true;
        return seen ? [] : [step("nodemap", { on: "mgs" }), step("quota", { on: "mds" }), step("mkdir")];
      },
    };
    await converge(job, (role) => hosts[role as keyof typeof hosts], recordingLog());
    expect([hosts.mgs.asked, hosts.mds.asked, hosts.client.asked]).toEqual([["nodemap"], ["quota"], ["mkdir"]]);
  });

  test("what never settles ends as NOT_CONVERGED, after a bounded number of rounds", async () => {
    const host = fakeHost("client", () => ended(0));
    const job: Job<null> = { object: "shares/a", observe: async () => null, plan: () => [step("again")] };
    const error = await refusal(converge(job, () => host, recordingLog()));
    expect([error.code, error.object]).toEqual(["NOT_CONVERGED", "shares/a"]);
    expect(host.asked.length).toBeGreaterThan(2);
    expect(host.asked.length).toBeLessThan(50);
  });
});

describe("until", () => {
  const waiting = (withinMs: number, holds: (result: Result) => boolean) =>
    step("set", { until: { look: command("look"), holds, withinMs } });

  test("waits until a look holds, and only then goes on", async () => {
    let looks = 0;
    const { host, run } = world([waiting(60_000, (result) => result.stdout === "new"), step("next")], (argv) =>
      argv[0] === "look" ? ended(0, looks++ < 3 ? "old" : "new") : undefined,
    );
    await run();
    expect(host.asked).toEqual(["set", "look", "look", "look", "look", "next"]);
  });

  test("ends as a deadline that names the step and the look", async () => {
    const { run } = world([waiting(-1, () => false), step("next")]);
    const error = await refusal(run());
    expect([error.code, error.command, error.summary]).toEqual([
      "DEADLINE",
      ["look"],
      '"do set" has not taken effect after -0.001 s',
    ]);
  });

  test("a look that fails is a failure, not a reason to go on", async () => {
    const { host, run } = world([waiting(60_000, () => true), step("next")], (argv) =>
      argv[0] === "look" ? ended(2, "", "no such param") : undefined,
    );
    expect((await refusal(run())).code).toBe("COMMAND_FAILED");
    expect(host.asked).toEqual(["set", "look"]);
  });
});

describe("what is expected", () => {
  /** Numbers that steps add up to; the plan wants three. */
  const counting = (looks: (string[] | undefined)[]): Job<string[]> & Required<Pick<Job<string[]>, "after">> => ({
    object: "shares/a",
    observe: async (expected) => {
      looks.push(expected?.seen);
      return expected?.seen ?? [];
    },
    plan: (seen) => (seen.length < 2 ? [step(`${seen.length}a`), step(`${seen.length}b`)] : []),
    after: (seen, { id }) => [...seen, id],
  });

  test("is told to the look behind the steps", async () => {
    const looks: (string[] | undefined)[] = [];
    const host = fakeHost("client", () => ended(0));
    expect((await converge(counting(looks), () => host, recordingLog())).seen).toEqual(["0a", "0b"]);
    expect(looks).toEqual([undefined, ["0a", "0b"]]);
  });

  test("stands for what was not done: the steps are those that would be run", async () => {
    expect((await foretell(counting([]))).map(({ id }) => id)).toEqual(["0a", "0b"]);
  });

  test("a plan that never ends is no answer", async () => {
    expect(await refusal(foretell({ ...counting([]), after: (seen) => seen }))).toMatchObject({ code: "NOT_CONVERGED" });
  });

  test("a look at another host can wait for the steps, and a step can name its host", async () => {
    const order: string[] = [];
    const [named, other] = ["named", "other"].map((name) =>
      fakeHost("server", ({ argv }) => {
        order.push(`${argv[0]} on ${name}`);
        return ended(0);
      }),
    ) as unknown as [Host, Host];
    const job: Job<boolean> = {
      object: "shares/a",
      observe: async (expected) => {
        await expected?.ran;
        await other.transport.run(command("look"));
        return expected !== undefined;
      },
      plan: (seen) => (seen ? [] : [step("a", { on: named })]),
    };
    await converge(job, () => other, recordingLog());
    expect(order).toEqual(["look on other", "a on named", "look on other"]);
  });
});

test("steps that no look follows are told and named like any others", async () => {
  const log = recordingLog();
  const host = fakeHost("client", ({ argv }) => ended(argv[0] === "b" ? 1 : 0));
  expect((await perform("shares/a", [step("a"), step("c", { quiet: true })], () => host, log)).map(({ id }) => id)).toEqual([
    "a",
  ]);
  expect([host.asked, log.lines]).toEqual([["a", "c"], ["do a"]]);
  expect(await refusal(perform("shares/a", [step("b", { fix: "do it by hand" })], () => host, log))).toMatchObject({
    object: "shares/a",
    summary: "could not do b",
    fix: "do it by hand",
  });
});
