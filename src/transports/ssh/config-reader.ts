// Reads ~/.ssh/config for one host as ssh does (readconf.c of OpenSSH 9.2): the first value found wins. test/transports/ssh/user-config-as-ssh.test.ts
// compares it with `ssh -G`.
import { closeSync, fstatSync, openSync, readFileSync } from "node:fs";
import type { ShareError } from "../../core/errors";
import { fault } from "../faults";
import { globFiles } from "./config-glob";
import { isOwn } from "./config-owner";
import { firstWord, matchesList, matchesPattern, splitArguments } from "./config-text";
import { shownPath } from "./home";

/** Values as they are written, tokens and "none" included, but for the name of the host; absent: not set. */
export interface RawConfig {
  hostName?: string;
  user?: string;
  port?: number;
  identityFiles: string[];
  certificateFiles: string[];
  identitiesOnly?: boolean;
  identityAgent?: string;
  /** "user@host:port", separated by commas: the first is connected to first. */
  proxyJump?: string;
  proxyCommand?: string;
  knownHostsFiles?: string[];
  globalKnownHostsFiles?: string[];
  hostKeyAlias?: string;
  canonicalizeHostname?: string;
  revokedHostKeys?: string;
}

export type Option = keyof RawConfig;

export interface Question {
  /** As it would be given to ssh. */
  host: string;
  /** Of the user who runs this. */
  home: string;
  localUser: string;
  /** What the connection says itself: it is neither looked for nor judged. */
  explicit: ReadonlySet<Option>;
  /** With which it says it: `ssh -l USER -p PORT`. */
  user?: string | undefined;
  port?: number | undefined;
}

/** Whether lines count for the host; a text: that is decided by what is not evaluated here. */
type Active = boolean | string;

interface Reading extends Question {
  found: RawConfig;
  isFinal: boolean;
  wantsFinal: boolean;
}

interface Line {
  place: string;
  keyword: string;
  /** What follows the keyword, as it is written. */
  text: string;
  words: string[];
}

// As deep as ssh follows.
const maxIncludeDepth = 16;

/** Throws where ssh would end, and where what is not evaluated here decides. */
export async function readConfig(question: Question): Promise<RawConfig> {
  const { user, port, home } = question;
  const found: RawConfig = { identityFiles: [], certificateFiles: [] };
  if (user !== undefined) found.user = user;
  if (port !== undefined) found.port = port;
  const reading: Reading = { ...question, found, isFinal: false, wantsFinal: false };
  const file = `${home}/.ssh/config`;
  await readFile(reading, file, { outer: true, depth: 0 });
  if (found.hostName !== undefined || reading.wantsFinal) found.hostName = addressIn(reading);
  // Host blocks are asked for the name that is connected to then.
  if (reading.wantsFinal) await readFile({ ...reading, isFinal: true }, file, { outer: true, depth: 0 });
  return found;
}

/** The name that is connected to. */
function addressIn({ found, host, isFinal }: Reading): string {
  if (isFinal) return found.hostName ?? host;
  const expanded = found.hostName?.replace(/%(.?)/g, (token, letter: string) => {
    if (letter === "h") return host;
    if (letter === "%") return "%";
    throw notUnderstood(host, "~/.ssh/config", `HostName holds ${token}, which is filled in by nothing`);
  });
  return (expanded ?? host).toLowerCase();
}

/** `outer`: whether the line that includes it counts. */
async function readFile(reading: Reading, file: string, { outer, depth }: { outer: Active; depth: number }): Promise<void> {
  const { host, home } = reading;
  const shown = shownPath(file, home);
  if (depth > maxIncludeDepth) throw notUnderstood(host, shown, "files include each other without end");
  const text = textOf(host, file, shown);
  let active = outer;
  for (const [index, raw] of text.split("\n").entries()) {
    const line = lineOf(host, raw, `${shown}:${index + 1}`);
    if (!line) continue;
    if (line.keyword === "host") active = both(outer, matchesHost(reading, line));
    else if (line.keyword === "match") active = both(outer, matchesCriteria(reading, line));
    else if (line.keyword === "include") await include(reading, line, { outer: active, depth });
    else options[line.keyword]?.(reading, line, active);
  }
}

