// "'0/24' dev not on a mounted Lustre filesystem": how lfs names the device of a path (golden c058). Where the path is missing it
// is the root's device that gets named (c059).
import { statSync } from "node:fs";

export function deviceOf(real: string | undefined): string {
  const { dev } = statSync(real ?? "/", { bigint: true });
  const major = ((dev >> 8n) & 0xfffn) | ((dev >> 32n) & 0xfffff000n);
  const minor = (dev & 0xffn) | ((dev >> 12n) & 0xffffff00n);
  return `${major}/${minor}`;
}
