import { expect, test } from "vitest";
import { checkTools } from "../../../src/backends/lustre/tools";
import { ended, fakeHost } from "../../core/fake-host";

test.each<[string, (tool: string) => ReturnType<typeof ended>, string]>([
  ["all there", () => ended(0), "good"],
  ["one without --version", (tool) => ended(tool === "lctl" ? 1 : 0), "good"],
  ["one missing", (tool) => ended(tool === "lctl" ? 127 : 0), "bad"],
  ["no answer", (tool) => ended(tool === "lctl" ? null : 0), "unknown"],
])("tools of the MGS: %s", async (_, answer, verdict) => {
  expect((await checkTools(fakeHost("mgs", ({ argv }) => answer(argv[0])))).verdict).toBe(verdict);
});
