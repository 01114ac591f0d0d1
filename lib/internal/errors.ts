// Every error that a construct can raise at synthesis: one factory each, so that wording and fix are found in one place.
// Imports src/spec only.
import type { AddressError } from "../../src/spec/address";

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

function valueText(value: unknown): string {
  if (typeof value === "string") return JSON.stringify(value);
  if (typeof value === "object" && value !== null && value.toString === Object.prototype.toString) return JSON.stringify(value);
  return String(value);
}

function list(values: readonly (string | number)[]): string {
  return values.map((value) => JSON.stringify(value)).join(", ");
}

// ---- one property ----------------------------------------------------------------------------------------------------------

export function notLiteral(path: string, property: string): ShareSynthesisError {
  return new ShareSynthesisError({
    path,
    property,
    problem: "is a token, but its value must be known at synthesis",
    fix: "write a literal: Terraform runs a destroy hook with literals only (it cannot read references), and names are checked here",
  });
}

export function badText(path: string, property: string, value: unknown, rule: string): ShareSynthesisError {
  return new ShareSynthesisError({ path, property, value, problem: "cannot be used", fix: `write ${rule}` });
}

export function notOneOf(path: string, property: string, value: unknown, allowed: readonly string[]): ShareSynthesisError {
  return new ShareSynthesisError({
    path,
    property,
    value,
    problem: "is none of the possible values",
    fix: `write one of ${list(allowed)}`,
  });
}

export function notInRange(path: string, property: string, value: unknown, min: number, max: number): ShareSynthesisError {
  return new ShareSynthesisError({
    path,
    property,
    value,
    problem: "is not a whole number in its range",
    fix: `write a whole number from ${min} to ${max}`,
  });
}

export function badMode(path: string, value: unknown): ShareSynthesisError {
  return new ShareSynthesisError({
    path,
    property: "mode",
    value,
    problem: "is not a set of permission bits",
    fix: "write an octal number from 0o000 to 0o7777, such as 0o2770",
  });
}

export function unknownCarrier(path: string, property: string, value: unknown, allowed: readonly string[]): ShareSynthesisError {
  return new ShareSynthesisError({ path, property, value, problem: "names no carrier", fix: `write one of ${list(allowed)}` });
}

// ---- sizes and layouts -----------------------------------------------------------------------------------------------------

export function sizeNotWhole(factory: string, value: number): ShareSynthesisError {
  return new ShareSynthesisError({
    property: factory,
    value,
    problem: "does not give an exact number of bytes",
    fix: "write a number that is a whole number of bytes, with a larger unit for sizes above 2^53 bytes",
  });
}

export function sizeIsToken(): ShareSynthesisError {
  return new ShareSynthesisError({
    property: "Size.toBytes",
    problem: "is not known at synthesis: the size is a token",
    fix: "make the size of a literal number, or use it as text",
  });
}

export function sizeTooSmall(path: string, property: string, value: string, least: string): ShareSynthesisError {
  return new ShareSynthesisError({
    path,
    property,
    value,
    problem: "is below the smallest limit that Lustre enforces",
    fix: `write ${least} or more`,
  });
}

export function sizeTooLarge(path: string, property: string, value: string, most: string): ShareSynthesisError {
  return new ShareSynthesisError({
    path,
    property,
    value,
    problem: "is above the largest limit that Lustre stores",
    fix: `write at most ${most}`,
  });
}

export function sizeNotWholeKib(path: string, property: string, value: string): ShareSynthesisError {
  return new ShareSynthesisError({
    path,
    property,
    value,
    problem: "is no whole number of KiB, the unit of Lustre's limits",
    fix: "write a multiple of 1024 bytes",
  });
}

export function softAboveHard(path: string, soft: string, value: string, hard: string, hardValue: string): ShareSynthesisError {
  return new ShareSynthesisError({
    path,
    property: soft,
    value,
    problem: `is above \`${hard}\` (${hardValue})`,
    fix: `write a soft limit of at most \`${hard}\``,
  });
}

export function badLayout(path: string, value: string, problem: string): ShareSynthesisError {
  return new ShareSynthesisError({
    path,
    property: "layout",
    value,
    problem: `is no layout: ${problem}`,
    fix: "see lfs-setstripe(1) and the documentation of LustreLayout",
  });
}

// ---- addresses -------------------------------------------------------------------------------------------------------------

export function badAddress(path: string, property: string, error: AddressError): ShareSynthesisError {
  return new ShareSynthesisError({ path, property, problem: `cannot be used: ${error.message}`, fix: error.fix });
}

export function noAddresses(path: string, property: string, example: string): ShareSynthesisError {
  return new ShareSynthesisError({
    path,
    property,
    value: "[]",
    problem: "is empty",
    fix: `list at least one, such as ${example}`,
  });
}

export function badExportNid(path: string, value: unknown): ShareSynthesisError {
  return new ShareSynthesisError({
    path,
    property: "exportNids",
    value,
    problem: "holds an entry that is not the NIDs of a host",
    fix: 'write ADDRESS@NET or NAME@NET, such as "10.0.0.1@tcp" or "mgs1.example.org@o2ib1"; several NIDs of one host joined by ","',
  });
}

