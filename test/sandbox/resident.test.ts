// A resident sandbox answers as one that starts a process for every command does.
import { spawnSync } from "node:child_process";
import { existsSync, openSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type ProcessSandbox, startProcessSandbox, until } from "./processes";

let resident: ProcessSandbox;
let plain: ProcessSandbox;

beforeAll(() => {
  resident = startProcessSandbox("--resident", "--hours", "0.5");
  plain = startProcessSandbox();
});
afterAll(() => {
  resident.remove();
  plain.remove();
});

const serverOf = ({ dir }: ProcessSandbox) => readFileSync(join(dir, "resident/pid"), "utf8").trim();

it.each([
  [["lfs", "getname", "-n", "MOUNT"]],
  [["lctl", "get_param", "nodemap.servers.*"]],
  [["lctl", "nodemap_add", "it's 100% \\n\u0007 ü"]],
  [["lfs", "setquota", "-p", "", "MOUNT"]],
  [["lfs", "df", "-h", "MOUNT"]],
  [["stat", "-c", "%F|%a|%n", "MOUNT", "MOUNT/nothing"]],
])("answers as a process does: %j", async (command) => {
  const [ours, theirs] = await Promise.all(
    [resident, plain].map(async (sandbox) => {
      const { exit, stdout, stderr } = await sandbox.run(command.map((word) => word.replace("MOUNT", sandbox.mount)));
      return { exit, stdout: stdout.replaceAll(sandbox.dir, "DIR"), stderr: stderr.replaceAll(sandbox.dir, "DIR") };
    }),
  );
  expect(ours).toEqual(theirs);
});

it("long answers and many callers at once", async () => {
  const names = Array.from({ length: 40 }, (_, index) => `many${index}`);
  const endings = await Promise.all(names.map((name) => resident.run(["lctl", "nodemap_add", name])));
  expect(endings.map(({ exit }) => exit)).toEqual(names.map(() => 0));
  const { stdout } = await resident.run(["lctl", "get_param", "nodemap.*.*"]);
  expect(stdout.length).toBeGreaterThan(10_000);
  for (const name of names) expect(stdout).toContain(`nodemap.${name}.id=`);
});

describe("with faults, log or watch on", () => {
  it("a real tool has its caller's files, its words and its end", async () => {
    resident.operate("log", "on");
    const text = join(resident.dir, "text");
    writeFileSync(text, "as it is\n");
    const { status, stdout } = spawnSync("cat", [], {
      env: resident.env,
      stdio: [openSync(text, "r"), "pipe", "pipe"],
      encoding: "utf8",
    });
    expect({ status, stdout }).toEqual({ status: 0, stdout: "as it is\n" });
    expect((await resident.run(["cat", "/nowhere"])).exit).toBe(1);
    const logged = resident.operate("log", "show").trim().split("\n");
    expect(logged.map((line) => JSON.parse(line)).map(({ tool, exit }) => [tool, exit])).toEqual([
      ["cat", 0],
      ["cat", 1],
    ]);
    resident.operate("log", "off");
  });

  it("hangs until killed, and answers others meanwhile", async () => {
    resident.operate("fault", "set", '{"match": "lfs getname", "do": "hang"}');
    const hanging = resident.spawn(["lfs", "getname", "-n", resident.mount]);
    const ended = new Promise((resolve) => hanging.once("exit", (_, signal) => resolve(signal)));
    expect((await resident.run(["lctl", "dl"])).exit).toBe(0);
    expect(hanging.exitCode).toBeNull();
    hanging.kill("SIGKILL");
    expect(await ended).toBe("SIGKILL");
    resident.operate("fault", "clear");
  });
});

it("a server that was killed is not missed", async () => {
  const other = startProcessSandbox("--resident", "--hours", "0.5");
  const pid = Number(serverOf(other));
  process.kill(pid, "SIGKILL");
  await until(() => !existsSync(`/proc/${pid}/cwd`));
  expect(await other.run(["lfs", "getname", "-n", other.mount])).toMatchObject({ exit: 0, stdout: "scratch\n" });
  other.remove();
});

it("the server ends with its sandbox", async () => {
  const other = startProcessSandbox("--resident", "--hours", "0.5");
  const pid = Number(serverOf(other));
  other.operate("stop");
  await until(() => !existsSync(`/proc/${pid}/cwd`));
  other.remove();
});
