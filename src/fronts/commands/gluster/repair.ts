// Brings one GlusterFS object back to what was applied last.
import { applyRule, applyShare, applySnapshot } from "../../../backends/gluster/operations";
import type { Log } from "../../../core/log";
import type { Step } from "../../../core/plan";
import { withClusters } from "../../clusters";
import { readGlusterRule, readGlusterShare, readGlusterSnapshot } from "../../request-gluster";
import type { StackObject } from "../../stack";
import type { OnGluster } from "../../stack-config";

/** `text`: its triggers as a hook is given them. */
export function mendOnClusters({ kind, key, stack, clusters }: StackObject & OnGluster, text: string, log: Log): Promise<Step[]> {
  return withClusters(clusters, log, (accesses) => {
    switch (kind) {
      case "gluster.share":
        return applyShare(accesses, { key, stack, ...readGlusterShare(text, key) });
      case "gluster.access-rule":
        return applyRule(accesses, { key, stack, ...readGlusterRule(text, key) });
      case "gluster.snapshot":
        return applySnapshot(accesses, { key, stack, ...readGlusterSnapshot(text, key) });
    }
  });
}
