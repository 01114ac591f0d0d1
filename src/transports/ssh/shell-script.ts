// The text that the shell on the host reads: its functions, and what to write for each command. Plain POSIX sh: dash, bash, busybox ash.
import { type Command, hole } from "../../core/command";
import { quote, quoteWord } from "../../core/quote";
import { noteOf } from "../../core/transport";

/** Descriptors of the shell that can hold a lock: all that a POSIX shell lets us name, but for standard streams and two we work with. */
export const lockDescriptors = [5, 6, 7, 8, 9];

/** Words of a frame, alike on both streams: number, status ("-": not run, "held": the lock is somebody's), 1 if a signal of ours was obeyed (of "hello": the process id). */
const helloStatus = "hello";
export const notRunStatus = "-";
export const heldStatus = "held";
/** The only word of a frame, on standard error, as soon as a signal is obeyed. */
export const heardWord = "heard";

/**
 * Functions of the shell. Why they are as they are:
 * - A lock is had when its holder says our own name again: PAM modules of sudo may say something, too.
 * - Sudo closes what a command would inherit, but stays as its parent, which keeps it; where it does not (is_exec), a lock would not last.
 * - A command runs in the background, because only `wait` lets the shell obey a signal, and in a session of its own (setsid), because OpenSSH
 *   signals the whole process group: the command would hear of it twice, and holders of locks would die of it.
 * - `exec` never takes a builtin or a function for a tool. With sudo the tool's absolute path is given, since sudo searches a path of its own.
 * - The shell's own tools (mktemp, mkfifo, rm) are the system's: the directories of the connection's path are for commands.
 * - A signal may come twice, by two ways; a command hears of TERM once.
 * - A frame that cannot be written ends the shell: nobody is there to hear of further steps. But not amid commands that are joined: those go on, and
 *   since they are one compound command, the shell has all of them before it begins.
 * - `wait` that was interrupted is asked again; 127 then means that it had ended before.
 */
const functions = String.raw`
lost() {
  [ "$whole" ] || exit
  whole=lost
}
frame() {
  printf '\n%s %s %s %s\n' "$nonce" "$number" "$status" "${"${told:-0}"}" || lost
  printf '\n%s %s %s %s\n' "$nonce" "$number" "$status" "${"${told:-0}"}" >&2 || lost
  number=$((number + 1))
  case $status$told in 0 | - | held) ;; *) [ "$strict" ] && go= strict= failures=$((failures + 1)) ;; esac
}
find_tool() {
  tool=
  case $1 in
    */*) if [ "$sudo" ] || [ -e "$1" ]; then tool=$1; fi ;;
    *)
      for directory in $tools; do
        if [ -f "$directory/$1" ] && { [ "$sudo" ] || [ -x "$directory/$1" ]; }; then
          tool=$directory/$1
          break
        fi
      done ;;
  esac
  [ "$tool" ] || { printf '%s: command not found\n' "$1" >&2; exit 127; }
}
reap() {
  wait "$1" 2>/dev/null
  status=$?
  while [ "$told" = 1 ]; do
    told=seen
    wait "$1" 2>/dev/null
    again=$?
    [ "$again" = 127 ] || status=$again
  done
  [ "$told" = seen ] && told=1
}
heard() {
  told=1
  printf '\n%s heard\n' "$nonce" >&2 || lost
}
signals() {
  trap '[ "$told" ] || end_child TERM; heard' TERM
  trap 'end_child KILL; heard' USR1
}
run() {
  launched "$@" </dev/null &
  child=$!
  reap "$child"
  child=
}
take() {
  descriptor=$1
  shift
  told=
  status=74
  directory=$(mktemp -d 2>/dev/null || mktemp -d /tmp/sharewright.XXXXXX) || return
  mkfifo "$directory/in" "$directory/out" || { rm -rf "$directory"; return; }
  (umask 077; launched flock "$@" "$file" tee "$note" <"$directory/in" >"$directory/out" 5>&- 6>&- 7>&- 8>&- 9>&-) &
  child=$!
  eval "exec $descriptor<>\"\$directory/in\""
  exec 4<"$directory/out"
  rm -rf "$directory"
  printf '%s\n' "$name" >&"$descriptor"
  (while IFS= read -r line; do [ "$line" = "$name" ] && exit; done; exit 1) <&4 &
  reader=$!
  exec 4<&-
  reap "$reader"
  refused=1
  if [ "$status" = 0 ] && is_exec; then
    printf '%s: does not stay the parent of what it runs, so no command would inherit a lock\n' "$sudo" >&2
    refused=75 status=75
  fi
  if [ "$status" = 0 ]; then
    eval "holder$descriptor=$child"
  else
    eval "exec $descriptor>&-"
    reap "$child"
    [ "$status" = 0 ] && status=$refused
  fi
  child=
}
is_exec() {
  running=
  [ "$sudo" ] && IFS= read -r running 2>/dev/null <"/proc/$child/comm"
  [ "$running" = flock ]
}
release() {
  told=
  eval "exec $1>&-"
  eval "wait \"\$holder$1\"" 2>/dev/null
  status=0
}
`;

