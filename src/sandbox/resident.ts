// A server that answers stand-ins, so that a command costs the start of /bin/sh and not of Node. A stand-in hands over to the file
// D/resident/client: it writes its process id into one FIFO and runs what the server writes into a FIFO of its own, a shell script that prints
// what the command says and exits as it does. What was asked for stands in /proc.
import { execFileSync } from "node:child_process";
import { constants, mkdirSync, openSync, readFileSync, readlinkSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { Socket } from "node:net";
import { join } from "node:path";
import type { Io } from "./io";
import { replyTo } from "./reply";
import { quote, shellPrintf } from "./shell-text";
import { standIn } from "./stand-in";

const folder = "resident";
const names = { asks: "asks", pid: "pid", client: "client" } as const;

/** What a stand-in hands over to, where it is there. */
export function clientOf(dir: string): string {
  return join(dir, folder, names.client);
}

/** Answers until it is closed. `fallback`: what a client starts when the server is gone, with its own arguments behind it. */
export function serveResident(dir: string, fallback: string): { close: () => void } {
  const place = join(dir, folder);
  rmSync(place, { recursive: true, force: true });
  mkdirSync(place);
  const asks = join(place, names.asks);
  execFileSync("mkfifo", [asks]);
  // For writing as well, so that it never ends while no client has it open.
  const socket = new Socket({ fd: openSync(asks, constants.O_RDWR | constants.O_NONBLOCK), readable: true, writable: false });
  const server = serverOf(dir, place);
  let rest = "";
  socket.setEncoding("utf8").on("data", (text: string) => {
    const lines = `${rest}${text}`.split("\n");
    rest = lines.pop() ?? "";
    for (const line of lines) server.hear(line);
  });
  writeFileSync(join(place, names.pid), `${process.pid}\n`);
  // Appears whole: commands of others may be on their way.
  const client = join(place, names.client);
  writeFileSync(`${client}.new`, clientText(place, fallback), { mode: 0o755 });
  renameSync(`${client}.new`, client);
  return {
    close: () => {
      rmSync(place, { recursive: true, force: true });
      socket.destroy();
    },
  };
}

/**
 * TOOL HOST ARGS... A server that died without a word, even one that nobody has reaped, is not waited for. The FIFO is opened for reading too, so that opening does not wait. A
 * script that ends without `exit` is a server that died on the way: whether the command has worked is not known then.
 */
function clientText(place: string, fallback: string): string {
  const at = quote(place);
  return `#!/bin/sh
if { read -r server < ${at}/${names.pid} && [ -e "/proc/$server/exe" ] && mkfifo ${at}/$$; } 2> /dev/null; then
  echo $$ 1<> ${at}/${names.asks}
  . ${at}/$$
  echo "$1: the sandbox's server has died" >&2
  exit 1
fi
tool=$1 host=$2
shift 2
${fallback}
`;
}

// ---- the server's side -----------------------------------------------------------------------------------------------------

function serverOf(dir: string, place: string): { hear: (line: string) => void } {
  /** Real tools that clients run for us now, by process id. */
  const running = new Map<string, (exit: number) => void>();
  return {
    /** "PID" asks; "PID EXIT" tells how a real tool has ended. */
    hear: (line) => {
      const [pid = "", exit] = line.split(" ");
      if (exit === undefined) void answer(dir, place, pid, running);
      else running.get(pid)?.(Number(exit));
    },
  };
}

async function answer(dir: string, place: string, pid: string, running: Map<string, (exit: number) => void>): Promise<void> {
  const reply = replyTo(join(place, pid), pid);
  const caller = readClient(pid);
  // Killed before it was heard: nobody waits for the answer.
  if (!caller) return reply.end("");
  const { tool, host, args, ...client } = caller;
  // Thousands of lines are not thousands of writes, as they are none of a tool that prints into a pipe.
  let said = "";
  const say = (more = "") => {
    const script = said === "" ? more : `${shellPrintf(said)}\n${more}`;
    said = "";
    if (script !== "") reply.write(script);
  };
  const io: Io = {
    ...client,
    stdout: (text) => {
      if (said === "") queueMicrotask(say);
      said += text;
    },
    stderr: (text) => say(`${shellPrintf(text)} >&2\n`),
    real: (path, words) =>
      new Promise((resolve) => {
        running.set(pid, (exit) => {
          running.delete(pid);
          resolve(exit);
        });
        say(`${[path, ...words].map(quote).join(" ")}\necho "$$ $?" 1<> ${quote(join(place, names.asks))}\n`);
      }),
  };
  try {
    const exit = await standIn(tool, [host, dir, ...args], io);
    say();
    reply.end(`exit ${exit}\n`);
  } catch (error) {
    say();
    const text = `the sandbox failed: ${error instanceof Error ? error.stack : error}\n`;
    reply.end(`${shellPrintf(text)} >&2\nexit 1\n`);
  }
}

interface Client extends Pick<Io, "env" | "cwd" | "process"> {
  tool: string;
  host: string;
  args: string[];
}

function readClient(pid: string): Client | undefined {
  const listOf = (name: string) => readFileSync(`/proc/${pid}/${name}`, "utf8").split("\0").slice(0, -1);
  try {
    const [, , tool = "", host = "", ...args] = listOf("cmdline");
    const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
    const ppid = Number(stat.slice(stat.lastIndexOf(")") + 2).split(" ")[1]);
    const env = Object.fromEntries(
      listOf("environ").map((entry) => {
        const at = entry.indexOf("=");
        return [entry.slice(0, at), entry.slice(at + 1)];
      }),
    );
    return { tool, host, args, env, cwd: readlinkSync(`/proc/${pid}/cwd`), process: { pid: Number(pid), ppid } };
  } catch (error) {
    if (["ENOENT", "ESRCH"].includes((error as NodeJS.ErrnoException).code ?? "")) return undefined;
    throw error;
  }
}
