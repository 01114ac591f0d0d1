// Directories of the rig say whose they are, so that what a killed run left behind can be told from what another run uses now.
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { sharedFolder } from "../memory";
import { isAlive, kill, processes } from "../sshd/processes";

const prefix = "sharewright-glusterd-";

/** Makes a directory that nobody has; undefined if somebody has it. */
export function takeDirectory(name: string): string | undefined {
  const directory = join(sharedFolder(), `${prefix}${name}`);
  try {
    mkdirSync(directory, { mode: 0o755 });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "EEXIST") return undefined;
    throw error;
  }
  writeFileSync(join(directory, "owner"), String(process.pid));
  return directory;
}

/** Ends what runs of other processes that have ended left. */
export async function removeLeftovers(): Promise<void> {
  for (const name of readdirSync(sharedFolder()).filter((one) => one.startsWith(prefix))) {
    const directory = join(sharedFolder(), name);
    const owner = Number(read(join(directory, "owner")));
    if (!(owner > 0) || isAlive(owner)) continue;
    await kill(usersOf(directory));
    rmSync(directory, { recursive: true, force: true });
  }
}

/** Processes that name a path below the directory. */
export function usersOf(directory: string): number[] {
  return processes()
    .filter(({ pid, state }) => state !== "Z" && read(`/proc/${pid}/cmdline`).includes(`${directory}/`))
    .map(({ pid }) => pid);
}

function read(path: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return "";
  }
}
