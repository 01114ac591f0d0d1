// Where a host has its tools, for rules of sudo: only places that nobody but root can write to.
import { homedir } from "node:os";
import { basename } from "node:path";
import { ShareError } from "../../core/errors";
import { oneLine } from "../../core/printable";
import type { SshConnectionSpec } from "../../spec/connection";
import { securePath } from "./sudoers-file";

/** Prints the path of each tool, or an empty line. Sudo itself looks for `kill`, the transport for all others. */
const toolScript = `secure=$1; shift; IFS=:; set -f
for tool; do
  case $tool in kill) directories=$secure ;; *) directories=$PATH ;; esac
  found=
  for directory in $directories; do [ -f "$directory/$tool" ] && { found=$directory/$tool; break; }; done
  printf '%s\\n' "$found"
done`;

/** `paths` holds those tools that may be named in rules; the others have to be where packages put them. */
export interface FoundTools {
  paths?: Map<string, string>;
  /** For the administrator; one line each. */
  notes: string[];
}

/** Asks as the user, without sudo, which the file is for. */
export async function findTools(
  { sudo: _, ...connection }: SshConnectionSpec,
  tools: readonly string[],
  environment: NodeJS.ProcessEnv,
): Promise<FoundTools> {
  const { connectionPool, sshTransport } = await import("../../transports/ssh");
  const pool = connectionPool({ environment, home: homedir() });
  const transport = sshTransport(connection, { pool });
  try {
    const { host } = await transport.facts();
    const { stdout, exitCode } = await transport.run({ argv: ["/bin/sh", "-c", toolScript, "sh", securePath, ...tools] });
    if (exitCode !== 0) return { notes: [`Paths of tools are the usual ones: ${host} did not tell them.`] };
    const lines = stdout.split("\n");
    const found = tools.flatMap((tool, index) => {
      const path = lines[index] ?? "";
      return path.startsWith("/") && basename(path) === tool ? [{ tool, path }] : [];
    });
    const looked = await transport.run({ argv: ["/usr/bin/namei", "-l", "--", ...found.map(({ path }) => path)] });
    const safe = rootsAlone(
      found.map(({ path }) => path),
      looked.stdout,
    );
    const missing = tools.filter((tool) => !found.some((each) => each.tool === tool));
    const unsafe = found.filter(({ path }) => !safe.has(path)).map(({ path }) => path);
    return {
      paths: new Map(found.filter(({ path }) => safe.has(path)).map(({ tool, path }) => [tool, path])),
      notes: [
        `Paths of tools are those found on ${host}.`,
        ...(missing.length === 0 ? [] : [`Not found there, so with their usual paths: ${missing.join(", ")}.`]),
        ...(unsafe.length === 0
          ? []
          : [`Not known to be writable by root alone, so with the usual paths instead: ${oneLine(unsafe.join(", "))}.`]),
      ],
    };
  } catch (error) {
    if (!ShareError.isShareError(error)) throw error;
    return { notes: [`Paths of tools are the usual ones: the host could not be asked (${error.code}: ${error.summary}).`] };
  } finally {
    await transport.close();
    await pool.close();
  }
}

/**
 * Those of the paths that nobody but root can put something else in the place of. Pure.
 * @param listing what `namei -l` (util-linux) says of all of them: every directory and link on the way, and what each leads to
 */
export function rootsAlone(paths: readonly string[], listing: string): Set<string> {
  const blocks = listing.split(/^f: /m).slice(1);
  // A name with a line end could pass for the listing of another path.
  if (blocks.length !== paths.length) return new Set();
  return new Set(paths.filter((path, index) => isRootsAlone(path, blocks[index] ?? "")));
}

function isRootsAlone(path: string, block: string): boolean {
  const [head, ...lines] = block.trimEnd().split("\n");
  if (head !== path || !/^-/.test(lines.at(-1)?.trimStart() ?? "")) return false;
  return lines.every((line, index) => {
    const [, kind, mode = "", owner] = /^ *([dl-])([rwxsStT-]{9}) (\S+) +\S+ /.exec(line) ?? [];
    if (kind === undefined || owner !== "root") return false;
    if (kind === "l" || !(mode[4] === "w" || mode[7] === "w")) return true;
    // As in /tmp: others cannot rename what is root's, nor make a directory that is; but files and links can be linked there.
    return kind === "d" && /[tT]$/.test(mode) && /^ *d/.test(lines[index + 1] ?? "");
  });
}
