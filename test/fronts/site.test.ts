// capacity, doctor and bootstrap against sandboxes: prepared, bare, of both versions, with a target down.
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { stackOf } from "../executor/support";
import { type Bench, type Document, startBench } from "./support";

const tebibyte = 1024n ** 4n;

describe("capacity", () => {
  let bench: Bench;
  beforeAll(async () => {
    // A name with "OST" in it must not be taken for a target.
    bench = await startBench({ fsName: "OSTMDT0" });
    await bench.deploy(bench.stack.share("a", { size: "150 TiB" }), bench.stack.share("b", { size: "100 TiB" }));
  });
  afterAll(() => bench.remove());

  test("sums the OSTs and leaves the MDTs out; limits promised against it, L-86, L-88, L-90, X-L19", async () => {
    const { document, exitCode } = await bench.json("capacity");
    expect(exitCode).toBe(0);
    const [seen] = document.fileSystems;
    expect(seen).toMatchObject({
      fsName: "OSTMDT0",
      source: "lfs df",
      bytes: { total: String(200n * tebibyte) },
      promised: String(250n * tebibyte),
      shares: 2,
      overCommit: 1.25,
      degraded: [],
    });
    expect(seen.targets.map(({ kind, name }: Document) => `${kind} ${name}`)).toEqual([
      "MDT OSTMDT0-MDT0000",
      "OST OSTMDT0-OST0000",
      "OST OSTMDT0-OST0001",
    ]);
    expect(seen.inodes.total).toBe("1000000000");
  });

  test("is shown with bars", async () => {
    const { stdout } = await bench.sharewright("capacity");
    expect(stdout).toContain("promised to 2 shares  [########################]  125 %");
    expect(stdout).toContain("1.25 times what is there: over-committed by 50 TiB");
  });

  test("with a target down says so and answers within its deadline, L-89, X-L18", async () => {
    await bench.sharewright("sandbox", "target", "down", "OST0001");
    const started = Date.now();
    const { document, exitCode } = await bench.json("capacity");
    await bench.sharewright("sandbox", "target", "up", "OST0001");
    expect(exitCode).toBe(0);
    expect(Date.now() - started).toBeLessThan(40_000);
    expect(document.fileSystems[0]).toMatchObject({
      source: "lfs df",
      degraded: [{ name: "OSTMDT0-OST0001", why: "Input/output error" }],
      bytes: { total: expect.any(String) },
    });
    expect(document.fileSystems[0].targets.map(({ name }: Document) => name)).toContain("OSTMDT0-OST0000");
  });

  test("without any answer is unknown, not an error, L-87, L-89", async () => {
    const failing = ["lfs df", "df -P"].map((match) => JSON.stringify({ match, nth: 1, when: "before", do: "fail", exit: 5 }));
    await bench.sharewright("sandbox", "fault", "set", ...failing);
    const { document, exitCode } = await bench.json("capacity");
    const { stdout } = await bench.sharewright("sandbox", "fault", "clear");
    expect(exitCode, stdout).toBe(0);
    expect(document.fileSystems[0]).toMatchObject({ source: "unknown", bytes: null, targets: [], overCommit: null });
  });
});

describe("doctor", () => {
  let bench: Bench;
  beforeAll(async () => {
    bench = await startBench();
    bench.write([bench.stack.share("a")]);
  });
  afterAll(() => bench.remove());

  test("finds a prepared file system good, L-18", async () => {
    const { document, exitCode } = await bench.json("doctor");
    expect(document.checks.filter(({ verdict }: Document) => verdict !== "good")).toEqual([]);
    expect(exitCode).toBe(0);
    expect(document.checks.map(({ id }: Document) => id)).toEqual(
      expect.arrayContaining(["node", "terraform", "tools-client", "locking", "quota-enabled", "nodemap-active", "trusted"]),
    );
  });

  test("finds what is not mounted bad, with exit 3, L-19", async () => {
    bench.stack = stackOf({ ...bench.stack.fileSystem, mountPoint: "/tmp" });
    bench.write([bench.stack.share("a")]);
    const { stdout, exitCode } = await bench.sharewright("doctor");
    expect(exitCode).toBe(3);
    expect(stdout).toContain("NOT_LUSTRE");
  });

  test("S-01 tells in which way a mount point is only a part of the file system", async () => {
    const part = join(bench.mount, "part");
    mkdirSync(part);
    bench.stack = stackOf({ ...bench.stack.fileSystem, mountPoint: part });
    bench.write([bench.stack.share("a")]);
    const { stdout, exitCode } = await bench.sharewright("doctor");
    expect(exitCode).toBe(3);
    expect(stdout).toContain(`it is a directory in ${bench.mount}, where 10.0.0.1@tcp:/scratch is mounted`);
  });
});

