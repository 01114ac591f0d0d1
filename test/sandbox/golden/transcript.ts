// Reads the transcripts of test/fixtures/golden/lustre.
import { readFileSync } from "node:fs";
import { join } from "node:path";

export interface Transcript {
  /** "d048" */
  id: string;
  file: string;
  host: string;
  uid: number;
  command: string;
  exit: number;
  stdout: string;
  stderr: string;
}

const directory = join(__dirname, "../../fixtures/golden/lustre");

/** In the order of the measurement. */
export function transcripts(): Transcript[] {
  const index = readFileSync(join(directory, "INDEX.tsv"), "utf8").trimEnd().split("\n");
  return index.map((line) => readTranscript(line.split("\t")[0] ?? ""));
}

export function readTranscript(file: string, folder = directory): Transcript {
  const text = readFileSync(join(folder, file), "utf8");
  const match =
    /^host: (\S+) {2}uid: (\d+)\n\$ ([\s\S]*?)\n--- exit: (\d+)\n.*\n--- stdout:\n([\s\S]*?)--- stderr:\n([\s\S]*)$/.exec(text);
  if (!match) throw new Error(`${file} is not a transcript`);
  const [, host = "", uid, command = "", exit, stdout = "", stderr = ""] = match;
  const id = /^(?:m216(?:lctl)?-)?[a-z]?\d+/.exec(file)?.[0] ?? file;
  return { id, file, host, uid: Number(uid), command, exit: Number(exit), stdout, stderr };
}
