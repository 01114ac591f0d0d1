// Files of the user who runs this, and paths as people write them: "~" for the home directory. They are read at once: `node:fs/promises` would be loaded
// for them.
import { readFileSync } from "node:fs";
import { join } from "node:path";

export function expandHome(path: string, home: string): string {
  return path === "~" || path.startsWith("~/") ? join(home, path.slice(1)) : path;
}

export function shownPath(path: string, home: string): string {
  return path.startsWith(`${home}/`) ? `~${path.slice(home.length)}` : path;
}

/** "" where it cannot be read. */
export function textIn(file: string): string {
  try {
    return readFileSync(file, "utf8");
  } catch {
    return "";
  }
}
