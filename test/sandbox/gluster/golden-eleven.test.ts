// The transcripts of the real gluster 11.1 that are not as those of 10.3, replayed against the stand-in.
import { mkdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { hostRoot } from "../../../src/sandbox/gluster/files";
import { newCluster } from "../../../src/sandbox/gluster/state";
import { makeSandbox, type TestSandbox } from "../sandbox";
import { normalise } from "./normalise";
import { bricks, four, server } from "./one-server";
import { transcripts } from "./transcripts";

/** Commands of gluster that come before a case. */
const before: Readonly<Record<string, readonly string[]>> = {
  "get-all": ["volume set vol1 auth.ssl-allow a,b"],
};

let sandbox: TestSandbox;
beforeAll(() => {
  sandbox = makeSandbox();
});
beforeEach(() => {
  const root = hostRoot(sandbox.dir, "gluster1-1");
  rmSync(root, { recursive: true, force: true });
  for (const name of ["vol1", "vol2", "vol3", "vol4"]) mkdirSync(join(root, bricks, name), { recursive: true });
  sandbox.change((state) => {
    state.gluster = { clusters: [{ ...newCluster("gluster1", [server]), release: "11.1", lvm: "thick" }], mounts: [] };
  });
});
afterAll(() => sandbox.remove());

const gluster = (words: readonly string[]) => sandbox.run(["gluster", ...words], { host: "gluster1-1" });

async function prepare(line: string): Promise<void> {
  const { exit, stderr } = await gluster(line.split(" "));
  expect({ line, exit, stderr }).toEqual({ line, exit: 0, stderr: "" });
}

describe("R-13: golden gluster 11.1", () => {
  for (const { name, mode, argv, rc: exit, stdout, stderr } of transcripts("gluster-11"))
    it(`${name}.${mode}`, async () => {
      for (const line of [...four, ...(before[name] ?? [])]) await prepare(line);
      if (name === "info-restarted") for (const what of ["down", "up"]) await sandbox.operate("gluster", what, server);
      const [answered, measured] = [normalise(await gluster(argv.slice(1))), normalise({ exit, stdout, stderr })];
      // A glusterd lists options the other way round once it has read them from its store; the stand-in is one for all servers.
      const lines = (text: string) => (name === "info-restarted" ? text.split("\n").sort() : text);
      expect({ ...answered, stdout: lines(answered.stdout) }).toEqual({ ...measured, stdout: lines(measured.stdout) });
    });
});
