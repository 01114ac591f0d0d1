// What befalls runs and clusters, and what it leaves on them.
import type { Result } from "../../../src/core/command";
import type { Around } from "../in-process";
import type { GlusterSite } from "./site";

const unheard: Result = { exitCode: null, timedOut: false, stdout: "", stderr: "", ms: 0 };

export const connectionFailed: Result = {
  exitCode: 1,
  timedOut: false,
  stdout: "Connection failed. Please check if gluster daemon is operational.\n",
  stderr: "",
  ms: 0,
};

/** From this command on nothing is done any more. */
export function cutOffAt(isIt: (text: string) => boolean): Around {
  let isGone = false;
  return ({ text }, go) => {
    isGone ||= isIt(text);
    return isGone ? Promise.resolve(unheard) : go();
  };
}

/** Once, right before this command. */
export function rightBefore(isIt: (text: string) => boolean, happen: () => unknown): Around {
  let hasHappened = false;
  return async ({ text }, go) => {
    if (!hasHappened && isIt(text)) {
      hasHappened = true;
      await happen();
    }
    return go();
  };
}

export function setServers(site: GlusterSite, cluster: number, isUp: boolean): void {
  site.change(({ servers }) => {
    for (const server of servers) server.isUp = isUp;
  }, cluster);
}

/** What the mark of a volume says; empty where there is none. */
export function markOf(site: GlusterSite, volume: string, cluster = 1): Record<string, string> {
  const text = site.options(volume, cluster)["user.sharewright.share"] ?? "NONE";
  return text === "NONE" ? {} : Object.fromEntries(new URLSearchParams(text));
}

/** Volumes that are marked for a share: `CLUSTER:VOLUME STATE`. */
export function homesOf(site: GlusterSite, share: string): string[] {
  return site.state().clusters.flatMap((_, index) =>
    site.volumes(index + 1).flatMap(({ name }) => {
      const { key, state } = markOf(site, name, index + 1);
      return key === share ? [`${index + 1}:${name} ${state}`] : [];
    }),
  );
}
