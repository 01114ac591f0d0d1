// What executors did to clusters, command by command.
import type { Around } from "../in-process";

/** How commands begin that change nothing, without `--mode=script --xml`. */
const looks =
  /^(gluster (volume (info|status|quota \S+ list)|pool list|snapshot (list|info)|--version)|cat|test|findmnt|mount\.glusterfs|df|id|flock|stat|getfattr|find (?!.*-delete))/;

export function withoutModes(text: string): string {
  return text.replace("gluster --mode=script --xml ", "gluster ");
}

export function changes(text: string): boolean {
  return !looks.test(withoutModes(text));
}

/** What is done to volumes and bricks: neither run directories nor mount points. */
export function isOfGluster(text: string): boolean {
  return text.startsWith("gluster ") || text.startsWith("rm ");
}

export interface Recorded {
  around: Around;
  /** Commands that change something, without what they say of records. */
  changing: () => string[];
}

export function recorded(): Recorded {
  const texts: string[] = [];
  return {
    around: async ({ text }, go) => {
      const result = await go();
      if (changes(text) && isOfGluster(text)) texts.push(withoutRecords(withoutModes(text)));
      return result;
    },
    changing: () => [...texts],
  };
}

/** Records by their names, last and sorted. */
function withoutRecords(text: string): string {
  const names = [...text.matchAll(/ (user\.\S+) \S+/g)].map(([, name]) => name).sort();
  return [text.replace(/ user\.\S+ \S+/g, ""), ...names].join(" ");
}
