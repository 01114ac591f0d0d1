// `npm test` runs on the sandbox. This says so, and holds the settings of a real run to what the guide says.
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { realLustre, required } from "./setting";

test("a real Lustre takes part only when it is asked for by the environment", () => {
  console.log("real Lustre: not run; `npm run test:lustre` runs the end-to-end cases on one (docs/guides/real-lustre.md)");
  expect(realLustre({})).toBeUndefined();
});

test("half a setting is an error that names the rest", () => {
  expect(() => realLustre({ SHAREWRIGHT_LUSTRE_MOUNT: "/mnt/lustre" })).toThrow("set SHAREWRIGHT_LUSTRE_FSNAME");
});

test("every variable of the settings stands in the guide", () => {
  const guide = readFileSync(join(__dirname, "../../docs/guides/real-lustre.md"), "utf8");
  const source = readFileSync(join(__dirname, "setting.ts"), "utf8");
  const names = new Set(source.match(/SHAREWRIGHT_LUSTRE_[A-Z_]+/g));
  expect(names.size).toBeGreaterThan(required.length);
  expect([...names].filter((name) => !guide.includes(`\`${name}\``))).toEqual([]);
});
