// getopt_long(3) as lfs and lctl use it: short ones bundled, long ones with `=` or a word, options after operands, `--` ends them.

export interface OptionSpec {
  /** The key under which the value is found. */
  name: string;
  short?: string;
  long?: string;
  argument?: boolean;
}

export interface Parsed {
  given: { name: string; value: string }[];
  operands: string[];
  /** The first option that is not known or lacks its argument, as it was written. */
  unknown?: string;
  lacksArgument?: string;
}

export function parseOptions(args: readonly string[], specs: readonly OptionSpec[]): Parsed {
  const parsed: Parsed = { given: [], operands: [] };
  const rest = [...args];
  for (let word = rest.shift(); word !== undefined; word = rest.shift()) {
    if (word === "--") {
      parsed.operands.push(...rest);
      break;
    }
    if (word.startsWith("--")) readLong(word, rest, specs, parsed);
    else if (word.startsWith("-") && word.length > 1) readShort(word, rest, specs, parsed);
    else parsed.operands.push(word);
    if (parsed.unknown !== undefined || parsed.lacksArgument !== undefined) break;
  }
  return parsed;
}

function readLong(word: string, rest: string[], specs: readonly OptionSpec[], parsed: Parsed): void {
  const [name = "", ...values] = word.slice(2).split("=");
  const spec = specs.find(({ long }) => long === name);
  if (!spec) {
    parsed.unknown = word;
    return;
  }
  const value = values.length > 0 ? values.join("=") : spec.argument ? rest.shift() : "";
  if (value === undefined) parsed.lacksArgument = `--${name}`;
  else parsed.given.push({ name: spec.name, value });
}

function readShort(word: string, rest: string[], specs: readonly OptionSpec[], parsed: Parsed): void {
  for (let at = 1; at < word.length; at++) {
    const letter = word.charAt(at);
    const spec = specs.find(({ short }) => short === letter);
    if (!spec) {
      parsed.unknown = letter;
      return;
    }
    if (!spec.argument) {
      parsed.given.push({ name: spec.name, value: "" });
      continue;
    }
    const value = word.slice(at + 1) || rest.shift();
    if (value === undefined) parsed.lacksArgument = letter;
    else parsed.given.push({ name: spec.name, value });
    return;
  }
}

export function lastValue(parsed: Parsed, name: string): string | undefined {
  return parsed.given.findLast((option) => option.name === name)?.value;
}

export function has(parsed: Parsed, name: string): boolean {
  return parsed.given.some((option) => option.name === name);
}
