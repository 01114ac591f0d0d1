// What real glusterd and gluster printed: the transcripts of test/fixtures/gluster, by the names of their cases.
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { Result } from "../../../src/core/command";
import { ended } from "../../core/fake-host";

const directory = join(__dirname, "../../fixtures/gluster");

export interface Golden {
  argv: [string, ...string[]];
  rc: number;
  stdout: string;
  stderr: string;
}

/** golden("info-one"), golden("version", "plain") */
export function golden(name: string, mode: "xml" | "plain" = "xml"): Golden {
  return JSON.parse(readFileSync(join(directory, `${name}.${mode}.json`), "utf8"));
}

export function goldenResult(name: string, mode?: "xml" | "plain"): Result {
  const { rc, stdout, stderr } = golden(name, mode);
  return ended(rc, stdout, stderr);
}

/** Names of all cases that were run with --xml. */
export const xmlCases = readdirSync(directory).flatMap((file) => /^(.*)\.xml\.json$/.exec(file)?.[1] ?? []);
