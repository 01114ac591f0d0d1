import { expect, test } from "vitest";
import { wouldShowAll } from "../../../src/backends/lustre/access/openers";

const nodemap = (name: string, properties: Record<string, string>, ...paths: string[]) => ({
  name,
  ranges: [],
  filesets: paths.map((path) => ({ path, readOnly: false, primary: true })),
  properties: new Map(Object.entries(properties)),
  banned: [],
});
const trusted = { admin: "1", trusted: "1" };

test.each<[string, Parameters<typeof wouldShowAll>[0], boolean]>([
  ["trusted with it, and root in it", nodemap("admins", trusted), false],
  ["root in it, its ids mapped", nodemap("admins", { ...trusted, trusted: "0" }), true],
  ["trusted with it, root squashed", nodemap("admins", { ...trusted, admin: "0" }), true],
  ["neither", nodemap("others", { admin: "0", trusted: "0" }), true],
  ["neither, and shut", nodemap("others", { admin: "0", trusted: "0", deny_mount: "1" }), false],
  ["neither, and all it may mount is a part", nodemap("others", { admin: "0", trusted: "0" }, "/a"), false],
  ["neither, and a part of what it may mount is all", nodemap("others", { admin: "0", trusted: "0" }, "/a", "/b/.."), true],
  ["a rule's, which is trusted with nothing", nodemap("sw_abcdefghijkl", trusted), true],
])("whether a nodemap shows the whole tree to whom it should not: %s", (_, seen, isShown) =>
  expect(wouldShowAll(seen)).toBe(isShown),
);
