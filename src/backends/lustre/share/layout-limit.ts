// Whether the MDT keeps as much of each file as a layout asks for. More is cut, or left out altogether, with exit 0 (golden y137 to y157), so it is
// found out before anything is changed: by what the MDTs say, or else by trying in the staging folder.

import { run } from "../../../core/host";
import type { Layout } from "../../../spec/layout";
import type { ShareSpec } from "../../../spec/lustre";
import { formatSize } from "../../../spec/size";
import * as cli from "../cli";
import { fault } from "../faults";
import { statAll } from "../look";
import { readParamsOf } from "../params";
import { parseLfsGetstripe } from "../parse";
import { type Site, stagingPath } from "../site";
import { describeLayout, sameLayout } from "./layout";
import type { SeenShare } from "./observe";

/** The layout of a share, if it has data on the MDT and is still to be set. */
export function unprovenLayout({ layout }: ShareSpec, seen: SeenShare | undefined): Layout | undefined {
  if (!layout?.[0]?.onMdt) return undefined;
  return seen?.layout && sameLayout(layout, seen.layout) ? undefined : layout;
}

/** What each MDT whose parameters can be read here takes of a file now: less than its maximum where it is filling up (lod_dom_stripesize_recalc). */
export async function readMdtLimits({ servers, mgs, mds, fileSystem }: Site): Promise<bigint[]> {
  const params = await readParamsOf(servers.length > 0 ? servers : [mgs, mds], cli.mdtLimitParameter(fileSystem.fsName));
  const limits = [...params].filter(([name]) => name.endsWith(".dom_stripesize_cur_kb"));
  return limits.map(([, kib]) => BigInt(kib) * 1024n);
}

/** Throws where no MDT takes so much. "unknown" where one of several does not, or none says. */
export async function judgeMdtPart(site: Site, object: string, layout: Layout): Promise<"holds" | "unknown"> {
  const asked = layout[0]?.end ?? 0n;
  const limits = await readMdtLimits(site);
  if (limits.length === 0 || limits.some((limit) => limit < asked) !== limits.every((limit) => limit < asked)) return "unknown";
  const [limit = 0n] = limits.toSorted((a, b) => (a < b ? 1 : -1));
  if (limit < asked) throw cut(object, asked, limit);
  return "holds";
}

/** A directory of the share's own name in the staging folder, as its creation makes it, tells what would become of the layout. */
export async function proveInStaging(site: Site, key: string, layout: Layout): Promise<void> {
  const { client } = site;
  const place = stagingPath(site, key);
  const isMade = (await statAll(site, [place])).size === 0;
  if (isMade) await run(client, cli.mkdir("0700", place));
  await run(client, cli.lfsSetstripe(layout, place));
  const seen = parseLfsGetstripe((await run(client, cli.lfsGetstripe(place))).stdout);
  if (isMade) await run(client, cli.rmdir(place));
  if (sameLayout(layout, seen)) return;
  const [first] = seen;
  throw cut(key, layout[0]?.end ?? 0n, first?.pattern === "mdt" && first.end !== "EOF" ? first.end : 0n, describeLayout(seen));
}

function cut(object: string, asked: bigint, limit: bigint, said?: string) {
  const much = limit === 0n ? "none of it now" : formatSize(limit);
  const less = limit === 0n ? "leave out LustreLayout.dataOnMdt" : `ask for at most ${formatSize(limit)}`;
  return fault("LAYOUT_CUT", {
    object,
    summary: `the layout asks for ${formatSize(asked)} of each file on the MDT, which takes ${much}`,
    ...(said === undefined ? {} : { said: `set in staging it became: ${said}` }),
    fix: `${less}, or have the MDT take more, on its server: lctl set_param -P lod.*.dom_stripesize=${asked}; an MDT that is filling up takes less (dom_stripesize_cur_kb)`,
  });
}
