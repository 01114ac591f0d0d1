// One property in both directions: what its text says, and the text of a value. Triggers and records hold texts, the executor works with values.
import { formatSize, parseSize } from "./size";

export interface Property<Value = unknown, Text extends string = string> {
  /** What to write where `read` makes nothing of a text. */
  readonly fix: string;
  read(text: string): Value | undefined;
  /** undefined where nothing is to be said. */
  write(value: Value): Text | undefined;
  /** The value where no text says any. A property that does not have this cannot be left out. */
  readonly absent?: Value | undefined;
}

export function property<Value>(
  fix: string,
  read: (text: string) => Value | undefined,
  write: (value: Value) => string,
): Property<Value> {
  return { fix, read, write };
}

/** One that may be left out. */
export function optional<P>(whole: P): P & { readonly absent: undefined } {
  return { ...whole, absent: undefined };
}

/** One that is left out where it is `absent`. */
export function orElse<Value>(
  absent: Value,
  { fix, read, write }: Property<Value>,
): Property<Value> & { readonly absent: Value } {
  return { fix, read, write: (value) => (write(value) === write(absent) ? undefined : write(value)), absent };
}

export function text(fix: string, fits: (text: string) => boolean): Property<string> {
  return property(
    fix,
    (text) => (fits(text) ? text : undefined),
    (text) => text,
  );
}

export function choice<Value extends string>(values: readonly Value[]): Property<Value, Value> {
  const fix = `write ${values.map((value) => `"${value}"`).join(" or ")}`;
  return { fix, read: (text) => values.find((value) => value === text), write: (value) => value };
}

export function size(least: bigint, unit: bigint, example: string): Property<bigint> {
  const whole = unit === 1n ? "" : ` in whole ${formatSize(unit).slice(2)}`;
  return property(
    `write a size of at least ${formatSize(least)}${whole}, such as "${example}"`,
    (text) => {
      const bytes = parseSize(text);
      return bytes !== undefined && bytes >= least && bytes % unit === 0n ? bytes : undefined;
    },
    formatSize,
  );
}

export const flag = orElse(
  false,
  property<boolean>('write "true" or leave it out', (text) => text === "true" || undefined, String),
);
