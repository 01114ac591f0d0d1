// What the sandbox plays of glusterd knows the options of GlusterFS by itself: the names that the product takes have to be the same.
import { expect, it } from "vitest";
import { byAnotherCommand, isKnown, ofAllVolumes, ofEveryVolume, optionsIn } from "../../../src/sandbox/gluster/option-table";
import { releases } from "../../../src/sandbox/gluster/state";
import { volumeOptionProblem } from "../../../src/spec/gluster-options";

const known = releases.flatMap((release) => [
  ...optionsIn[release].listed.map(({ name }) => name),
  ...optionsIn[release].unlisted,
]);

it("S-15: what a release knows is known to the product, or refused for what it does", () => {
  for (const name of known) {
    const problem = volumeOptionProblem(name, "1");
    expect(problem ?? "", name).not.toContain("such an option");
    if (ofEveryVolume(name) || ofAllVolumes(name) !== undefined || byAnotherCommand(name) !== undefined)
      expect(problem, name).toMatch(/whole cluster|command of its own|decides on access/);
  }
});

it("S-15: what the product takes is known to a release", () => {
  const words = known.map((name) => name.split("."));
  const made = words.flatMap(([first = ""]) => words.map(([, ...rest]) => [first, ...rest].join(".")));
  const taken = [...new Set(made)].filter((name) => volumeOptionProblem(name, "1") === undefined);
  expect(taken.length).toBeGreaterThan(250);
  expect(taken.filter((name) => !releases.some((release) => isKnown(release, name)))).toEqual([]);
});