/** What is run through sudo: `launched` becomes the command, so that its process is the one that is waited for and signalled. */
function launching(sudo: readonly string[]): string {
  const words = quote(sudo);
  if (sudo.length === 0)
    return `sudo=
launched() { find_tool "$1"; PATH=$tools; exec $setsid "$@"; }
end_child() { [ "$child" ] && { kill -s "$1" "$child"; [ "$1" = TERM ] || kill -s "$1" -- "-$child"; } >/dev/null 2>&1; }`;
  return `sudo=${quoteWord(sudo[0] ?? "")}
launched() {
  find_tool "$1"
  shift
  wanted=$tool sudo=
  find_tool ${quoteWord(sudo[0] ?? "")}
  exec $setsid ${words} "$wanted" "$@"
}
end_child() {
  [ "$child" ] || return 0
  if [ "$1" = TERM ]; then ${words} kill -s TERM "$child"; else ${words} kill -s KILL -- "-$child" "$child"; fi >/dev/null 2>&1 </dev/null
}`;
}

export interface ShellSetting {
  nonce: string;
  /** Directories searched for tools before the PATH. */
  path: readonly string[];
  /** Words put before every command. */
  sudo: readonly string[];
}

/** The first text of a shell; it ends in a frame, so that what login files print before it can be told from what commands print. */
export function prologue({ nonce, path, sudo }: ShellSetting): string {
  const directories = path.map((directory) => `${quoteWord(directory)}:`).join("");
  return `LC_ALL=C PATH=$PATH:/usr/local/sbin:/usr/sbin:/sbin:/usr/local/bin:/usr/bin:/bin
export LC_ALL PATH
tools=${directories}$PATH
unset ENV BASH_ENV CDPATH
set -f
IFS=: nonce=${nonce} number=0 failures=0 child= told= strict= whole=
setsid=; command -v setsid >/dev/null 2>&1 && setsid=setsid
${launching(sudo)}
${functions.trim()}
signals
status=${helloStatus} told=$$; frame
`;
}

/**
 * A list; the shell answers with one frame on each stream for each command, run or not. `failures`: how many lists of steps are known to have
 * failed in this shell; if it knows of more, one did after this was asked for, and nothing is run.
 */
export function listText(commands: readonly Command[], as: "steps" | "looks", failures = 0): string[] {
  const referred = new Set(commands.flatMap(({ given }) => (given ? [given.of] : [])));
  const forget = referred.size === 0 ? "" : `unset ${[...referred].map((place) => `output${place}`).join(" ")}\n`;
  return commands.map((command, place) => {
    const run = within(commands, place, item(command, referred.has(place) ? place : undefined));
    return place === 0 ? `${guard(failures, as)}${forget}${run}` : run;
  });
}

