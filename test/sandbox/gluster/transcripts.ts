// Transcripts of the real gluster 10.3, and of 11.1 where it differs: one file a command and mode. Commands run with standard input closed.
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

export interface Transcript {
  /** "set-user" */
  name: string;
  mode: "plain" | "xml";
  argv: string[];
  rc: number;
  stdout: string;
  stderr: string;
}

/** `folder` of the fixtures. */
export function transcripts(folder: "gluster" | "gluster-three" | "gluster-11"): Transcript[] {
  const directory = join(__dirname, "../../fixtures", folder);
  return readdirSync(directory)
    .filter((file) => /\.(plain|xml)\.json$/.test(file))
    .map((file) => JSON.parse(readFileSync(join(directory, file), "utf8")) as Transcript);
}
