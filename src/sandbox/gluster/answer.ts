// What a command of gluster answers. With --xml most failures exit 0 and are told by opRet; what is wrong with the command line itself is
// plain text on standard error in both modes (golden create-no-brick, delete-force).

export interface Answer {
  exit: number;
  stdout?: string;
  stderr?: string;
}

export type Xml = { name: string; children: readonly Xml[] } | { name: string; text: string } | { raw: string };

export function element(name: string, content: string | number | readonly Xml[] = ""): Xml {
  return typeof content === "object" ? { name, children: content } : { name, text: String(content) };
}

/** `raw` is one line that is written as it is. */
export function raw(line: string): Xml {
  return { raw: line };
}

export function escapeXml(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");
}

function write(xml: Xml, indent: string): string {
  if ("raw" in xml) return `${indent}${xml.raw}\n`;
  if ("text" in xml)
    return xml.text === "" ? `${indent}<${xml.name}/>\n` : `${indent}<${xml.name}>${escapeXml(xml.text)}</${xml.name}>\n`;
  if (xml.children.length === 0) return `${indent}<${xml.name}/>\n`;
  const inner = xml.children.map((child) => write(child, `${indent}  `)).join("");
  return `${indent}<${xml.name}>\n${inner}${indent}</${xml.name}>\n`;
}

function document(opRet: number, opErrno: number, opErrstr: string, content: readonly Xml[]): string {
  const root = element("cliOutput", [
    element("opRet", opRet),
    element("opErrno", opErrno),
    element("opErrstr", opErrstr),
    ...content,
  ]);
  return `<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n${write(root, "")}`;
}

export interface Done {
  text: string;
  xml: readonly Xml[];
  opErrno?: number;
  opErrstr?: string;
}

export function done(isXml: boolean, { text, xml, opErrno = 0, opErrstr = "" }: Done): Answer {
  return { exit: 0, stdout: isXml ? document(0, opErrno, opErrstr, xml) : text };
}

export interface Refused {
  why: string;
  errno?: number;
  opRet?: number;
  /** Exit code with --xml; without it, it is 1. */
  xmlExit?: number;
  exit?: number;
  /** What stands before the reason on standard error. */
  prefix?: string;
  /** On standard output. */
  text?: string;
  /** In place of prefix and reason. */
  stderr?: string;
  xml?: readonly Xml[];
}

export const errno = {
  generic: 30800,
  busy: 30802,
  snapshotLimit: 30805,
  noVolume: 30806,
  noSnapshot: 30807,
  started: 30809,
  notStarted: 30810,
  volumeExists: 30811,
  snapshotExists: 30812,
  notThin: 30815,
  already: 22,
} as const;

export function refused(isXml: boolean, refusal: Refused): Answer {
  const { why, prefix = "", text = "", xml = [] } = refusal;
  if (isXml) {
    const stdout = document(refusal.opRet ?? -1, refusal.errno ?? errno.generic, why, xml);
    return { exit: refusal.xmlExit ?? 0, stdout };
  }
  return { exit: refusal.exit ?? 1, stdout: text, stderr: refusal.stderr ?? `${prefix}${why}\n` };
}

/** Failures of snapshot commands name the command, not the volume. */
export function snapshotRefusal(isXml: boolean, command: string, why: string, more: Omit<Refused, "why"> = {}): Answer {
  return refused(isXml, { why, prefix: `${command}: failed: `, text: "Snapshot command failed\n", ...more });
}

/** Wrong use: alike in both modes. */
export function usage(why: string, lines: string): Answer {
  return { exit: 1, stderr: `${why === "" ? "" : `${why}\n`}\nUsage:\n${lines}\n\n` };
}

/** Without --mode=script and with nobody to answer: nothing is done, and exit 0 says nothing of it (golden delete-noscript). */
export function unanswered(question: string): Answer {
  return { exit: 0, stdout: `${question} (y/n) gluster cli read error\nInvalid input, please enter y/n\n` };
}
