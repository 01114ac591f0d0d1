// Exit codes of the executor and of every command: part of the interface. Imports nothing.

export const exitCodes: Readonly<Record<number, string>> = {
  0: "done, or nothing to do",
  1: "a fault of sharewright itself",
  2: "the request cannot be understood",
  3: "refused for safety: data would be lost, or the thing is not ours",
  4: "a conflict: it exists, but differently, or belongs to somebody else",
  5: "a host could not be reached, or a command was cut off",
  6: "a command failed",
  7: "a deadline passed, or a lock was not free in time",
  8: "a tool is missing, or a version is too old",
  9: "drift or changes were found (plan, status, repair, a dry run of bootstrap)",
  10: "data goes, or may go (review --fail-on)",
  11: "access changes (review --fail-on access)",
  130: "interrupted",
};
