// Production and staging: two file systems of one name and with the same shares, on Lustres of their own, in one stack.
import { existsSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { Connection, LustreFileSystem, type LustreFileSystemProps, RemovalPolicy, Size } from "../../lib";
import { applied, noChanges, workbenchWith } from "./cases";
import { type BuildStack, ended, type StackBench, type Workbench } from "./support/terraform";

const owner = { uid: 1000, gid: 1000 };
const bundle = join(__dirname, "../../dist/sharewright.cjs");

let bench: Workbench | undefined;
let other = "";
beforeAll(async () => {
  bench = await workbenchWith("terraform_data", "on this machine");
  other = join(bench?.dir ?? "", "other");
  const start = ["sandbox", "start", "--resident", "--dir", other];
  expect((await ended(process.execPath, [bundle, ...start], bench?.dir ?? "", bench?.env ?? {})).exitCode).toBe(0);
}, 600_000);
afterAll(async () => {
  if (bench) await ended(process.execPath, [bundle, "sandbox", "stop", "--dir", other], bench.dir, bench.env);
  await bench?.remove();
});

interface Wish {
  prod?: string[];
  staging?: string[];
  /** Which of them has a site. @default only staging */
  sites?: Pick<LustreFileSystemProps, "site">[];
}

const fill = (scratch: LustreFileSystem, shares: string[]) => {
  for (const id of shares) {
    const share = scratch.addShare(id, { size: Size.tebibytes(1), owner, removalPolicy: RemovalPolicy.DESTROY });
    share.grantReadWrite("cpu", ["10.1.0.0/24"]);
  }
};

const describing =
  ({ prod, staging, sites: [one, two] = [{}, { site: "staging" }] }: Wish): BuildStack =>
  (stack, mountPoint) => {
    const name = { fsName: "scratch" };
    const atStaging = () => {
      const place = { exportNids: ["10.9.0.1@tcp"], mountPoint: join(other, "mnt"), ...two };
      const client = Connection.local({ path: [join(other, "bin")] });
      if (staging) fill(new LustreFileSystem(stack, "staging", { ...name, ...place, client }), staging);
    };
    // The new one first: no order may move the claims of the one that is there.
    atStaging();
    if (prod) fill(new LustreFileSystem(stack, "prod", { ...name, exportNids: ["10.0.0.1@tcp"], mountPoint, ...one }), prod);
  };

/** Servers of the other Lustre have to be known there before anybody is let in. */
async function bootstrapped(own: Workbench, it: StackBench): Promise<void> {
  it.synth(describing({ prod: [], staging: [] }));
  const done = await own.sharewright("bootstrap", it.dir, "--apply", "--file-system", "scratch-staging");
  expect(done.exitCode, done.stdout + done.stderr).toBe(0);
}

test("U-01 a second site comes, changes and goes, and the first is never touched", async (context) => {
  if (!bench) return context.skip();
  const it = bench.stack("sites");
  const at = (mount: string, share: string) => join(mount, "shares", share);
  const [first, second] = [bench.mountPoint, join(other, "mnt")];

  await bootstrapped(bench, it);
  await applied(it, describing({ prod: ["a", "b"] }));
  for (const share of ["a", "b"]) writeFileSync(join(at(first, share), "data"), `production ${share}`);

  const planned = await it.plan(describing({ prod: ["a", "b"], staging: ["a"] }));
  const actions = await planned.actions();
  expect([...new Set(Object.values(actions))]).toEqual(["create"]);
  expect(Object.keys(actions).filter((address) => address.includes("_claims"))).toEqual([
    'terraform_data.scratch-staging_rule_claims["shares/a#cpu"]',
    'terraform_data.scratch-staging_share_claims["shares/a"]',
  ]);
  const shown = join(bench.dir, "plan.json");
  writeFileSync(shown, (await it.terraform("show", "-json", "tfplan")).stdout);
  expect((await bench.sharewright("review", shown)).stdout).toContain("shares/a (scratch-staging)");
  expect((await it.applyPlan()).exitCode).toBe(0);
  expect(existsSync(at(second, "a"))).toBe(true);
  expect(existsSync(at(second, "b"))).toBe(false);
  writeFileSync(join(at(second, "a"), "data"), "staging a");
  expect((await it.plan()).stdout).toContain(noChanges);

  const drift = await bench.sharewright("plan", it.dir);
  expect(drift.exitCode, drift.stdout + drift.stderr).toBe(0);
  const { stdout } = await bench.sharewright("status", it.dir);
  expect(stdout).toMatch(/shares\/a \(scratch\)[\s\S]*shares\/b +ok[\s\S]*shares\/a \(scratch-staging\)/);
  const listed = JSON.parse((await bench.sharewright("list", it.dir, "--json")).stdout);
  expect(listed.fileSystems.map(({ site, shares }: { site?: string; shares: unknown[] }) => [site, shares.length])).toEqual([
    [undefined, 2],
    ["staging", 1],
  ]);
  const unsaid = await bench.sharewright("release", "shares/a", "--stack", it.dir);
  expect(unsaid.stderr).toContain("--file-system scratch | scratch-staging");
  const ambiguous = await bench.sharewright("repair", "shares/a", "--stack", it.dir);
  expect(ambiguous.stderr).toMatch(
    /several objects "shares\/a"[\s\S]*name one by its address: terraform_data\.prod_a\S* \(scratch\)/,
  );

  // What goes at one site stays at the other.
  await applied(it, describing({ prod: ["a", "b"], staging: [] }));
  expect(existsSync(at(second, "a"))).toBe(false);
  expect(existsSync(join(at(first, "a"), "data"))).toBe(true);
  await applied(it, describing({ prod: ["b"], staging: [] }));
  expect([existsSync(at(first, "a")), existsSync(join(at(first, "b"), "data"))]).toEqual([false, true]);
  expect((await bench.sharewright("plan", it.dir)).exitCode).toBe(0);
}, 300_000);

test("U-01 a site that is written by mistake into what is deployed is refused, loses nothing, and is taken out again", async (context) => {
  if (!bench) return context.skip();
  const own = bench;
  const it = own.stack("mistake");
  for (const dir of [join(own.dir, "sandbox"), other])
    expect((await own.sharewright("sandbox", "reset", "--dir", dir)).exitCode).toBe(0);
  await bootstrapped(own, it);
  await applied(it, describing({ prod: ["a", "b"] }));
  const data = ["a", "b"].map((share) => join(own.mountPoint, "shares", share, "data"));
  for (const file of data) writeFileSync(file, "production");
  const kept = () => data.map((file) => existsSync(file));
  const refused = async (mistake: Wish) => {
    const { exitCode, stdout, stderr } = await it.apply(describing(mistake));
    expect({ exitCode, isTold: `${stdout}${stderr}`.includes("error OTHER_SITE"), kept: kept() }).toEqual({
      exitCode: 1,
      isTold: true,
      kept: [true, true],
    });
  };
  const right = { prod: ["a", "b"], staging: ["a"] };
  await refused({ prod: right.prod, sites: [{ site: "prod" }, {}] });
  await applied(it, describing(right));
  // The worst: the new one takes the address of the claims that are there, and the hooks of those that leave it run at its site.
  await refused({ ...right, sites: [{ site: "prod" }, {}] });
  await applied(it, describing(right));
  expect(kept()).toEqual([true, true]);
  expect((await own.sharewright("plan", it.dir)).exitCode).toBe(0);
}, 300_000);
