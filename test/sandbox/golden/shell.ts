// Runs the command line of a transcript in this process: words, quotes, `;`, `$?` and the few substitutions that occur. What needs
// more of a shell is left out of the replay by name.
import { cpSync, existsSync, mkdirSync, readdirSync, rmSync, symlinkSync, truncateSync, writeFileSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import type { HostName } from "../../../src/sandbox/hosts";
import type { Answer, TestSandbox } from "../sandbox";

export interface Shell {
  sandbox: TestSandbox;
  /** What the transcripts call the mount. */
  mountPoint: string;
  host: HostName;
  uid: number;
}

export async function runLine(shell: Shell, line: string): Promise<Answer> {
  const total: Answer = { exit: 0, stdout: "", stderr: "" };
  for (const words of await parse(shell, line)) {
    const answer = await runWords(shell, words, total.exit);
    total.stdout += answer.stdout;
    total.stderr += answer.stderr;
    total.exit = answer.exit;
  }
  return total;
}

const nothing: Answer = { exit: 0, stdout: "", stderr: "" };

async function runWords(shell: Shell, words: string[], lastExit: number): Promise<Answer> {
  const [tool = "", ...args] = words;
  const real = (path: string) =>
    path.startsWith(shell.mountPoint) ? shell.sandbox.mount + path.slice(shell.mountPoint.length) : path;
  const paths = args.filter((word) => !word.startsWith("-")).map(real);
  const [first = "", second = ""] = paths;
  if (tool === "fill" && !existsSync(first)) writeFileSync(first, "");
  switch (tool.replace(/^.*\//, "")) {
    case "lfs":
    case "lctl":
    case "chown":
    case "mv":
    case "stat":
    case "df":
      return shell.sandbox.run([tool.replace(/^.*\//, ""), ...args], { host: shell.host, uid: shell.uid });
    case "echo":
      return { ...nothing, stdout: `${args.join(" ").replace("$?", String(lastExit))}\n` };
    case "mkdir":
      for (const path of paths) if (path.startsWith(shell.sandbox.mount)) mkdirSync(path, { recursive: args.includes("-p") });
      return nothing;
    case "touch":
      for (const path of paths) writeFileSync(path, "", { flag: "a" });
      return nothing;
    case "cp":
      cpSync(first, second, { recursive: true });
      return nothing;
    case "ln":
      symlinkSync(args.filter((word) => !word.startsWith("-"))[0] ?? "", second); // always -s; its text is as Lustre would see it
      return nothing;
    case "rm":
      for (const path of paths.flatMap(glob)) rmSync(path, { recursive: true, force: true });
      return nothing;
    case "sleep":
      // what was set for good arrives after 3 to 12 seconds there (golden c009, d194, g030)
      if (Number(args[0]) >= 3) await new Promise((resolve) => setTimeout(resolve, 2 * shell.sandbox.state().persistDelayMs));
      return nothing;
    case "chmod":
      if (shell.uid === 0) return nothing;
      return { ...nothing, exit: 1, stderr: `chmod: changing permissions of '${args[1]}': Operation not permitted\n` };
    case "fill":
      truncateSync(first, 0);
      truncateSync(first, Number(second) * 1024);
      return nothing;
    case "true":
    case "sync":
      return nothing;
    default:
      throw new Error(`the replay knows no '${tool}'`);
  }
}

/** A star in the last name alone. */
function glob(path: string): string[] {
  if (!path.endsWith("*")) return [path];
  return readdirSync(dirname(path))
    .filter((name) => name.startsWith(basename(path).slice(0, -1)))
    .map((name) => join(dirname(path), name));
}

/** One list of words for each command of the line. */
async function parse(shell: Shell, line: string): Promise<string[][]> {
  const commands: string[][] = [[]];
  const tokens = line.matchAll(/;|\s+|((?:\$\((?:[^()]*)\)|"(?:\$\([^()]*\)|[^"])*"|'[^']*'|[^\s;'"$]|\$\?|\$)+)/g);
  for (const [token, word] of tokens) {
    if (token === ";") commands.push([]);
    else if (word !== undefined) commands[commands.length - 1]?.push(await expand(shell, word));
  }
  return commands.filter((words) => words.length > 0);
}

async function expand(shell: Shell, word: string): Promise<string> {
  let text = "";
  for (const [part, substitution, double, single] of word.matchAll(
    /\$\(([^()]*)\)|"((?:\$\([^()]*\)|[^"])*)"|'([^']*)'|[^'"]/g,
  )) {
    if (substitution !== undefined) text += await substitute(shell, substitution);
    else if (double !== undefined) text += await expandDouble(shell, double);
    else text += single ?? part;
  }
  return text;
}

async function expandDouble(shell: Shell, text: string): Promise<string> {
  const substitution = /\$\(([^()]*)\)/.exec(text);
  return substitution ? text.replace(substitution[0], await substitute(shell, substitution[1] ?? "")) : text;
}

async function substitute(shell: Shell, command: string): Promise<string> {
  const long = /^head -c (\d+) \/dev\/zero/.exec(command);
  if (long) return "a".repeat(Number(long[1]));
  if (command.startsWith("printf")) return "n\nl";
  return (await runLine(shell, command)).stdout.trimEnd();
}
