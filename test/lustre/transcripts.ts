// What the commands of a run printed, as transcripts: one file a command, in the form of test/fixtures/golden/lustre, and a list of them.
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { quote } from "../../src/core/quote";
import type { Recorded } from "../../src/fronts/record";

/** Of all processes that recorded into a folder, in the order in which the commands ended. */
export function readRecorded(folder: string): Recorded[] {
  const files = readdirSync(folder).filter((name) => name.endsWith(".ndjson"));
  const lines = files.flatMap((name) => readFileSync(join(folder, name), "utf8").split("\n").filter(Boolean));
  return lines.map((line) => JSON.parse(line) as Recorded).sort((one, other) => one.at - other.at);
}

/** Returns how many there are. `letter` comes first in every name, so that runs can lie side by side. */
export function writeTranscripts(recorded: readonly Recorded[], folder: string, letter = "z"): number {
  mkdirSync(folder, { recursive: true });
  const digits = Math.max(3, String(recorded.length).length);
  const uids = new Map(
    recorded.filter(({ argv }) => argv.join(" ") === "id -u").map(({ host, stdout }) => [host, stdout.trim()]),
  );
  const index = recorded.map((each, number) => {
    const file = `${letter}${String(number).padStart(digits, "0")}-${wordOf(each)}.txt`;
    writeFileSync(join(folder, file), transcriptOf({ ...each, uid: each.uid === "-" ? (uids.get(each.host) ?? "-") : each.uid }));
    return [file, exitOf(each), each.ms, quote(each.argv)].join("\t");
  });
  writeFileSync(join(folder, "INDEX.tsv"), index.map((line) => `${line}\n`).join(""));
  return recorded.length;
}

/** A signal is what a shell makes of it. */
function exitOf({ exit }: Recorded): number {
  return exit ?? 137;
}

function transcriptOf(each: Recorded): string {
  const { host, uid, argv, ms, stdout, stderr } = each;
  const text = (said: string) => (said === "" || said.endsWith("\n") ? said : `${said}\n`);
  return `host: ${host}  uid: ${uid}
$ ${quote(argv)}
--- exit: ${exitOf(each)}
--- elapsed_ms: ${ms}
--- stdout:
${text(stdout)}--- stderr:
${text(stderr)}`;
}

/** "lfs-setquota", "mv". */
function wordOf({ argv: [tool = "", verb = ""] }: Recorded): string {
  const words = ["lfs", "lctl"].includes(tool) && /^[a-z]/.test(verb) ? [tool, verb] : [tool];
  return words.join("-").replaceAll(/[^A-Za-z0-9_-]+/g, "_");
}
