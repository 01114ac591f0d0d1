// What is looked at before the first change, and by `sharewright doctor`.
import { fault } from "./errors";
import type { Log } from "./log";

export interface Check {
  id: string;
  /** What was looked at. */
  about: string;
  /** warning: something to mend that keeps nobody from going on. unknown: could not be looked at, which is said and not taken for good. */
  verdict: "good" | "bad" | "warning" | "unknown";
  found: string;
  fix?: string;
}

export const good = (id: string, about: string, found: string): Check => ({ id, about, verdict: "good", found });
export const bad = (id: string, about: string, found: string, fix: string): Check => ({ id, about, verdict: "bad", found, fix });
export const warning = (id: string, about: string, found: string, fix: string): Check => ({
  id,
  about,
  verdict: "warning",
  found,
  fix,
});
export const unknown = (id: string, about: string, found: string): Check => ({ id, about, verdict: "unknown", found });

/** Refuses to go on where something is bad, or only says so when the preflight is "warn". */
export function judgeAll(checks: readonly Check[], preflight: "enforce" | "warn", log: Log): void {
  for (const check of checks) {
    if (check.verdict === "good") continue;
    const text = `${check.about}: ${check.found}`;
    if (check.verdict === "bad" && preflight === "enforce") {
      throw fault("PREFLIGHT", {
        summary: text,
        ...(check.fix ? { fix: `${check.fix}; or set preflight: warn to go on at your own risk` } : {}),
      });
    }
    log.note(check.verdict !== "unknown" ? `${text}${check.fix ? ` (${check.fix})` : ""}` : `not verified: ${text}`);
  }
}
