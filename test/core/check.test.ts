import { expect, test } from "vitest";
import { bad, good, judgeAll, unknown } from "../../src/core/check";
import { silentLog } from "../../src/core/log";

const judged = (preflight: "enforce" | "warn", ...checks: Parameters<typeof judgeAll>[0]) => {
  const notes: string[] = [];
  judgeAll(checks, preflight, silentLog(notes));
  return notes;
};

test("what is good needs no word", () => expect(judged("enforce", good("a", "disk", "large"))).toEqual([]));

test("what is bad stops, and says what to do about it", () => {
  expect(() => judged("enforce", good("a", "disk", "large"), bad("b", "port", "closed", "open it"))).toThrow(
    expect.objectContaining({
      code: "PREFLIGHT",
      summary: "port: closed",
      fix: "open it; or set preflight: warn to go on at your own risk",
    }),
  );
});

test("or is only told, where that was asked for", () =>
  expect(judged("warn", bad("b", "port", "closed", "open it"))).toEqual(["port: closed (open it)"]));

test("what could not be looked at is told, never taken for good or bad", () => {
  for (const preflight of ["enforce", "warn"] as const)
    expect(judged(preflight, unknown("c", "quota", "no rights"))).toEqual(["not verified: quota: no rights"]);
});
