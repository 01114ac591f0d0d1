// The one error that constructs raise. Imports nothing.

const brand = Symbol.for("sharewright.ShareSynthesisError");

interface Fault {
  path?: string;
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
    const value = fault.value === undefined ? undefined : valueText(fault.value);
    super(
      [
        `${fault.path === undefined ? "" : `${fault.path}: `}\`${fault.property}\` ${fault.problem}`,
        ...(value === undefined ? [] : [`  value  ${value}`]),
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
  if (typeof value === "string") return JSON.stringify(value);
  if (typeof value === "object" && value !== null && value.toString === Object.prototype.toString) return JSON.stringify(value);
  return String(value);
}
