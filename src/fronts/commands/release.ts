// sharewright release: stops managing a share and touches nothing.
import { releaseShare } from "../../backends/lustre/release";
import { fault } from "../../core/errors";
import { isRuleKey } from "../../spec/name";
import { withSite } from "../site";
import { type Answer, answering, type CommonFlags, type Context } from "./answer";
import { stepDocument } from "./objects";
import { fileSystemOfKey, logOf, openStack } from "./site";

interface ReleaseFlags extends CommonFlags {
  readonly stack?: string;
  readonly fileSystem?: string;
}

async function release(context: Context, flags: ReleaseFlags, key: string): Promise<Answer> {
  if (isRuleKey(key)) {
    throw fault("BAD_REQUEST", {
      object: key,
      summary: "an access rule cannot be released: access is compiled from the records, so what no record asks for is closed",
      fix: "take the rule out of the code and apply; to keep its nodemap, make one of your own with other ranges",
    });
  }
  const stack = await openStack(context, flags.stack);
  const done = await withSite(fileSystemOfKey(stack, key, flags.fileSystem), logOf(context, flags.json), (site) =>
    releaseShare(site, key, stack.claims),
  );
  return {
    text:
      done.length === 0
        ? `${key}: nobody manages it already`
        : `${key}: released. Take it out of the code now: a later apply of its construct would take it over again.`,
    document: { key, steps: done.map(stepDocument) },
  };
}

export default answering("release", release);
