// A real mount of a volume, as somebody.
import type { Machine } from "./machine";

export interface ClientMount {
  /** Whether the servers let it in. */
  readonly allowed: boolean;
  /** What mount(8) said and the client logged where they did not. */
  readonly message: string;
  /** On the machine. */
  readonly directory: string;
  readonly machine: Machine;
  /** Whether it is mounted and its servers answer. */
  isAlive(): boolean;
  /** Writes so many MiB to a file of the volume's root, each reaching the disk; returns what stopped it, "" if nothing did. */
  write(file: string, mebibytes: number): string;
  unmount(): void;
}

export function mountOn(machine: Machine, location: string): ClientMount {
  const directory = `${machine.directory}/mnt-${location.replace(/[^A-Za-z0-9_.-]/g, "_")}`;
  const log = `${directory}.log`;
  machine.run(["mkdir", "-p", directory]);
  const { stderr } = machine.run(["mount", "-t", "glusterfs", "-o", `log-file=${log}`, location, directory]);
  // mount(8) can say 0 though servers refuse the client, whose mount then vanishes again: only an answer through FUSE counts.
  const isAlive = () => machine.run(["stat", "-f", "-c", "%t", directory], 10).stdout === "65735546\n";
  const allowed = isAlive();
  return {
    allowed,
    message: allowed ? "" : stderr + machine.run(["tail", "-n", "30", log]).stdout,
    directory,
    machine,
    isAlive,
    write(file, mebibytes) {
      if (!isAlive()) return "not mounted";
      const to = `of=${directory}/${file}`;
      const { status, stderr: said } = machine.run(["dd", "if=/dev/zero", to, "bs=1M", `count=${mebibytes}`, "oflag=dsync"], 30);
      return status === 0 ? "" : said;
    },
    unmount: () => void machine.run(["umount", "-l", directory]),
  };
}