export function needs217(path: string, property: string, value: unknown, what: string, fix: string): ShareSynthesisError {
  return new ShareSynthesisError({ path, property, value, problem: `asks for ${what}, which Lustre 2.16 cannot do`, fix });
}

export function clientsTooLong(path: string, bytes: number, limit: number): ShareSynthesisError {
  return new ShareSynthesisError({
    path,
    property: "clients",
    value: `${bytes} bytes`,
    problem: `is longer than the ${limit} bytes that one hook can be given`,
    fix: "write networks or NID ranges in place of single addresses, or several access rules",
  });
}

// ---- access rules ----------------------------------------------------------------------------------------------------------

export function advisoryNeedsReadOnly(path: string): ShareSynthesisError {
  return new ShareSynthesisError({
    path,
    property: "advisoryReadOnly",
    value: true,
    problem: "says nothing about a rule of level rw",
    fix: "leave it out, or write level: AccessLevel.READ_ONLY",
  });
}

export function squashToRoot(path: string): ShareSynthesisError {
  return new ShareSynthesisError({
    path,
    property: "squash",
    value: "all 0",
    problem: "would turn every user of the clients into root",
    fix: "write the uid of an ordinary user, or Squash.none() if the clients' own root is to stay root",
  });
}

// ---- several constructs ----------------------------------------------------------------------------------------------------

export function otherStack(path: string, property: string, definedAt: string): ShareSynthesisError {
  return new ShareSynthesisError({
    path,
    property,
    value: definedAt,
    problem: "is defined in another stack",
    fix: "define it in this stack too: share one function `(scope) => new LustreFileSystem(scope, ...)`, and LustreShare.fromShareName for a share of another stack",
  });
}

export function declaredTwice(path: string, property: string, key: string, otherPath: string): ShareSynthesisError {
  return new ShareSynthesisError({
    path,
    property,
    value: key,
    problem: `is already declared by ${otherPath}`,
    fix: "remove one of the two or give it another name; LustreShare.fromShareName refers to a share that is declared elsewhere",
  });
}

export function sharesNest(
  path: string,
  property: string,
  value: string,
  otherPath: string,
  otherValue: string,
): ShareSynthesisError {
  return new ShareSynthesisError({
    path,
    property,
    value,
    problem: `lies inside of or around the directory of ${otherPath} ("${otherValue}")`,
    fix: "a directory has one project id, so no share can lie in another: choose another directory",
  });
}

export function badAdoptPath(path: string, value: unknown, rule: string): ShareSynthesisError {
  return new ShareSynthesisError({ path, property: "adopt.path", value, problem: "cannot be a share", fix: `write ${rule}` });
}

export function projectIdsReversed(path: string, start: number, end: number): ShareSynthesisError {
  return new ShareSynthesisError({
    path,
    property: "projectIds",
    value: `${start} to ${end}`,
    problem: "ends before it starts",
    fix: "write start <= end",
  });
}

export function projectIdsOverlap(path: string, value: string, otherPath: string, otherValue: string): ShareSynthesisError {
  return new ShareSynthesisError({
    path,
    property: "projectIds",
    value,
    problem: `overlaps the range of ${otherPath} (${otherValue}) on the same file system`,
    fix: "write the same range (ids are claimed one by one, so it may be shared) or one that does not touch it",
  });
}

export function fileSystemsDiffer(
  path: string,
  property: string,
  value: unknown,
  otherPath: string,
  otherValue: unknown,
): ShareSynthesisError {
  return new ShareSynthesisError({
    path,
    property,
    value: value ?? "(left out)",
    problem: `differs from that of ${otherPath} (${valueText(otherValue ?? "(left out)")}), which describes the same file system in this stack`,
    fix: "only pathPrefix, projectIds and exportNids may differ: write the same value in both",
  });
}

export function accessContradicts(path: string, property: string, clients: string, otherPath: string, why: string, fix: string) {
  return new ShareSynthesisError({
    path,
    property,
    value: clients,
    problem: `contradicts ${otherPath} for clients they have in common: ${why}`,
    fix,
  });
}

export function tooManyContradictions(path: string, shown: number): ShareSynthesisError {
  return new ShareSynthesisError({
    path,
    property: "clients",
    problem: `and others contradict each other more often; the first ${shown} are listed`,
    fix: "mend those first",
  });
}

export function logicalIdsMerge(path: string, logicalId: string, otherPath: string): ShareSynthesisError {
  return new ShareSynthesisError({
    path,
    property: "id",
    value: logicalId,
    problem: `gives the same Terraform name as ${otherPath}, and cdktf would silently merge the two`,
    fix: "choose ids that differ in letters, digits, - or _ (other characters are dropped), or override one logical id",
  });
}

export function logicalIdInvalid(path: string, logicalId: string): ShareSynthesisError {
  return new ShareSynthesisError({
    path,
    property: "id",
    value: logicalId,
    problem: "gives a name that Terraform does not accept",
    fix: "begin the id with a letter or _; the name on the storage is a property of its own (shareName, ruleName)",
  });
}

// ---- the package itself ----------------------------------------------------------------------------------------------------

export function executorMissing(path: string, file: string): ShareSynthesisError {
  return new ShareSynthesisError({
    path,
    property: "executor",
    value: file,
    problem: "is missing from the sharewright package",
    fix: "install the package again; in a checkout of sharewright itself run `npm run build`",
  });
}
