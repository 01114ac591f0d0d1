// Mounts of the transcripts: what `mount -t lustre EXPORT DIR; echo rc=$?` answered, and what the sandbox answers the same client.
import { mountAs, mountMessage } from "../../../src/sandbox/client-mount";
import type { TestSandbox } from "../sandbox";
import type { Transcript } from "./transcript";

/** Lines whose mounts are replayed; what `ls`, `touch` and mount tables printed besides is mount-as.test.ts' affair. */
export function isMountCase({ command, stdout }: Transcript): boolean {
  return /mount -t lustre [^-\s]\S*:\//.test(command) && /^rc=\d+$/m.test(stdout);
}

export interface MountAnswers {
  exits: number[];
  stderr: string;
}

export function measuredMounts({ stdout, stderr }: Transcript): MountAnswers {
  const exits = [...stdout.matchAll(/^rc=(\d+)$/gm)].map(([, exit]) => Number(exit));
  return { exits, stderr: stderr.replace(/^(?:touch|ls|cat|lfs[ :]|setquota|chown|chmod|real|user|sys|\n).*\n/gm, "") };
}

const client = "192.168.77.2@tcp";

export function replayMounts(sandbox: TestSandbox, { command }: Transcript): MountAnswers {
  const answers: MountAnswers = { exits: [], stderr: "" };
  for (const [, exported = "", where = ""] of command.matchAll(/mount -t lustre ([^-\s]\S*:\/\S*) (\/mnt\/\w+)/g)) {
    const answer = mountAs(sandbox.state(), sandbox.mount, client, exported);
    const exit = "exit" in answer ? answer.exit : 0;
    answers.exits.push(exit);
    if (exit !== 0) answers.stderr += mountMessage(exported, exit, where);
  }
  return answers;
}
