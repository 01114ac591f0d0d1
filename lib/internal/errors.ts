// Errors that any kind of construct can raise at synthesis: one factory each, so that wording and fix are found in one place.
import type { Place } from "./property-errors";
import { ShareSynthesisError } from "./synthesis-error";

function list(values: readonly string[]): string {
  return values.map((value) => JSON.stringify(value)).join(", ");
}

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

export function unknownCarrier(path: string, property: string, value: unknown, allowed: readonly string[]): ShareSynthesisError {
  return new ShareSynthesisError({ path, property, value, problem: "names no carrier", fix: `write one of ${list(allowed)}` });
}

export function sizeNotWhole(factory: string, value: number): ShareSynthesisError {
  return new ShareSynthesisError({
    property: factory,
    value,
    problem: "does not give an exact number of bytes",
    fix: "write a number that is a whole number of bytes, with a larger unit for sizes above 2^53 bytes",
  });
}

export function badSizeText(at: Place, value: string): ShareSynthesisError {
  const meant = /^(\d[\d.]*) ?([kmgtpe])(i?b)?$/i.exec(value.trim());
  const example = meant ? `${meant[1]} ${(meant[2] ?? "").toUpperCase()}iB` : "10 TiB";
  return new ShareSynthesisError({
    ...at,
    value,
    problem: "is no whole number of bytes in a unit of 1024",
    fix: `write a number and B, KiB, MiB, GiB, TiB, PiB or EiB, such as "${example}"`,
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
    problem: "is below the smallest limit",
    fix: `write ${least} or more`,
  });
}

export function sizeTooLarge(path: string, property: string, value: string, most: string): ShareSynthesisError {
  return new ShareSynthesisError({
    path,
    property,
    value,
    problem: "is above the largest limit",
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

export function claimBlockTaken(path: string, name: string, kind: string, otherKind: string): ShareSynthesisError {
  return new ShareSynthesisError({
    path,
    property: "name",
    value: name,
    problem: `would be the address of claims of ${kind} and of ${otherKind}`,
    fix: 'a Lustre file system that is called "gluster" and GlusterFS clusters need a stack or a `site` each: write it in what has not been deployed yet',
  });
}

/** `why`: what shows that both are in one place, where several descriptions do. */
export function declaredTwice(path: string, property: string, key: string, otherPath: string, why = ""): ShareSynthesisError {
  return new ShareSynthesisError({
    path,
    property,
    value: key,
    problem: `is already declared by ${otherPath}${why}`,
    fix: `remove one of the two or give it another name; \`fromShareName\` refers to a share that is declared elsewhere${why && "; where these are two places, write `site` in the one that has not been deployed yet"}`,
  });
}

export function logicalIdsMerge(path: string, logicalId: string, otherPath: string): ShareSynthesisError {
  return new ShareSynthesisError({
    path,
    property: "id",
    value: logicalId,
    problem: `gives the same Terraform name as ${otherPath}, and the two would be merged without a word`,
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

export function executorMissing(path: string, file: string): ShareSynthesisError {
  return new ShareSynthesisError({
    path,
    property: "executor",
    value: file,
    problem: "is missing from the sharewright package",
    fix: "install the package again; in a checkout of sharewright itself run `npm run build`",
  });
}

export function packageMissing(path: string, from: string): ShareSynthesisError {
  return new ShareSynthesisError({
    path,
    property: "executor",
    value: from,
    problem:
      "cannot be copied into the stack: this code has been bundled into an app, and the sharewright package is not found from there",
    fix: "leave it out of the bundle (esbuild: `--external:sharewright --external:cdktf --external:cdktn --external:constructs`), or run the app where sharewright is installed",
  });
}

/** `kind`: what is defined there, which shares lie on. */
export function otherStack(path: string, property: string, definedAt: string, kind: string, share: string): ShareSynthesisError {
  return new ShareSynthesisError({
    path,
    property,
    value: definedAt,
    problem: "is defined in another stack",
    fix: `define it in this stack too: share one function \`(scope) => new ${kind}(scope, ...)\`, and ${share}.fromShareName for a share of another stack`,
  });
}
