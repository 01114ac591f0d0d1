// Tools of a host that tell of every command run there, and hold one up where the test wants it. They go first in its PATH.
import { chmodSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { findTool } from "../../../src/sandbox/posix/real-tool";
import { until } from "../../sshd/processes";
import { looks, removing } from "./invariants";

export interface SpiedEvent {
  /** "end" is told only of what may change the storage. held: waits to be let go. */
  what: "begin" | "held" | "end";
  /** Which of the host's commands since the last `forget`, from 1. */
  number: number;
  pid: string;
  /** The command line, words joined by blanks. */
  text: string;
}

export interface Hold {
  number: number;
  when: "before" | "after";
}

export interface Spy {
  readonly bin: string;
  /** In the order in which they happened since the last `forget`. */
  events(): SpiedEvent[];
  /** Counts from 1 again. Nothing may be running. */
  forget(): void;
  /** Has a command held up, by its number or by the beginning of its text; each only once. */
  holdUp(hold: Hold | { text: string }): void;
  /** Resolves when a command is held up, or undefined when `ended` has come before. */
  held(ended: Promise<unknown>, where?: string): Promise<SpiedEvent | undefined>;
  /** Lets go what is held up, and holds up nothing any more. */
  letGo(): void;
  /** Temporary files that its shell has made since the last `forget`, and not removed. */
  leftovers(): string[];
  /** Calls back after every command that may have changed something, which waits meanwhile. Returns how to stop. */
  afterEachChange(look: () => void): () => void;
}

/** How long a command waits for a test that may be gone: in steps of so many seconds. */
const patience = { held: { steps: 3_000, of: 0.02 }, inspected: { steps: 2_000, of: 0.005 } };

/** `tools`: the directory of what the host has; a few more that its shell uses are taken from here. */
export function spyOn(tools: string, directory: string): Spy {
  const at = (name: string) => join(directory, name);
  const bin = at("bin");
  for (const path of [bin, at("tmp"), at("seen")]) mkdirSync(path, { recursive: true });
  // Not tee: a lock starts it beside what comes next, and numbers are of what happens in order.
  const names = [...readdirSync(tools).filter((name) => name !== "tee"), "mkfifo"];
  for (const name of names) {
    const own = join(tools, name);
    const real = existsSync(own) ? own : findTool(name, process.env["PATH"] ?? "");
    if (real === undefined) continue;
    writeFileSync(join(bin, name), spyingTool(name, real, directory));
    chmodSync(join(bin, name), 0o755);
  }
  const events = () =>
    readFileSync(at("log"), "utf8")
      .split("\n")
      .flatMap((line): SpiedEvent[] => {
        const [, what, number, pid = "", text = ""] = /^(begin|held|end) (\d+) (\d+) (.*)$/.exec(line) ?? [];
        return what === undefined ? [] : [{ what: what as SpiedEvent["what"], number: Number(number), pid, text }];
      });
  const letGo = () => {
    writeFileSync(at("hold"), "0 - -\n");
    writeFileSync(at("go"), "");
  };
  let told = 0;
  /** Of the log when it was last read for `afterEachChange`. */
  let size = 0;
  const forget = () => {
    told = 0;
    size = 0;
    rmSync(at("go"), { force: true });
    for (const folder of [at("seen"), at("tmp")])
      for (const name of readdirSync(folder)) rmSync(join(folder, name), { recursive: true, force: true });
    for (const [name, text] of Object.entries({ log: "", count: "0\n", hold: "0 - -\n" })) {
      writeFileSync(at(name), text);
      chmodSync(at(name), 0o666); // a host's shell may be another user's
    }
  };
  for (const path of [directory, at("tmp"), at("seen")]) chmodSync(path, 0o777);
  forget();
  return {
    bin,
    events,
    forget,
    holdUp(hold) {
      rmSync(at("go"), { force: true });
      writeFileSync(at("hold"), "text" in hold ? `- before ${hold.text}\n` : `${hold.number} ${hold.when} -\n`);
    },
    async held(ended, where = "") {
      let isOver = false;
      void ended.then(() => {
        isOver = true;
      });
      const find = () => events().find(({ what }) => what === "held");
      await until(() => isOver || find() !== undefined, `the command that is to be held up ${where}`);
      return find();
    },
    letGo,
    leftovers: () => readdirSync(at("tmp")),
    afterEachChange(look) {
      const answer = () => {
        const now = statSync(at("log")).size;
        if (now === size) return;
        size = now;
        const ends = events().filter(({ what }) => what === "end");
        for (const { pid } of ends.slice(told)) {
          look();
          writeFileSync(join(at("seen"), pid), "");
        }
        told = Math.max(told, ends.length);
      };
      writeFileSync(at("watched"), "");
      const timer = setInterval(answer, 2);
      return () => {
        clearInterval(timer);
        rmSync(at("watched"), { force: true });
        answer();
      };
    },
  };
}

/**
 * In sh, for it is started hundreds of times. What only looks becomes the real tool, as does what lives as long as a lock; else this
 * stays its parent, with all that it inherited: the lock with it.
 */
function spyingTool(name: string, real: string, directory: string): string {
  const patterns = looks.filter((look) => look.split(" ")[0] === name).map((look) => `${quoted(look)}*`);
  const look = patterns.length === 0 ? "" : `  *${quoted(removing)}*) ;;\n  ${patterns.join(" | ")}) exec "$real" "$@" ;;\n`;
  return `#!/bin/sh
real=${quoted(real)} dir=${quoted(directory)} text="${name} $*"
case $text in mktemp*) export TMPDIR="$dir/tmp" ;; esac
read -r number <"$dir/count" || number=0
number=$((number + 1))
echo "$number" >"$dir/count"
tell() { printf '%s %s %s %s\\n' "$1" "$number" "$$" "$text" >>"$dir/log"; }
wait_for() {
  tries=0
  until [ -e "$1" ] || [ "$tries" = "$2" ] || [ ! -e "$dir/log" ]; do sleep "$3"; tries=$((tries + 1)); done
}
hold() {
  read -r held when start <"$dir/hold" || return
  case $when$held in
    $1$number) ;;
    $1-)
      case $text in "$start"*) ;; *) return ;; esac
      echo "0 - -" >"$dir/hold" ;;
    *) return ;;
  esac
  tell held
  wait_for "$dir/go" ${patience.held.steps} ${patience.held.of}
}
tell begin
hold before
case $text in
${look}  *) ;;
esac
"$real" "$@"
status=$?
tell end
[ -e "$dir/watched" ] && wait_for "$dir/seen/$$" ${patience.inspected.steps} ${patience.inspected.of}
hold after
exit $status
`;
}

function quoted(text: string): string {
  return `'${text.replaceAll("'", "'\\''")}'`;
}
