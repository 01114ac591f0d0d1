import { expect, test } from "vitest";
import { resultOf } from "../../../src/transports/ssh/answers";
import { notRunStatus } from "../../../src/transports/ssh/shell-script";
import type { Answer } from "../../../src/transports/ssh/task";

const result = (more: Partial<Answer>, stderr = "") =>
  resultOf({ stdout: Buffer.alloc(0), stderr: Buffer.from(stderr), ms: 1, ...more });

test.each<[string, Partial<Answer>, object]>([
  ["an exit code", { status: "3" }, { exitCode: 3, timedOut: false }],
  ["a signal", { status: "137" }, { exitCode: null, signal: "SIGKILL" }],
  ["none after its deadline", { cause: "timedOut", lost: "gone" }, { exitCode: null, timedOut: true, stuck: true }],
  ["none after too much", { cause: "tooLong", lost: "gone" }, { exitCode: null, tooLong: true, stuck: true }],
  ["none", { lost: "gone", first: true }, { exitCode: null, timedOut: false, stderr: "gone" }],
  ["none, and perhaps no beginning", { lost: "gone" }, { stderr: "not known to have been run: gone" }],
])("a command's end is %s", (_, answer, wanted) => expect(result(answer)).toMatchObject(wanted));

test("a command that was not run has no result", () => expect(result({ status: notRunStatus })).toBeUndefined());

test.each([
  ["half a line", "half a line\ngone"],
  ["a line\n", "a line\ngone"],
  [" \n", "gone"],
])("why an answer was lost stands on a line of its own behind %j", (stderr, wanted) =>
  expect(result({ lost: "gone", first: true }, stderr)?.stderr).toBe(wanted),
);