/** What is joined is one compound command: read as a whole before the first of it is run. */
function within(commands: readonly Command[], place: number, text: string): string {
  const isJoined = commands[place]?.joined === true;
  const goesOn = commands[place + 1]?.joined === true;
  const begin = goesOn && !isJoined ? "{ trap '' PIPE; whole=1\n" : "";
  const end = isJoined && !goesOn ? 'trap - PIPE; [ "$whole" = lost ] && exit; whole=\n}\n' : "";
  return `${begin}${text}${end}`;
}

/** A lock: a frame "held" with the holder's name if somebody has it, and a frame for the end. */
export function lockText(descriptor: number, file: string, seconds: number, name: string, failures: number): string {
  return `${guard(failures)}status=- file=${quoteWord(file)} note=${quoteWord(noteOf(file))} name=${quoteWord(name)}
if [ "$go" ]; then
take ${descriptor} -n
if [ "$status" = 1 ]; then (launched cat "$note") </dev/null 2>/dev/null; status=held; frame; take ${descriptor} -w ${seconds}; fi
fi
frame
`;
}

/** Read by a second shell: signals the first one with its subshells. Commands and holders of locks are in groups of their own. */
export function signalText(name: "TERM" | "USR1", pid: number): string {
  return `kill -s ${name} -- -${pid} 2>/dev/null || kill -s ${name} ${pid}\n`;
}

/** Not subject to what became of others. */
export function releaseText(descriptor: number): string {
  return `strict=\nrelease ${descriptor}\nframe\n`;
}

function guard(failures: number, as: "steps" | "looks" = "looks"): string {
  return `go= told= strict=${as === "steps" ? "1" : ""}; [ "$failures" = ${failures} ] && go=1\n`;
}

function item(command: Command, place?: number): string {
  const call = place === undefined ? running(command) : capturing(command, place);
  return `told= status=-\nif [ "$go" ]${condition(command)}; then\n${call}\nfi\nframe\n`;
}

function running({ argv, stdin, daemon }: Command): string {
  const closed = daemon ? lockDescriptors.map((descriptor) => ` ${descriptor}>&-`).join("") : "";
  const words = argv.map((word) => (word === hole ? '"$digits"' : quoteWord(word))).join(" ") + closed;
  if (stdin === undefined) return `run ${words}`;
  // A builtin's arguments have no limit, and are seen in no list of processes. No shell can hold a NUL in a word.
  const input = stdin.split("\0").map((part) => `printf %s ${quoteWord(part)}`);
  return `{ ${input.join("; printf '\\000'; ")}; } 2>/dev/null | launched ${words} &\nchild=$!\nreap "$child"\nchild=`;
}

/**
 * Keeps the output for later conditions. A substitution takes off line feeds at the end, which the "x" prevents; NULs are lost. The shell obeys a
 * signal only after it, so the subshell has to: OpenSSH signals both. A server that signals only the shell will be left at the deadline.
 */
function capturing(command: Command, place: number): string {
  const kept = `output${place}`;
  return `${kept}=$(
signals
${running(command)}
printf x
exit "$status")
status=$? ${kept}=\${${kept}%x}
printf %s "$${kept}"`;
}

/** The meaning of `argvGiven`, on the host. */
function condition({ given }: Command): string {
  if (!given) return "";
  const kept = `output${given.of}`;
  const holds = `case $${kept} in *${literal(given.says)}*) ${given.not ? "false" : "true"} ;; *) ${given.not ? "true" : "false"} ;; esac`;
  const known = ` && [ "\${${kept}+x}" ] && ${holds}`;
  if (given.digitsAfter === undefined) return known;
  const digits = `before=${literal(given.digitsAfter)} digits=
case $${kept} in *"$before"*) digits=\${${kept}#*"$before"} digits=\${digits%%[!0-9]*} ;; esac
[ "$digits" ]`;
  return `${known} && {\n${digits}\n}`;
}

/** Quoted always: in a pattern, words that need no quotes elsewhere would mean something. */
function literal(text: string): string {
  return `'${text.replaceAll("'", "'\\''")}'`;
}
