// sharewright release: stops managing a share and touches nothing.
import { fault } from "../../core/errors";
import type { Desk } from "../desk";
import { type Answer, answering, type CommonFlags, type Context } from "./answer";
import { stepDocument } from "./objects";
import { logOf, openStack } from "./site";

interface ReleaseFlags extends CommonFlags {
  readonly fileSystem?: string;
  readonly cluster?: string;
}

async function release(context: Context, flags: ReleaseFlags, key: string): Promise<Answer> {
  const { desk, kind } = whose(await context.desks(), key);
  const stack = await openStack(context, flags.stack);
  const { text, steps } = await desk.release(stack, kind, key, flags[desk.flag], logOf(context, flags.json));
  return { text, document: { key, steps: steps.map(stepDocument) } };
}

/** Keys of different kinds are never alike. */
function whose(desks: readonly Desk[], key: string): { desk: Desk; kind: string } {
  for (const desk of desks) {
    for (const [kind, { isKey }] of Object.entries(desk.system.kinds)) if (isKey(key)) return { desk, kind };
  }
  throw fault("BAD_REQUEST", {
    object: key,
    summary: `"${key}" is no key of a share`,
    fix: "write it as `sharewright status` shows it",
  });
}

export default answering("release", release);
