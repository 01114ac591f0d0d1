// sharewright release: stops managing a share and touches nothing.
import { releaseShare } from "../../backends/lustre/release";
import { fault } from "../../core/errors";
import { isGlusterRuleKey, isGlusterShareKey, isGlusterSnapshotKey, isRuleKey } from "../../spec/name";
import { withSite } from "../site";
import { chooseClusters, type Stack } from "../stack";
import { type Answer, answering, type CommonFlags, type Context } from "./answer";
import { stepDocument } from "./objects";
import { fileSystemOfKey, logOf, openStack } from "./site";

interface ReleaseFlags extends CommonFlags {
  readonly fileSystem?: string;
  readonly cluster?: string;
}

async function release(context: Context, flags: ReleaseFlags, key: string): Promise<Answer> {
  if (isRuleKey(key)) {
    throw fault("BAD_REQUEST", {
      object: key,
      summary: "an access rule cannot be released: access is compiled from the records, so what no record asks for is closed",
      fix: "take the rule out of the code and apply; to keep its nodemap, make one of your own with other ranges",
    });
  }
  if (isGlusterRuleKey(key) || isGlusterSnapshotKey(key)) {
    throw fault("BAD_REQUEST", {
      object: key,
      summary: "only a share can be released; its access rules and snapshots are removed, or go with it to who adopts it",
      fix: `write the key of the share: ${key.split(/[#@]/)[0]}`,
    });
  }
  const stack = await openStack(context, flags.stack);
  // No key of a file system is without a path prefix.
  if (isGlusterShareKey(key)) return releaseOnClusters(context, stack, flags, key);
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

async function releaseOnClusters(context: Context, stack: Stack, flags: ReleaseFlags, key: string): Promise<Answer> {
  const clusters = chooseClusters(stack, flags.cluster);
  const released = await (await import("./gluster/trash")).release(clusters, key, stack.claims, logOf(context, flags.json));
  return {
    text: released
      ? `${key}: released. Take it out of the code now: a later apply of its construct is refused, unless it says adopt: true.`
      : `${key}: nobody manages it already`,
    document: { key, steps: [] },
  };
}

export default answering("release", release);
