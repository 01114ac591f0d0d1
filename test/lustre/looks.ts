// Looks at the storage that owe nothing to the executor: plain commands, and parsers of the suite's own.
import type { Command, Result } from "../../src/core/command";
import { quote } from "../../src/core/quote";

export type RoleName = "client" | "mds" | "mgs";

export interface Hands {
  /** Any ending. */
  ask(role: RoleName, ...argv: Command["argv"]): Promise<Result>;
  /** Output of a command that has to succeed. */
  must(role: RoleName, ...argv: Command["argv"]): Promise<string>;
}

const patienceMs = 300_000;

export function handsOf(run: (role: RoleName, command: Command) => Promise<Result>): Hands {
  const ask: Hands["ask"] = (role, ...argv) => run(role, { argv, timeoutMs: patienceMs });
  return {
    ask,
    must: async (role, ...argv) => {
      const { exitCode, stdout, stderr } = await ask(role, ...argv);
      if (exitCode !== 0) throw new Error(`on the ${role}, ${quote(argv)}: exit ${exitCode}\n${stdout}${stderr}`);
      return stdout;
    },
  };
}

/** " 1001 P /mnt/lustre/shares/a": P is inherited by new files. */
export async function projectOf(hands: Hands, path: string): Promise<{ id: number; inherit: boolean }> {
  const said = await hands.must("client", "lfs", "project", "-d", path);
  const [, id, flag] = /^\s*(\d+) ([P-]) /.exec(said) ?? [];
  if (id === undefined) throw new Error(`lfs project -d ${path} said: ${said}`);
  return { id: Number(id), inherit: flag === "P" };
}

export interface Limits {
  usedKib: number;
  softKib: number;
  hardKib: number;
  files: number;
  softFiles: number;
  hardFiles: number;
}

/** FILESYSTEM kbytes bquota blimit bgrace files iquota ilimit igrace; a star marks what is over its limit. */
export async function limitsOf(hands: Hands, mount: string, id: number): Promise<Limits> {
  const said = await hands.must("client", "lfs", "quota", "-q", "-p", String(id), mount);
  const [, usedKib, softKib, hardKib, , files, softFiles, hardFiles] = said
    .trim()
    .split(/\s+/)
    .map((word) => Number(word.replace("*", "")));
  const found = { usedKib, softKib, hardKib, files, softFiles, hardFiles };
  if (Object.values(found).some((number) => !Number.isInteger(number))) throw new Error(`lfs quota said: ${said}`);
  return found as Limits;
}

/** "1000:1000 770 directory". */
export async function ownerOf(hands: Hands, path: string): Promise<string> {
  return (await hands.must("client", "stat", "-c", "%u:%g %a %F", path)).trim();
}

export async function exists(hands: Hands, path: string): Promise<boolean> {
  const { exitCode, stderr } = await hands.ask("client", "stat", path);
  if (exitCode !== 0 && !stderr.includes("No such file or directory")) throw new Error(stderr);
  return exitCode === 0;
}

export async function fidOf(hands: Hands, path: string): Promise<string> {
  return (await hands.must("client", "lfs", "path2fid", path)).trim();
}

// ---- nodemaps --------------------------------------------------------------------------------------------------------------

export async function nodemapOf(hands: Hands, nid: string): Promise<string> {
  return (await hands.must("mgs", "lctl", "nodemap_test_nid", nid)).trim();
}

/** Properties that tell what happened rather than what is set. */
const passing = ["exports", "dt_stats", "md_stats", "id"];

/** Every property of the nodemaps that a pattern names; numbers of ranges, which count up, are left out. */
export async function nodemapsLike(hands: Hands, pattern: string): Promise<Map<string, string>> {
  const said = await hands.must("mgs", "lctl", "get_param", `nodemap.${pattern}.*`);
  const found = new Map<string, string>();
  for (const part of said.split(/^(?=nodemap\.)/m)) {
    const [, name = "", property = "", value = ""] = /^nodemap\.([^.]+)\.([^=]+)=([\s\S]*)$/.exec(part) ?? [];
    if (!passing.includes(property)) found.set(`${name}.${property}`, sortedLines(value.replaceAll(/\{ id: \d+,/g, "{")));
  }
  return found;
}

/** Entries of a list have no order of their own. */
function sortedLines(value: string): string {
  const lines = value.trim().split("\n");
  return lines
    .map((line) => line.trim().replace(/,$/, ""))
    .sort()
    .join("\n");
}

/** What is set up of others: it has to be the same at the end. */
export async function nodemapsOfOthers(hands: Hands): Promise<string> {
  const all = await nodemapsLike(hands, "*");
  return [...all]
    .filter(([name]) => !name.startsWith("sw_"))
    .map(([name, value]) => `${name}=${value}`)
    .sort()
    .join("\n");
}
