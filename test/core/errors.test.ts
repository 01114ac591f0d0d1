import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { errorDocument, exitCodeOf, renderError, ShareError } from "../../src/core/errors";
import { type FaultCode, fault, faults } from "../faults";

const codes = Object.keys(faults) as FaultCode[];

describe("the error block", () => {
  test("everything set", () => {
    const error = fault("COMMAND_FAILED", {
      summary: 'could not limit project 10003 of "scratch"',
      object: "shares/scratch",
      host: "mds (local)",
      command: ["lfs", "setquota", "-p", "10003", "-B", "1k", "/mnt/my lustre"],
      said: "setquota failed: Permission denied\nsecond line (exit 1)",
    });
    expect(renderError(error)).toMatchInlineSnapshot(`
      "error COMMAND_FAILED  could not limit project 10003 of "scratch"
        object    shares/scratch
        host      mds (local)
        command   lfs setquota -p 10003 -B 1k '/mnt/my lustre'
        said      setquota failed: Permission denied
                  second line (exit 1)
        fix       see what it said; the next apply goes on from here"
    `);
  });

  test("nothing but a code", () => {
    expect(renderError(fault("LOCKED"))).toMatchInlineSnapshot(`
      "error LOCKED  another run holds the lock
        fix       wait for it to end; \`fuser -v FILE\` on the host shows who holds it"
    `);
  });

  test("an own fix wins over the table's", () => {
    expect(renderError(fault("LOCKED", { fix: "wait" }))).toContain("  fix       wait");
  });

  test("long output keeps its end, where tools say what is wrong", () => {
    const text = renderError(fault("COMMAND_FAILED", { said: `${"x".repeat(5000)} the reason` }));
    expect(text).toContain("the reason\n");
    expect(text.length).toBeLessThan(2500);
  });

  test("no text of a tool, a name or a path reaches the terminal's control characters", () => {
    const hostile = fc.string({
      unit: fc.constantFrom("\u001b", "[", "2", "J", "\r", "\b", "\u0007", "\u009b", "\n", "\t", "a", "\u0000", "\u007f"),
      maxLength: 40,
    });
    fc.assert(
      fc.property(hostile, hostile, hostile, (said, summary, object) => {
        const text = renderError(
          fault("COMMAND_FAILED", { said, summary, object, host: summary, command: ["lfs", said], fix: object }),
        );
        expect(text.replaceAll("\n", "").replaceAll("\t", "")).not.toMatch(/\p{Cc}/u);
      }),
    );
  });

  test("what is no fault of ours by design is our bug", () => {
    const text = renderError(new TypeError("x is not a function"));
    expect(text).toMatch(/^error INTERNAL {2}TypeError: x is not a function\n {4}at /);
    expect(renderError("boom")).toBe("error INTERNAL  boom");
  });
});

describe("exit codes", () => {
  test("are the documented ones", () => {
    const byExit = new Map<number, string[]>();
    for (const code of codes) byExit.set(faults[code].exit, [...(byExit.get(faults[code].exit) ?? []), code].sort());
    expect([...byExit.keys()].sort((a, b) => a - b)).toEqual([1, 2, 3, 4, 5, 6, 7, 8]);
    expect(byExit.get(1)).toEqual(["INTERNAL", "NOT_CONVERGED"]);
    expect(byExit.get(5)).toEqual([
      "AUTHENTICATION_FAILED",
      "BRICKS_DOWN",
      "CANNOT_CONNECT",
      "COMMAND_LOST",
      "GLUSTERD_DOWN",
      "HOST_KEY_CHANGED",
      "HOST_KEY_REVOKED",
      "HOST_KEY_UNKNOWN",
      "LOGIN_SHELL",
      "NO_SUCH_ROLE",
      "PEER_DOWN",
      "SUDO_REFUSED",
      "TARGET_DOWN",
    ]);
    expect(byExit.get(7)).toEqual(["CLUSTER_BUSY", "DEADLINE", "LOCKED"]);
    expect(byExit.get(8)).toEqual(["TOOL_MISSING", "VERSION"]);
  });
  test.each(codes)("%s says what happened and what to do", (code) => {
    const error = fault(code);
    expect(exitCodeOf(error)).toBe(faults[code].exit);
    expect(error.summary).not.toBe("");
    expect(faults[code].fix).not.toBe("");
    expect(error.message).toBe(error.summary);
  });
  test("anything else is 1", () =>
    expect([exitCodeOf(new Error("x")), exitCodeOf(undefined), exitCodeOf({ exit: 3 })]).toEqual([1, 1, 1]));
});

describe("the error as a document", () => {
  test("everything set", () =>
    expect(errorDocument(fault("LOCKED", { object: "shares/a", host: "mgs", command: ["flock", "x"], said: "no" }))).toEqual({
      code: "LOCKED",
      summary: "another run holds the lock",
      object: "shares/a",
      host: "mgs",
      command: ["flock", "x"],
      said: "no",
      fix: faults.LOCKED.fix,
    }));
  test("something else", () => expect(errorDocument(new Error("x"))).toEqual({ code: "INTERNAL", summary: "Error: x" }));
});

test("a fault is known across copies of the bundle", () => {
  expect(ShareError.isShareError(fault("LOCKED"))).toBe(true);
  expect(ShareError.isShareError({ [Symbol.for("sharewright/ShareError")]: true })).toBe(true);
  for (const other of [undefined, null, "x", new Error("x"), {}]) expect(ShareError.isShareError(other)).toBe(false);
});
