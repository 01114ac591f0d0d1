// Errors that only Lustre constructs raise at synthesis: one factory each, so that wording and fix are found in one place.
import type { AddressError } from "../../../src/spec/address";
import { ShareSynthesisError, valueText } from "../synthesis-error";

export function badMode(path: string, value: unknown, problem: string, meant: string | undefined): ShareSynthesisError {
  return new ShareSynthesisError({
    path,
    property: "mode",
    value,
    problem,
    fix:
      meant === undefined
        ? "write an octal number with rwx for the owner and no more for others than for the group, such as 0o2770"
        : `write ${meant}: without 0o the digits are a decimal number`,
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

export function badAddress(path: string, property: string, value: unknown, error: AddressError): ShareSynthesisError {
  return new ShareSynthesisError({ path, property, value, problem: `cannot be used: ${error.message}`, fix: error.fix });
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
    fix: 'write ADDRESS@NET or NAME@NET, such as "10.0.0.1@tcp", "mgs1.example.org@o2ib1" or "10761@kfi"; several NIDs of one host joined by ","',
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

export function sharesNest(
  path: string,
  property: string,
  value: string,
  otherPath: string,
  otherValue: string,
  why = "",
): ShareSynthesisError {
  return new ShareSynthesisError({
    path,
    property,
    value,
    problem: `lies inside of or around the directory of ${otherPath} ("${otherValue}")${why}`,
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

export function projectIdsOverlap(
  path: string,
  value: string,
  otherPath: string,
  otherValue: string,
  why = "",
): ShareSynthesisError {
  return new ShareSynthesisError({
    path,
    property: "projectIds",
    value,
    problem: `overlaps the range of ${otherPath} (${otherValue}) on the same file system${why}`,
    fix: "write the same range (ids are claimed one by one, so it may be shared) or one that does not touch it",
  });
}

export function fileSystemsDiffer(
  path: string,
  property: string,
  value: unknown,
  otherPath: string,
  otherValue: unknown,
  common: string,
): ShareSynthesisError {
  return new ShareSynthesisError({
    path,
    property,
    value: value ?? "(left out)",
    problem: `differs from that of ${otherPath} (${valueText(otherValue ?? "(left out)")}), which describes the same file system in this stack: both have ${common}`,
    fix: "only pathPrefix, projectIds and exportNids may differ: write the same value in both",
  });
}

export function needsSite(path: string, fsName: string, site: string | undefined, otherPath: string): ShareSynthesisError {
  const other = `${otherPath}, another file system "${fsName}" of this stack: they have no NID, no mount point of one client and no MGS in common`;
  return new ShareSynthesisError({
    path,
    property: "site",
    value: site,
    problem: site === undefined ? `is missing here or in ${other}` : `is also that of ${other}`,
    fix: 'write site: "..." in the one that has not been deployed yet, and leave the other as it is: the word is in the address of its claims. If both are one file system, write one of its NIDs in both',
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
