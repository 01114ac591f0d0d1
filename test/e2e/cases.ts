// What the end-to-end tests share: both carriers, one small stack, and looks at the storage that need no executor.
import { readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect } from "vitest";
import { describeWithSshd } from "../sshd/describe";
import { overSsh } from "./support/over-ssh";
import {
  type BuildStack,
  type CarrierName,
  type Ended,
  makeWorkbench,
  nullResource,
  type StackBench,
  type Workbench,
} from "./support/terraform";

export const timeout = 600_000;

export type Where = "on this machine" | "on three hosts over SSH";

/** Runs the cases with each carrier that can be had, and once on remote hosts; says so where one cannot be had. */
export function describeCarriers(title: string, cases: (carrier: CarrierName, where: Where) => void): void {
  for (const carrier of ["terraform_data", "null_resource"] as const)
    describe(`${title}, carried by ${carrier}`, { timeout }, () => cases(carrier, "on this machine"));
  const where = "on three hosts over SSH";
  describeWithSshd(`${title}, ${where}`, "sshd and users", () =>
    describe("carried by terraform_data", { timeout }, () => cases("terraform_data", where)),
  );
}

/** A workbench; undefined, and said, where the carrier cannot be had. */
export async function workbenchWith(carrier: CarrierName, where: Where, reach = overSsh): Promise<Workbench | undefined> {
  if (carrier === "null_resource") {
    const { available, how } = await nullResource();
    console.log(`null_resource: ${available ? how : `NOT RUN, ${how}`}`);
    if (!available) return undefined;
  }
  return makeWorkbench(where === "on this machine" ? { carrier } : { carrier, reach });
}

export async function applied(stack: StackBench, build?: BuildStack, ...args: string[]): Promise<Ended> {
  return succeeded("apply", await stack.apply(build, ...args));
}

/** In one go, as users do it: what that does is told before it is done. */
export async function appliedAsPlanned(
  stack: StackBench,
  build?: BuildStack,
): Promise<Ended & { actions: Readonly<Record<string, string>> }> {
  const ended = await applied(stack, build);
  return { ...ended, actions: actionsIn(ended.stdout) };
}

const signs: Readonly<Record<string, string>> = {
  "+": "create",
  "~": "update",
  "-": "delete",
  "-/+": "delete+create",
  "+/-": "create+delete",
};

/** "  # ADDRESS will be created", perhaps a line about why, "  + resource "TYPE" "NAME" {". */
function actionsIn(stdout: string): Record<string, string> {
  const found = [...stdout.matchAll(/^ {2}# (\S+) .*\n(?: {2}# .*\n)*( *\S+) +resource "/gm)].map(
    ([, address = "", sign = ""]) => [address, signs[sign.trim()] ?? sign] as const,
  );
  const [, added, changed, removed] = /^Plan: (\d+) to add, (\d+) to change, (\d+) to destroy\.$/m.exec(stdout) ?? ["", 0, 0, 0];
  const count = (action: string) => found.filter(([, actions]) => actions.split("+").includes(action)).length;
  expect([count("create"), count("update"), count("delete")], stdout).toEqual([added, changed, removed].map(Number));
  return Object.fromEntries(found);
}

function succeeded<T extends Ended>(what: string, ended: T): T {
  if (ended.exitCode !== 0) throw new Error(`${what}: exit ${ended.exitCode}\n${ended.stdout}${ended.stderr}`);
  return ended;
}

export interface SandboxShare {
  path: string;
  projectId: number;
  limitKib: number;
}

interface Status {
  shares: SandboxShare[];
  nodemaps: { name: string; ranges: string[]; filesets: { path: string }[]; level: string }[];
}

export async function status(bench: Workbench): Promise<Status> {
  const { stdout, stderr, exitCode } = await bench.sharewright("sandbox", "status", "--json");
  expect(exitCode, stderr).toBe(0);
  return JSON.parse(stdout) as Status;
}

/** Shares on the storage: path to limit in GiB. */
export async function limits(bench: Workbench): Promise<Record<string, number>> {
  const { shares } = await status(bench);
  return Object.fromEntries(shares.map(({ path, limitKib }) => [path, limitKib / 1024 ** 2]));
}

/** Who may mount what: nodemap ranges by path, ours only. */
export async function grants(bench: Workbench): Promise<Record<string, string[]>> {
  const { nodemaps } = await status(bench);
  const ours = nodemaps.filter(({ name }) => name.startsWith("sw_"));
  const paths = [...new Set(ours.flatMap(({ filesets }) => filesets.map(({ path }) => path)))].sort();
  return Object.fromEntries(
    paths.map((path) => [
      path,
      ours
        .filter(({ filesets }) => filesets.some((fileset) => fileset.path === path))
        .flatMap(({ ranges, level }) => ranges.map((range) => `${range} ${level}`))
        .sort(),
    ]),
  );
}

/** Puts a file into a share, and tells what has to be the same as long as its data has not been touched. */
export function fill(bench: Workbench, path: string): void {
  writeFileSync(join(bench.mountPoint, path, "data"), `data of ${path}`);
}

export function identity(bench: Workbench, path: string): { inode: number; data: string } {
  const directory = join(bench.mountPoint, path);
  return { inode: statSync(directory).ino, data: readFileSync(join(directory, "data"), "utf8") };
}

/** The commands that met the sandbox since `log on`. */
export async function commands(bench: Workbench): Promise<string[]> {
  const { stdout } = await bench.sharewright("sandbox", "log", "show");
  return stdout
    .split("\n")
    .filter(Boolean)
    .map((line) => {
      const { tool, argv } = JSON.parse(line) as { tool: string; argv: string[] };
      return [tool, ...argv].join(" ");
    });
}

export const noChanges = "No changes. Your infrastructure matches the configuration.";
