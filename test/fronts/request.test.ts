// S-21: what is wrong with a request is told without what may be a secret, wherever somebody has put one.
import { expect, test } from "vitest";
import { readClusters } from "../../src/fronts/gluster/request";
import { hook } from "../../src/fronts/hook";
import { readFileSystem, readRule, readShare } from "../../src/fronts/lustre/request";
import { fileSystemSpec } from "../file-system";

const secret = "hunter2";
const fileSystem = fileSystemSpec();
const ssh = { type: "ssh", hosts: ["mgs1"] };

const told = (read: () => unknown): string => {
  try {
    read();
  } catch (error) {
    return JSON.stringify({ ...(error as object), text: String(error) });
  }
  return "accepted";
};

test.each<[string, object, string]>([
  ["an unknown field at the top", { password: secret }, "SHAREWRIGHT_FILE_SYSTEM: there is no property password"],
  ["one of a connection", { client: { ...ssh, password: secret } }, "client: there is no property password"],
  ["one of a local connection", { mgs: { type: "local", password: secret } }, "mgs: there is no property password"],
  ["one of a part", { projectIds: { start: 1, end: 2, token: secret } }, "projectIds: there is no property token"],
  ["one of a server", { servers: [{ ...ssh, token: secret }] }, "servers.0: there is no property token"],
  ["a text in the place of a connection", { client: secret }, "client (not shown"],
  ["a text in a list of connections", { servers: [secret] }, "servers.0 (not shown"],
  [
    "a secret in the place of its reference",
    { client: { ...ssh, passwordFromEnv: "$hunter2" } },
    "client.passwordFromEnv (not shown",
  ],
  [
    "one with parts in the place of a reference",
    { client: { ...ssh, passwordFromEnv: { value: secret } } },
    "client.passwordFromEnv",
  ],
])("S-21 %s", (_, more, words) => {
  const error = told(() => readFileSystem(JSON.stringify({ ...fileSystem, ...more })));
  expect(error).toContain(words);
  expect(error).not.toContain(secret);
});

test("S-21 what is no JSON is not repeated, and neither is a request about an object", () => {
  for (const read of [
    () => readFileSystem(`{"password":"${secret}"`),
    () => readShare(JSON.stringify({ claim: "c", password: secret }), "shares/a"),
    () => readRule(JSON.stringify({ claim: "c", password: secret }), "shares/a#r"),
    () => readClusters(JSON.stringify([{ name: "east", password: secret }])),
  ]) {
    expect(told(read)).toContain("BAD_REQUEST");
    expect(told(read)).not.toContain(secret);
  }
});

test("what is wrong, and no secret, is shown", () => {
  expect(told(() => readFileSystem(JSON.stringify({ ...fileSystem, lustreVersion: "1.8" })))).toContain(
    'lustreVersion = \\"1.8\\"',
  );
  expect(told(() => readFileSystem(JSON.stringify({ ...fileSystem, projectIds: { start: "x", end: 2 } })))).toContain(
    'projectIds.start = \\"x\\"',
  );
});

const silent = { stdout() {}, stderr() {} };

test.each(["", "lustre", "share", "nfs.share", "toString", "lustre.toString", "constructor.name"])(
  "L-23 %s is no kind: it is refused",
  (kind) => expect(hook([kind, "apply", "a"], {}, silent)).rejects.toMatchObject({ code: "BAD_REQUEST" }),
);