/** "" where there is no such file; one that somebody else may write to is refused, as by ssh. */
function textOf(host: string, file: string, shown: string): string {
  let descriptor: number | undefined;
  try {
    descriptor = openSync(file, "r");
    if (!isOwn(fstatSync(descriptor)))
      throw notUnderstood(
        host,
        shown,
        "others may write to it, or it is somebody else's",
        `chown it to yourself, and chmod go-w`,
      );
    return readFileSync(descriptor, "utf8");
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    if (code === "ENOENT" || code === "ENOTDIR" || code === "EISDIR") return "";
    throw code === undefined || !message.startsWith(code) ? error : notUnderstood(host, shown, message);
  } finally {
    if (descriptor !== undefined) closeSync(descriptor);
  }
}

function lineOf(host: string, raw: string, place: string): Line | undefined {
  const trimmed = raw.replace(/[ \t\r\n\f]+$/, "");
  let { word, rest } = firstWord(trimmed);
  if (word === "") ({ word, rest } = firstWord(rest));
  if (!word || word.startsWith("#")) return undefined;
  const keyword = word.toLowerCase();
  const words = splitArguments(rest);
  if (rest === "") throw notUnderstood(host, place, `${word} has no argument`);
  if (!words) throw notUnderstood(host, place, "a quote has no end");
  return { place, keyword, text: rest, words };
}

function both(outer: Active, inner: Active): Active {
  if (outer === false || inner === false) return false;
  return typeof outer === "string" ? outer : inner;
}

function matchesHost(reading: Reading, { words, place }: Line): boolean {
  if (words.includes("")) throw notUnderstood(reading.host, place, "Host has an empty pattern");
  const host = reading.isFinal ? addressIn(reading) : reading.host;
  const named = (isNegated: boolean) => words.filter((word) => word.startsWith("!") === isNegated);
  // A negated pattern decides, wherever it stands.
  if (named(true).some((word) => matchesPattern(host, word.slice(1)))) return false;
  return named(false).some((word) => matchesPattern(host, word));
}

interface Criterion {
  name: string;
  isNegated: boolean;
  argument: string;
}

