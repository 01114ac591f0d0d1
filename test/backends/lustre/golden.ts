// What real lfs and lctl printed: the transcripts of test/fixtures/golden/lustre, by the first word of their file names.
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

const directory = join(__dirname, "../../fixtures/golden/lustre");
const files = readdirSync(directory);

export interface Golden {
  command: string;
  exit: number;
  stdout: string;
  stderr: string;
}

/** golden("b003"), golden("m216-014"), golden("m216lctl-009") */
export function golden(id: string): Golden {
  const [file, ...others] = files.filter((name) => name.startsWith(`${id}-`) && name.endsWith(".txt"));
  if (file === undefined || others.length > 0)
    throw new Error(`${id} names ${file === undefined ? "no" : "more than one"} transcript`);
  const match = /^host: .*\n\$ ([\s\S]*?)\n--- exit: (\d+)\n.*\n--- stdout:\n([\s\S]*?)--- stderr:\n([\s\S]*)$/.exec(
    readFileSync(join(directory, file), "utf8"),
  );
  if (!match) throw new Error(`${file} is no transcript`);
  const [, command = "", exit, stdout = "", stderr = ""] = match;
  return { command, exit: Number(exit), stdout, stderr };
}
