// What an apply or a removal of a share would do: the plan itself, over what each of its rounds leaves behind. Nothing of it happens.
import { type Expected, foretell } from "../../../core/engine";
import type { Step } from "../../../core/plan";
import type { Site } from "../site";
import { afterStep } from "./foresee";
import type { SeenShare } from "./observe";
import { planShare } from "./plan";
import { planLeaving, planRemoval } from "./removal";
import type { ShareWish } from "./steps";

/** Steps that people are told about. @throws what an apply would be refused with */
export async function previewShare(site: Site, wish: ShareWish, seen: SeenShare): Promise<Step[]> {
  return foreseen({ site, key: wish.key, layout: wish.spec.layout }, seen, (now) => planShare(site, wish, now));
}

/** How the share would go by the policy that was applied last, once its access is closed. */
export async function previewRemoval(site: Site, key: string, seen: SeenShare): Promise<Step[]> {
  const plan = (now: SeenShare) => (now.record?.state === "ready" ? planLeaving(site, now) : planRemoval(site, key, now));
  return foreseen({ site, key }, seen, plan);
}

async function foreseen(
  subject: Parameters<typeof afterStep>[0],
  seen: SeenShare,
  plan: (seen: SeenShare) => Step[],
): Promise<Step[]> {
  const steps = await foretell({
    object: subject.key,
    seen,
    observe: async (expected?: Expected<SeenShare>) => expected?.seen ?? seen,
    plan,
    after: (now, step) => afterStep(subject, now, step),
  });
  return steps.filter(({ quiet }) => !quiet);
}
