// Checks of single properties, bound to the construct whose path the error shall name.
import { isAbsolute } from "node:path/posix";
import type { IConstruct } from "constructs";
import type { ConnectionSpec } from "../../src/spec/connection";
import { formatSize, maxSize } from "../../src/spec/size";
import * as errors from "./errors";
import { type Read, readProperties, type Shape } from "./property-kinds";
import { isToken } from "./tokens";
import { warn } from "./warnings";

interface Bytes {
  /** Exact bytes; undefined when the size is a token. */
  readonly exact: bigint | undefined;
  /** The size as plans show it, "10 TiB". */
  readonly text: string;
}

export const absolutePathRule = 'an absolute path without ".." or "/" at its end';

export function isAbsolutePath(path: string): boolean {
  return isAbsolute(path) && !path.endsWith("/") && !path.split("/").includes("..") && !/\p{Cc}/u.test(path);
}

export class Checks {
  constructor(readonly construct: IConstruct) {}

  get path(): string {
    return this.construct.node.path;
  }

  /** Says what cannot be refused: it may be deployed like that. */
  warn(property: string, found: string, fix: string): void {
    warn(this.construct, property, found, fix);
  }

  /** What a construct is given, once each property is known to be one and of a type that can be used. */
  properties<T extends object>(shape: Shape<T>, given: T): Read<T> {
    return readProperties({ path: this.path, property: "" }, given, shape);
  }

  literal<T>(property: string, value: T): T {
    if (isToken(value)) throw errors.notLiteral(this.path, property);
    return value;
  }

  /** A literal text that `fits`; `rule` says in words what would. */
  text(property: string, value: string, fits: RegExp | ((text: string) => boolean), rule: string): string {
    this.literal(property, value);
    const good = typeof value === "string" && (typeof fits === "function" ? fits(value) : fits.test(value));
    if (!good) throw errors.badText(this.path, property, value, rule);
    return value;
  }

  oneOf<T extends string>(property: string, value: string, allowed: readonly T[]): T {
    this.literal(property, value);
    const found = allowed.find((item) => item === value);
    if (found === undefined) throw errors.notOneOf(this.path, property, value, allowed);
    return found;
  }

  integer(property: string, value: number, min: number, max: number): number {
    this.literal(property, value);
    if (!Number.isInteger(value) || value < min || value > max) throw errors.notInRange(this.path, property, value, min, max);
    return value;
  }

  integerOrToken(property: string, value: number, min: number, max: number): number {
    return isToken(value) ? value : this.integer(property, value, min, max);
  }

  /** A limit in its range that the storage can hold and enforce, as text. */
  size(property: string, { exact, text }: Bytes, { least, unit }: { least: bigint; unit: bigint }): string {
    if (exact === undefined) return text;
    if (exact < least) throw errors.sizeTooSmall(this.path, property, text, formatSize(least));
    if (exact > maxSize) throw errors.sizeTooLarge(this.path, property, text, formatSize(maxSize));
    if (exact % unit !== 0n) throw errors.sizeNotWholeKib(this.path, property, text);
    return text;
  }

  /** A connection with absolute directories only. */
  connection(property: string, spec: ConnectionSpec): ConnectionSpec {
    for (const directory of spec.path ?? []) this.text(`${property}.path`, directory, isAbsolutePath, absolutePathRule);
    return spec;
  }

  /** A soft limit never lies above its hard limit. */
  softLimit(soft: string, value: Bytes | undefined, hard: string, limit: Bytes | undefined): void {
    if (value?.exact === undefined || limit?.exact === undefined || value.exact <= limit.exact) return;
    throw errors.softAboveHard(this.path, soft, value.text, hard, limit.text);
  }
}
