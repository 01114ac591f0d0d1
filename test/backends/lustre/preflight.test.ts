// What is said of locks, by how the client has the file system mounted.
import { expect, test } from "vitest";
import { checkLimits } from "../../../src/backends/lustre/preflight";
import type { ConnectionSpec } from "../../../src/spec/connection";
import { ended, fakeHost } from "../../core/fake-host";
import { planningSite } from "./site";

async function locking(options: string, client: ConnectionSpec): Promise<object | undefined> {
  const host = fakeHost("client", ({ argv }) => {
    if (argv[0] === "findmnt") return ended(0, `10.0.0.1@tcp:/scratch lustre ${options}\n`);
    const none = argv.filter((word) => word.endsWith(".target_obd")).map((word) => `${word.replace("*", "f")}=\n`);
    return ended(0, none.join(""));
  });
  const site = { ...planningSite({ client }), client: host, mds: host };
  return (await checkLimits(site)).find(({ id }) => id === "locking");
}

test.each<[string, string, string[], string]>([
  ["flock holds for all", "rw,flock,lazystatfs", ["one", "two"], "good"],
  ["noflock is bad", "rw,noflock", ["one"], "bad"],
  ["localflock is not verified where one client is named: others may be used elsewhere", "rw,localflock", ["one"], "unknown"],
  ["localflock is bad where the connection names several clients", "rw,localflock", ["one", "two"], "bad"],
  ["nothing is said without an option", "rw", ["one", "two"], "unknown"],
])("%s", async (_, options, hosts, verdict) => {
  expect(await locking(options, { type: "ssh", hosts })).toMatchObject({ verdict });
});

test("localflock on this machine is one client", async () => {
  expect(await locking("rw,localflock", { type: "local" })).toMatchObject({ verdict: "unknown" });
});
