// What real glusterd and gluster printed: the transcripts of test/fixtures/gluster (10.3), and those in which 11.1 differs, by the names of their cases.
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { Result } from "../../../src/core/command";
import { ended } from "../../core/fake-host";

const fixtures = join(__dirname, "../../fixtures");

export interface Golden {
  argv: [string, ...string[]];
  rc: number;
  stdout: string;
  stderr: string;
}

/** golden("info-one"), golden("version", "plain") */
export function golden(name: string, mode: "xml" | "plain" = "xml", folder = "gluster"): Golden {
  return JSON.parse(readFileSync(join(fixtures, folder, `${name}.${mode}.json`), "utf8"));
}

/** golden11("info-new") */
export const golden11 = (name: string, mode: "xml" | "plain" = "xml") => golden(name, mode, "gluster-11");

export function goldenResult(name: string, mode?: "xml" | "plain"): Result {
  const { rc, stdout, stderr } = golden(name, mode);
  return ended(rc, stdout, stderr);
}

/** Names of all cases that were run with --xml. */
export const xmlCases = readdirSync(join(fixtures, "gluster")).flatMap((file) => /^(.*)\.xml\.json$/.exec(file)?.[1] ?? []);
