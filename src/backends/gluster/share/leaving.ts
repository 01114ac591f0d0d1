// What is looked at while a share goes, and what its steps leave behind.

import { succeeded } from "../../../core/command";
import type { Expected } from "../../../core/engine";
import { attempt } from "../../../core/host";
import type { Step } from "../../../core/plan";
import { defined } from "../../../spec/defined";
import * as cli from "../cli";
import { type Content, lookAtContent, type Mounted, openContent, tidyMount, traceOf } from "../volume/content";
import { recordWithServers } from "../volume/options";
import { rootOwner } from "../volume/root";
import { afterCommand } from "./foresee";
import { observeVolume } from "./observe";
import { type Brick, isOwn, ownBricks, planUncovering, type SeenLeaving } from "./removal";

/** What a removal knows besides what it sees. */
export interface Memory {
  key: string;
  /** It was read back that nobody has the volume any more. */
  isCut: boolean;
  /** What a killed run has left of its looks was taken away. */
  isTidy: boolean;
  mounted?: Mounted;
}

export async function lookAtLeaving(memory: Memory, begin: SeenLeaving, expected?: Expected<SeenLeaving>): Promise<SeenLeaving> {
  const seen = expected?.seen ? await lookAgain(memory, expected.seen) : begin;
  const { cluster, volume, record } = seen;
  if (!volume) return seen;
  if (hasBricksToGo(seen)) {
    await expected?.ran;
    return withBricks(seen, expected?.seen?.bricks);
  }
  if (!record || (record.state !== "cut" && record.state !== "wiped") || isOwn(record)) return seen;
  await expected?.ran;
  if (!record.shown && !memory.isTidy) await tidyMount(cluster, memory.key, volume);
  memory.isTidy = true;
  const isCovered = planUncovering(volume, record).length > 0;
  return record.state === "wiped" || isCovered ? seen : { ...seen, content: await contentOf(memory, seen) };
}

/** Once nobody has it, only the content changes, and the options as they were set: neither is asked of gluster. */
async function lookAgain(memory: Memory, expected: SeenLeaving): Promise<SeenLeaving> {
  const { cluster, volume, record, begun, isDeleted } = expected;
  if (!volume) return expected;
  if (!isDeleted && (begun || (memory.isCut && record?.state === "cut"))) return expected;
  const { volume: _, record: __, ...rest } = expected;
  const seen = { ...rest, ...(await observeVolume(cluster, volume.name)) };
  memory.isCut = seen.record?.state === "cut";
  return seen;
}

function hasBricksToGo({ begun, record }: SeenLeaving): boolean {
  return begun === "made" || (record?.state === "cut" && record.origin === "made");
}

async function withBricks(seen: SeenLeaving, left: readonly Brick[] | undefined): Promise<SeenLeaving> {
  const { cluster, volume, isDeleted } = seen;
  if (!volume || isDeleted) return seen;
  const all = ownBricks(cluster, volume);
  if (!left) return { ...seen, bricks: all };
  for (const brick of all.filter(({ server, path }) => !left.some((one) => one.server === server && one.path === path)))
    if (succeeded(await attempt(brick.server, cli.exists(brick.path)))) return { ...seen, stuckBrick: brick };
  return seen;
}

/** It stays mounted until there is nothing left to go. */
async function contentOf(memory: Memory, { cluster, volume }: SeenLeaving): Promise<Content> {
  if (!volume) throw new Error("no volume");
  memory.mounted ??= await openContent(cluster, memory.key, volume);
  const { mounted } = memory;
  const content = await lookAtContent(cluster, volume, mounted, { owner: rootOwner(volume.options), unseen: "said" });
  if (traceOf(content) !== undefined) return content;
  delete memory.mounted;
  await mounted.unmount();
  return content;
}

/** What cannot be seen without a mount: that there is data, and that it goes. */
export function withWhatMayBe(seen: SeenLeaving): SeenLeaving {
  const { cluster, volume, record, wipes, bricks } = seen;
  if (seen.isDeleted) return { cluster, wipes };
  if (volume && hasBricksToGo(seen) && !bricks) return { ...seen, bricks: ownBricks(cluster, volume) };
  if (!volume || record?.state !== "cut" || isOwn(record)) return seen;
  const content = { host: cluster.server, directory: cluster.spec.mountPointBase, used: [] };
  return { ...seen, content: wipes === 0 && record.shown ? { ...content, entry: "data" } : content };
}

/** Pure. */
export function afterLeaving(seen: SeenLeaving, { id, on, commands }: Step): SeenLeaving {
  if (id === "wipe") return { ...seen, wipes: seen.wipes + 1 };
  if (id === "reset-root") return { ...seen, isReset: true };
  if (id === "delete") return { ...seen, isDeleted: true };
  if (id === "remove-brick") {
    const paths = commands.map(({ argv }) => argv.at(-1));
    const isRemoved = ({ server, path }: Brick) => server === on && paths.includes(path);
    return { ...seen, bricks: (seen.bricks ?? []).filter((brick) => !isRemoved(brick)) };
  }
  if (!seen.volume) return seen;
  const { record: _, ...rest } = seen;
  const volume = commands.reduce(afterCommand, seen.volume);
  const record = recordWithServers(volume, seen.cluster.spec);
  return { ...rest, volume, ...defined({ record }) };
}
