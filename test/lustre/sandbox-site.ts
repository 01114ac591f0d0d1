// Bare sandboxes for tests of the acceptance suite: the settings of one, and what has to be left of it at the end.
import { appendFileSync, mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect } from "vitest";
import { readState } from "../../src/sandbox/store";
import { bundle, type Ended, execute, expectSuccess } from "../executor/support";
import type { Outcome } from "./run";
import { readSetting, type Setting } from "./setting";

export interface BareSite {
  parent: string;
  dir: string;
  workDir: string;
  sandbox(command: string, ...args: string[]): Promise<Ended>;
  setting(more?: Record<string, string>): Setting;
  /** Everything is as before the suite was run, but for what `bootstrap` does. */
  expectNothingLeft(): void;
  stop(): Promise<void>;
}

export async function bareSite(): Promise<BareSite> {
  const parent = mkdtempSync(join(tmpdir(), "sharewright-acceptance-"));
  const dir = join(parent, "sandbox");
  const sandbox: BareSite["sandbox"] = (command, ...args) =>
    execute([process.execPath, bundle, "sandbox", command, "--dir", dir, ...args]);
  expectSuccess(["sandbox", "start"], await sandbox("start", "--bare", "--resident", "--hours", "1"));
  appendFileSync(join(dir, "etc/passwd"), "alice:x:1000:1000::/home/alice:/bin/sh\n");
  return {
    parent,
    dir,
    workDir: join(parent, "work"),
    sandbox,
    setting: (more = {}) => settingOf(dir, more),
    expectNothingLeft: () => expectNothingLeft(dir),
    stop: async () => {
      await sandbox("stop");
      rmSync(parent, { recursive: true, force: true });
    },
  };
}

function settingOf(dir: string, more: Record<string, string>): Setting {
  const target = `${process.execPath} ${bundle} sandbox target`;
  const setting = readSetting({
    SHAREWRIGHT_LUSTRE_FSNAME: "scratch",
    SHAREWRIGHT_LUSTRE_MOUNT: join(dir, "mnt"),
    SHAREWRIGHT_LUSTRE_NIDS: "10.0.0.1@tcp",
    SHAREWRIGHT_LUSTRE_CLIENT: JSON.stringify({ path: [join(dir, "bin")] }),
    SHAREWRIGHT_LUSTRE_TENANT: `sandbox:${dir}`,
    SHAREWRIGHT_LUSTRE_TENANT_NID: "10.0.5.7@tcp",
    SHAREWRIGHT_LUSTRE_OST_DOWN: `${target} down OST0001 --dir ${dir}`,
    SHAREWRIGHT_LUSTRE_OST_UP: `${target} up OST0001 --dir ${dir}`,
    SHAREWRIGHT_LUSTRE_BOOTSTRAP: "yes",
    ...more,
  });
  if (!setting) throw new Error("nothing is set");
  return setting;
}

function expectNothingLeft(dir: string): void {
  const { nodemaps, mounts, quotas, targets } = readState(dir);
  expect(nodemaps.map(({ name }) => name).filter((name) => !["default", "sw_trusted"].includes(name))).toEqual([]);
  expect(mounts).toEqual([]);
  expect(Object.values(quotas).filter(({ blockHard, inodeHard }) => blockHard + inodeHard > 0)).toEqual([]);
  expect(targets.filter(({ up }) => !up)).toEqual([]);
  expect(readdirSync(join(dir, "mnt")).filter((name) => name !== ".sharewright")).toEqual([]);
  for (const folder of ["shares", "rules", "trash", "staging", "projects"])
    expect(readdirSync(join(dir, "mnt/.sharewright", folder)).filter(isLeft)).toEqual([]);
}

/** Which project id was given last is kept: one that is used again at once is held to its old limit. */
const isLeft = (name: string) => !name.startsWith("last-");

export const verdicts = (outcomes: readonly Outcome[]) => outcomes.map(({ verdict }) => verdict);

/** Empty, or what has failed and why. */
export const failures = (outcomes: readonly Outcome[]) => outcomes.filter(({ verdict }) => verdict === "FAILED");
