// The one error that constructs raise. Imports nothing.

const brand = Symbol.for("sharewright.ShareSynthesisError");

interface Fault {
  path?: string | undefined;
  property: string;
  value?: unknown;
  problem: string;
  fix: string;
}

/**
 * What a construct cannot do with what it was given: where (construct path), which property, which value, and what to write instead.
 *
 * Recognise it with `ShareSynthesisError.isShareSynthesisError(error)`, not with `instanceof`: an app may hold two copies of this package.
 */
export class ShareSynthesisError extends Error {
  /** Path of the construct in the app, such as "my-stack/genomics"; undefined for a value made outside of any construct. */
  readonly constructPath: string | undefined;
  /** The property as it is written in code, such as "size" or "owner.uid". */
  readonly property: string;
  /** The value that cannot be used, as text; undefined where no single value is wrong. */
  readonly value: string | undefined;
  /** What is wrong with it. */
  readonly problem: string;
  /** What to write instead. */
  readonly fix: string;

  /** @internal */
  constructor(fault: Fault) {
    const value = fault.value === undefined ? undefined : wholeText(fault.value);
    super(
      [
        `${fault.path === undefined ? "" : `${fault.path}: `}\`${fault.property}\` ${fault.problem}`,
        ...(value === undefined ? [] : [`  value  ${shortened(value)}`]),
        `  fix    ${fault.fix}`,
      ].join("\n"),
    );
    this.name = "ShareSynthesisError";
    this.constructPath = fault.path;
    this.property = fault.property;
    this.value = value;
    this.problem = fault.problem;
    this.fix = fault.fix;
    Object.defineProperty(this, brand, { value: true });
  }

  /** True for every ShareSynthesisError, also one of another copy of this package. */
  static isShareSynthesisError(error: unknown): error is ShareSynthesisError {
    return typeof error === "object" && error !== null && brand in error;
  }
}

/** A value as messages show it. */
export function valueText(value: unknown): string {
  return shortened(wholeText(value));
}

/** A list has its brackets, and what JSON cannot hold is named by its type. */
function wholeText(value: unknown): string {
  try {
    const asJson =
      typeof value === "string" ||
      Array.isArray(value) ||
      (typeof value === "object" && value !== null && value.toString === Object.prototype.toString);
    return (asJson ? JSON.stringify(value) : undefined) ?? String(value);
  } catch {
    return Object.prototype.toString.call(value);
  }
}

const longest = 200;

/** Both ends of a long text: what is wrong with a list of clients may stand at its end. */
function shortened(text: string): string {
  if (text.length <= longest) return text;
  return `${text.slice(0, longest - 60)} ... ${text.slice(-50)} (${text.length} characters)`;
}
