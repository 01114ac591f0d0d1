// Checks whose looking may itself fail.
import type { Check } from "../../core/check";
import { ShareError } from "../../core/errors";

/** What cannot even be looked at is a bad check of its own. */
export async function checked(about: string, look: () => Promise<Check[]>): Promise<Check[]> {
  try {
    return await look();
  } catch (error) {
    if (!ShareError.isShareError(error)) throw error;
    return [{ id: about, about, verdict: "bad", found: `${error.code}: ${error.summary}`, fix: error.fix }];
  }
}
