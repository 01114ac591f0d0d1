// Names of project ids. What /etc/projid is on a host is D/etc/projid on all hosts of the sandbox: lines of NAME:ID (golden n6). The
// lfs of 2.16.1 knows no names (from sources).
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { Context } from "./context";
import { isTwoSixteen } from "./state";
import { files } from "./store";

/** 4294967295 is refused: it means "no id" (golden b030). */
const largestId = 4294967294;

/** The id that digits or a name stand for. */
export function projectIdOf(context: Context, text: string): number | undefined {
  const named = namedIds(context).find(({ name }) => name === text)?.id;
  if (named !== undefined) return named;
  return /^\d+$/.test(text) && Number(text) <= largestId ? Number(text) : undefined;
}

export function projectNameOf(context: Context, id: number): string | undefined {
  return namedIds(context).find((named) => named.id === id)?.name;
}

function namedIds(context: Context): { name: string; id: number }[] {
  const file = join(context.dir, files.projectNames);
  if (isTwoSixteen(context.state()) || !existsSync(file)) return [];
  return [...readFileSync(file, "utf8").matchAll(/^([^#:\n][^:\n]*):(\d+)$/gm)].map(([, name = "", id]) => ({
    name,
    id: Number(id),
  }));
}
