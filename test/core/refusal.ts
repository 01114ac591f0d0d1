import { ShareError } from "../../src/core/errors";

/** What was refused; anything else that is thrown is thrown on. */
export async function refusal(work: Promise<unknown>): Promise<ShareError> {
  const error = await work.then(
    () => new Error("nothing was refused"),
    (reason: unknown) => reason,
  );
  if (!ShareError.isShareError(error)) throw error;
  return error;
}