describe.each(["2.16", "2.17"] as const)("bootstrap of a fresh Lustre %s", (version) => {
  let bench: Bench;
  beforeAll(async () => {
    bench = await startBench({ version, bare: true });
    bench.write([bench.stack.share("a")]);
    await bench.sharewright("sandbox", "mount-as", "10.9.9.9@tcp", "10.0.0.1@tcp:/scratch", "--keep", "workstation");
  });
  afterAll(() => bench.remove());

  test("the dry run names the clients that it would shut out first, exits 9 and changes nothing", async () => {
    const { stdout, exitCode } = await bench.sharewright("bootstrap");
    expect(exitCode).toBe(9);
    const [first, second] = stdout.split("\n");
    expect([first, second]).toEqual([
      "closing `default` shuts out 1 connected client that no nodemap names:",
      "  - 10.9.9.9@tcp",
    ]);
    expect(await bench.admin("lctl", "get_param", "-n", "nodemap.active")).toBe("0\n");
    expect(await bench.admin("ls", "-A", bench.mount)).toBe("");
  });

  test("--apply sets what is missing, nodemaps in force last", async () => {
    const { document, exitCode } = await bench.json("bootstrap", "--apply");
    expect(exitCode, JSON.stringify(document.error)).toBe(0);
    const ids = document.steps.map(({ id }: Document) => id);
    expect(ids.slice(0, 3)).toEqual(["add-trusted", "trust", "trust-range"]);
    expect(ids.slice(-3)).toEqual(["enforce-quota", "enforce-root", "activate"]);
    expect(document.exposed).toEqual(["10.9.9.9@tcp"]);
    expect((await bench.sharewright("doctor")).exitCode).toBe(0);
  });

  test("R-01: then nothing is missing, a stranger sees nothing, and a share can be made and mounted", async () => {
    const { stdout, exitCode } = await bench.sharewright("bootstrap");
    expect([stdout, exitCode]).toEqual(["nothing is missing\n", 0]);
    const stranger = await bench.sharewright("sandbox", "mount-as", "10.9.9.8@tcp", "10.0.0.1@tcp:/scratch", "--json");
    expect(JSON.parse(stranger.stdout)).toMatchObject(
      version === "2.17" ? { exit: 1 } : { root: "/.sharewright/closed", entries: [] },
    );
    await bench.deploy(bench.stack.share("a"), bench.stack.rule("a", "cpu", { clients: "10.1.0.0/24" }));
    expect((await bench.sharewright("plan")).exitCode).toBe(0);
    const path = version === "2.17" ? "/shares/a" : "";
    const tenant = await bench.sharewright("sandbox", "mount-as", "10.1.0.5@tcp", `10.0.0.1@tcp:/scratch${path}`, "--json");
    expect(JSON.parse(tenant.stdout)).toMatchObject({ exit: 0, root: "/shares/a", access: "rw" });
    expect(await bench.admin("ls", join(bench.mount, "shares"))).toBe("a\n");
  });
});

test("bootstrap is refused where a server is in a tenant's nodemap", async () => {
  const bench = await startBench({ bare: true });
  try {
    bench.write([bench.stack.share("a")]);
    await bench.admin("lctl", "nodemap_add", "slurm");
    await bench.admin("lctl", "nodemap_add_range", "--name", "slurm", "--range", "10.0.0.[0-255]@tcp");
    expect((await bench.json("bootstrap")).document.error).toMatchObject({
      code: "NID_TAKEN",
      summary: expect.stringContaining("slurm"),
    });
  } finally {
    bench.remove();
  }
});
