// A client at work: it writes all the time, until a write fails.
import type { ClientMount } from "../../glusterd/client-mount";
import { until, whenEnded } from "../../sshd/processes";

export interface SteadyWriter {
  /** Resolves when it has been answered once more; throws when it has been stopped by a failure. */
  writesOn(): Promise<void>;
  /** Resolves when a write has failed. */
  isCut(): Promise<void>;
  end(): Promise<void>;
}

// Each line of output is a write that has reached the disk, or that the servers had no room for.
const loop = `while :; do
  said=$(dd if=/dev/zero of="$1" bs=4k count=1 conv=fsync,notrunc status=none 2>&1)
  case "$?$said" in 0* | *"Disk quota exceeded"*) ;; *) echo "$said" >&2; exit 1 ;; esac
  [ "$(stat -f -c %t "$2")" = 65735546 ] || exit 1
  echo answered; sleep 0.02
done`;

export async function steadyWriter({ machine, directory }: ClientMount): Promise<SteadyWriter> {
  const child = machine.start(["sh", "-c", loop, "sh", `${directory}/steady`, directory]);
  let answered = 0;
  let said = "";
  child.stdout.setEncoding("utf8").on("data", (text: string) => (answered += text.split("\n").length - 1));
  child.stderr.setEncoding("utf8").on("data", (text: string) => (said += text));
  const writer: SteadyWriter = {
    async writesOn() {
      const before = answered;
      // The one that is on its way may have been begun before.
      await until(() => answered >= before + 2 || child.exitCode !== null, "another answer");
      if (child.exitCode !== null) throw new Error(`a write failed: ${said}`);
    },
    isCut: () => until(() => child.exitCode === 1, "a write to fail"),
    async end() {
      child.kill("SIGTERM");
      await whenEnded(child);
    },
  };
  await writer.writesOn();
  return writer;
}