/** "all", "canonical" and "final" have no argument, all others one. */
function criteriaOf(host: string, { text, place }: Line): Criterion[] {
  const criteria: Criterion[] = [];
  for (let rest = text; rest !== ""; ) {
    const first = firstWord(rest);
    rest = first.rest;
    if (!first.word || first.word.startsWith("#")) break;
    const isNegated = first.word.startsWith("!");
    const name = first.word.slice(isNegated ? 1 : 0).toLowerCase();
    // It ends the line; one criterion may stand before it, meant are "final" and "canonical".
    if (name === "all" && (criteria.length > 1 || !/^(#|$)/.test(rest)))
      throw notUnderstood(host, place, "Match all stands alone");
    if (name === "all") return [...criteria, { name, isNegated, argument: "" }];
    const needsArgument = name !== "canonical" && name !== "final";
    const second = needsArgument ? firstWord(rest) : { word: "", rest };
    if (second.word === undefined || second.word.startsWith("#") || (second.word === "" && needsArgument))
      throw notUnderstood(host, place, `Match ${name} has no argument`);
    rest = second.rest;
    criteria.push({ name, isNegated, argument: second.word });
  }
  return criteria;
}

function matchesCriteria(reading: Reading, line: Line): Active {
  const { host, found, localUser, isFinal } = reading;
  const address = addressIn(reading);
  const holds: Record<string, (list: string) => boolean> = {
    all: () => true,
    canonical: () => isFinal,
    final: () => isFinal,
    host: (list) => matchesList(address, list.toLowerCase()),
    originalhost: (list) => matchesList(host.toLowerCase(), list.toLowerCase()),
    user: (list) => matchesList(found.user ?? localUser, list),
    localuser: (list) => matchesList(localUser, list),
  };
  const criteria = criteriaOf(host, line);
  if (criteria.some(({ name }) => name === "final")) reading.wantsFinal = true;
  const fails = ({ name, isNegated, argument }: Criterion) => holds[name]?.(argument) === isNegated;
  if (criteria.some(fails)) return false;
  const undecided = criteria.find(({ name }) => holds[name] === undefined);
  return undecided === undefined || `Match ${undecided.name} at ${line.place}`;
}

async function include(reading: Reading, { words, place }: Line, inside: { outer: Active; depth: number }): Promise<void> {
  const { host, home } = reading;
  for (const pattern of words) {
    if (pattern === "") throw notUnderstood(host, place, "Include names an empty path");
    // Versions of ssh differ: new ones fill in tokens and variables.
    if (/[%$]/.test(pattern) || /^~[^/]/.test(pattern)) throw notUnderstood(host, place, `Include ${pattern} is not filled in`);
    const path = pattern.replace(/^~(?=\/)/, home);
    for (const file of globFiles(path.startsWith("/") ? path : `${home}/.ssh/${path}`))
      await readFile(reading, file, { ...inside, depth: inside.depth + 1 });
  }
}

// ---- options ---------------------------------------------------------------------------------------------------------------

type Read = (reading: Reading, line: Line, active: Active) => void;

/** Sets what is not yet set; fails where it cannot be known whether the line counts. */
function take<O extends Option>(
  { host, explicit, found }: Reading,
  { place, keyword }: Line,
  active: Active,
  option: O,
  value: RawConfig[O],
) {
  if (active === false || explicit.has(option) || (found[option] !== undefined && !Array.isArray(value))) return;
  if (typeof active === "string")
    throw fault("CANNOT_CONNECT", {
      host,
      summary: `${place} sets ${keyword} by ${active}, which is not evaluated, so it is not known whether that is meant for ${host}`,
      fix: "say in the connection what is meant (user, port, privateKeyPath, jump, knownHostsPath), or set it before that block",
    });
  found[option] = value;
}

function theOne(host: string, { words, place, keyword }: Line): string {
  const [word = "", ...more] = words;
  if (word === "") throw notUnderstood(host, place, `${keyword} has no argument`);
  if (more.length > 0) throw notUnderstood(host, place, `${keyword} has more than one argument`);
  return word;
}

const text =
  (option: "hostName" | "user" | "identityAgent" | "hostKeyAlias" | "canonicalizeHostname" | "revokedHostKeys"): Read =>
  (reading, line, active) =>
    take(reading, line, active, option, theOne(reading.host, line));

const more =
  (option: "identityFiles" | "certificateFiles"): Read =>
  (reading, line, active) => {
    const value = theOne(reading.host, line);
    const before = reading.found[option];
    if (!before.includes(value)) take(reading, line, active, option, [...before, value]);
  };

const files =
  (option: "knownHostsFiles" | "globalKnownHostsFiles"): Read =>
  (reading, line, active) => {
    const { words, place } = line;
    if (words.includes("") || (words.length > 1 && words.some((word) => word.toLowerCase() === "none")))
      throw notUnderstood(reading.host, place, `${line.keyword} names an empty file, or "none" and others`);
    if (reading.found[option] === undefined) take(reading, line, active, option, words);
  };

const options: Readonly<Record<string, Read | undefined>> = {
  hostname: text("hostName"),
  user: text("user"),
  identityagent: text("identityAgent"),
  hostkeyalias: text("hostKeyAlias"),
  canonicalizehostname: text("canonicalizeHostname"),
  revokedhostkeys: text("revokedHostKeys"),
  identityfile: more("identityFiles"),
  certificatefile: more("certificateFiles"),
  userknownhostsfile: files("knownHostsFiles"),
  globalknownhostsfile: files("globalKnownHostsFiles"),
  port: (reading, line, active) => {
    const word = theOne(reading.host, line);
    const port = word === "ssh" ? 22 : /^\d+$/.test(word) ? Number(word) : 0;
    if (port < 1 || port > 65535) throw notUnderstood(reading.host, line.place, `${word} is no port`);
    take(reading, line, active, "port", port);
  },
  identitiesonly: (reading, line, active) => {
    const word = theOne(reading.host, line).toLowerCase();
    const value = { yes: true, true: true, no: false, false: false }[word];
    if (value === undefined) throw notUnderstood(reading.host, line.place, `IdentitiesOnly is yes or no, not ${word}`);
    take(reading, line, active, "identitiesOnly", value);
  },
  // Of both, the first one counts.
  proxyjump: (reading, line, active) => {
    const value = line.text
      .replace(/^[ \t=]+/, "")
      .replace(/#.*$/, "")
      .trimEnd();
    if (reading.found.proxyCommand === undefined) take(reading, line, active, "proxyJump", value);
  },
  proxycommand: (reading, line, active) => {
    const jump = reading.found.proxyJump;
    if (jump === undefined || jump.toLowerCase() === "none")
      take(reading, line, active, "proxyCommand", line.text.replace(/^[ \t=]+/, ""));
  },
};

export function notUnderstood(host: string, place: string, why: string, fix?: string): ShareError {
  return fault("CANNOT_CONNECT", {
    host,
    summary: `${place} cannot be understood: ${why}`,
    fix: fix ?? "correct the file; `ssh -G HOST` shows how ssh reads it",
  });
}
