// `npm test` runs on the sandbox. This holds the settings of a real run to what the guide says.
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { connectionOf, readSetting, required } from "./setting";

const least = {
  SHAREWRIGHT_LUSTRE_FSNAME: "lfs01",
  SHAREWRIGHT_LUSTRE_MOUNT: "/mnt/lustre",
  SHAREWRIGHT_LUSTRE_NIDS: "10.0.0.1@tcp 10.0.0.2@tcp",
};
const specOf = (text: string) => connectionOf("NAME", text).toSpec();

test("R-12: a file system takes part only when it is asked for by the environment", () => {
  console.log("real Lustre: not run; `npm run test:lustre` runs the acceptance suite on one (docs/guides/real-lustre.md)");
  expect(readSetting({})).toBeUndefined();
  expect(readSetting(least)).toMatchObject({
    fsName: "lfs01",
    exportNids: ["10.0.0.1@tcp", "10.0.0.2@tcp"],
    mayBootstrap: false,
  });
});

test("R-12: without more said all roles are this machine, and what needs more is left out", () => {
  const setting = readSetting(least);
  expect([setting?.client.toSpec(), setting?.mgs.toSpec()]).toEqual([{ type: "local" }, { type: "local" }]);
  expect(Object.keys(setting ?? {})).not.toEqual(expect.arrayContaining(["mds"]));
  expect([setting?.tenant, setting?.ost, setting?.user, setting?.record]).toEqual([undefined, undefined, undefined, undefined]);
});

test.each([
  ["local", { type: "local" }],
  ["mgs1", { type: "ssh", hosts: ["mgs1"] }],
  ["root@mgs1.example.org:2222", { type: "ssh", hosts: ["mgs1.example.org"], user: "root", port: 2222 }],
  ['{"path":["/opt/lustre/bin"]}', { type: "local", path: ["/opt/lustre/bin"] }],
  ['{"hosts":["m1","m2"],"sudo":"sudo -n"}', { type: "ssh", hosts: ["m1", "m2"], sudo: ["sudo", "-n"] }],
  [
    '{"host":"m1","jump":{"host":"b","user":"u"}}',
    { type: "ssh", hosts: ["m1"], jump: { type: "ssh", hosts: ["b"], user: "u" } },
  ],
])("R-12: the connection %s", (text, spec) => {
  expect(specOf(text)).toEqual(spec);
});

test("R-12: client, MGS, MDS, servers and a tenant's client each have a connection of their own", () => {
  const setting = readSetting({
    ...least,
    SHAREWRIGHT_LUSTRE_CLIENT: "root@login1",
    SHAREWRIGHT_LUSTRE_MDS: "root@mds1",
    SHAREWRIGHT_LUSTRE_MDS_MOUNT: "/mnt/mds",
    SHAREWRIGHT_LUSTRE_SERVERS: '[{"host":"oss1"},{"host":"oss2"}]',
    SHAREWRIGHT_LUSTRE_TENANT: "root@node1",
    SHAREWRIGHT_LUSTRE_TENANT_NID: "10.0.5.7@tcp",
  });
  expect(setting?.mgs.toSpec()).toMatchObject({ hosts: ["login1"] });
  expect(setting?.mds?.connection.toSpec()).toMatchObject({ hosts: ["mds1"] });
  expect(setting?.mds?.mountPoint).toBe("/mnt/mds");
  expect(setting?.servers?.map((server) => server.toSpec())).toMatchObject([{ hosts: ["oss1"] }, { hosts: ["oss2"] }]);
  expect(setting?.tenant).toMatchObject({ nid: "10.0.5.7@tcp", connection: {} });
  const confined = readSetting({ ...least, SHAREWRIGHT_LUSTRE_MGS: "sw@mgs1", SHAREWRIGHT_LUSTRE_ROOT_MGS: "root@mgs1" });
  expect([confined?.mgs.toSpec(), confined?.root.mgs?.toSpec()]).toMatchObject([{ user: "sw" }, { user: "root" }]);
});

test.each<[NodeJS.ProcessEnv, string]>([
  [{ SHAREWRIGHT_LUSTRE_MOUNT: "/mnt/lustre" }, "set SHAREWRIGHT_LUSTRE_FSNAME, SHAREWRIGHT_LUSTRE_NIDS as well"],
  [{ ...least, SHAREWRIGHT_LUSTRE_TENANT: "node1" }, "set SHAREWRIGHT_LUSTRE_TENANT_NID as well"],
  [{ ...least, SHAREWRIGHT_LUSTRE_OST_UP: "true" }, "set SHAREWRIGHT_LUSTRE_OST_DOWN as well"],
  [{ ...least, SHAREWRIGHT_LUSTRE_VERSION: "2.15" }, "SHAREWRIGHT_LUSTRE_VERSION=2.15: one of 2.16, 2.17"],
  [{ ...least, SHAREWRIGHT_LUSTRE_BOOTSTRAP: "1" }, "SHAREWRIGHT_LUSTRE_BOOTSTRAP=1: one of yes, no"],
  [{ ...least, SHAREWRIGHT_LUSTRE_USER: "alice" }, 'SHAREWRIGHT_LUSTRE_USER=alice: write two numbers, joined by ":"'],
  [{ ...least, SHAREWRIGHT_LUSTRE_PROJECT_IDS: "5" }, 'SHAREWRIGHT_LUSTRE_PROJECT_IDS=5: write two numbers, joined by "-"'],
  [{ ...least, SHAREWRIGHT_LUSTRE_CLIENT: "a b" }, "SHAREWRIGHT_LUSTRE_CLIENT=a b: write local"],
  [{ ...least, SHAREWRIGHT_LUSTRE_CLIENT: "{" }, "SHAREWRIGHT_LUSTRE_CLIENT is not JSON"],
])("fails on half a setting and says what to write, %#", (environment, message) => {
  expect(() => readSetting(environment)).toThrow(message);
});

test("every variable of the settings stands in the guide", () => {
  const guide = readFileSync(join(__dirname, "../../docs/guides/real-lustre.md"), "utf8");
  const source = readFileSync(join(__dirname, "setting.ts"), "utf8");
  const names = new Set(source.match(/SHAREWRIGHT_LUSTRE_[A-Z_]+/g));
  expect(names.size).toBeGreaterThan(required.length);
  expect([...names].filter((name) => !guide.includes(`\`${name}\``))).toEqual([]);
});
