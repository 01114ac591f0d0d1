import { expect, test } from "vitest";
import { readParams } from "../../../src/backends/lustre/params";
import { ended, fakeHost } from "../../core/fake-host";

test("parameters that are asked for in the same moment are one command, and what is asked for later is asked anew", async () => {
  let value = 0;
  const mgs = fakeHost("mgs", ({ argv }) =>
    ended(
      0,
      argv
        .slice(2)
        .map((name) => `${name}=${++value}\n`)
        .join(""),
    ),
  );
  const [one, other] = await Promise.all([readParams(mgs, "a.x"), readParams(mgs, "a.y", "a.x")]);
  expect([...one]).toEqual([...other]);
  expect(mgs.asked).toEqual(["lctl get_param a.x a.y"]);
  expect((await readParams(mgs, "a.x")).get("a.x")).toBe("3");
  expect(mgs.asked).toHaveLength(2);
});
