// What a property costs: an entry of the message's table. A kind with two of them, one that is enforced and one for people, from construct to record.
import { Construct } from "constructs";
import { expect, test } from "vitest";
import { Checks } from "../../lib/internal/checks";
import { kindsOf, triggersOf } from "../../lib/message-triggers";
import { readerOf } from "../../src/fronts/request";
import { message } from "../../src/spec/message";
import { count, note, optional } from "../../src/spec/property";
import { errorOf, newStack } from "./support";

const queue = message({ maxJobs: count(1n, 100n), contactPerson: optional(note(20)) });

interface QueueProps {
  readonly maxJobs: number;
  readonly contactPerson?: string;
}

/** A construct of that kind: its triggers. */
function triggers(props: object): object {
  const check = new Checks(new Construct(newStack(), "batch"));
  return triggersOf(check, queue.table, check.properties<QueueProps>(kindsOf(queue.table, {}), props as QueueProps), {});
}

test("what a construct is given is its triggers, the executor's spec, and the record", () => {
  const said = triggers({ contactPerson: "Ada", maxJobs: 7 });
  expect(JSON.stringify(said)).toBe('{"max_jobs":"7","contact_person":"Ada"}');
  const wish = readerOf(queue.triggers)(JSON.stringify({ ...said, claim: "4711" }), "batch");
  expect(wish).toEqual({ claim: "4711", spec: { maxJobs: 7n, contactPerson: "Ada" } });
  const record = queue.write(wish.spec);
  expect(record).toEqual(said);
  expect(queue.read(record)).toEqual({ spec: wish.spec });
});

test("what is left out is nowhere", () => {
  expect(triggers({ maxJobs: 7 })).toEqual({ max_jobs: "7" });
  expect(queue.read({ max_jobs: "7" })).toEqual({ spec: { maxJobs: 7n } });
  expect(queue.write({ maxJobs: 7n })).toEqual({ max_jobs: "7" });
});

test("of what is for people alone a record says what has changed", () => {
  const changed = (...texts: Parameters<typeof queue.changedNotes>) => queue.changedNotes(...texts);
  expect(changed({ max_jobs: "7", contact_person: "Ada" }, { max_jobs: "8", contact_person: "Ada" })).toEqual([]);
  expect(changed({ max_jobs: "7", contact_person: "Ada" }, { max_jobs: "7" })).toEqual(["contact_person"]);
});

test.each([
  [{}, "maxJobs", undefined],
  [{ maxJobs: 0 }, "maxJobs", "0"],
  [{ maxJobs: "7" }, "maxJobs", '"7"'],
  [{ maxJobs: 7, contactPerson: "x".repeat(21) }, "contactPerson", `"${"x".repeat(21)}"`],
  [{ maxJobs: 7, contact_person: "Ada" }, "contact_person", '"Ada"'],
])("a construct fails with %j", (props, property, value) => {
  expect(errorOf(() => triggers(props))).toMatchObject({ property, value });
});

test.each([
  [{ claim: "c" }, "max_jobs: is missing"],
  [{ claim: "c", max_jobs: "101" }, 'max_jobs = "101": write a whole number of at least 1'],
  [{ claim: "c", max_jobs: "7", contact_person: "x".repeat(21) }, "contact_person"],
  [{ claim: "c", max_jobs: "7", maxJobs: "7" }, "there is no property maxJobs"],
])("a hook fails with %j", (texts, said) => {
  expect(() => readerOf(queue.triggers)(JSON.stringify(texts), "batch")).toThrow(said);
});
