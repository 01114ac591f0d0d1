// What is swept: by verb, each scenario with what is there before it.
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { RemovalPolicy } from "../../../src/spec/removal-policy";
import type { TestSite } from "../support";
import type { Scenario } from "./sweep";

/** By name. Each prepares an empty site. */
export type Scenarios = Record<string, (site: TestSite) => Promise<Scenario>>;

export const create: Scenarios = {
  "the first share of a file system, X-L13": async (site) => ({
    hook: site.stack().share("a", { inodes: "100000", layout: "-c 4", description: "first" }).apply,
  }),
  "a share that is then removed from the code leaves nothing": async (site) => {
    const stack = site.stack();
    await site.succeed(stack.share("neighbour").apply);
    const share = stack.share("a", { removal_policy: "destroy" });
    return { hook: share.apply, next: share.destroy };
  },
  "adopting a directory that is there": async (site) => {
    await site.succeed(site.stack().share("neighbour").apply);
    mkdirSync(join(site.mount, "shares/a"));
    await site.admin("lfs", "project", "-p", "20000", "-s", join(site.mount, "shares/a"));
    await site.admin("lfs", "setquota", "-p", "20000", "-B", "1048576k", site.mount);
    return { hook: site.stack().share("a", { adopt: "true" }).apply };
  },
};

type ShareProperties = Parameters<ReturnType<TestSite["stack"]>["share"]>[1];

function change(to: ShareProperties): Scenarios[string] {
  return async (site) => {
    const stack = site.stack();
    await site.succeed(stack.share("a", { size: "1 GiB", layout: "-c 2" }).apply);
    await site.succeed(stack.rule("a", "cpu", { clients: "10.1.0.1" }).apply);
    return { hook: stack.share("a", { size: "1 GiB", layout: "-c 2", ...to }).apply };
  };
}

export const update: Scenarios = {
  "shrink, X-L17": change({ size: "512 MiB" }),
  "grow, owner, mode and layout": change({
    size: "2 GiB",
    inodes: "5000",
    owner: "2000:2000",
    mode: "0750",
    layout: "-E 64M -c 1 -E -1 -c 4",
  }),
  "taking up again what was retained, with the access that its rules still give": async (site) => {
    const stack = site.stack();
    const share = stack.share("a");
    await site.succeed(share.apply);
    await site.succeed(stack.rule("a", "cpu", { clients: "10.1.0.1" }).apply);
    await site.succeed(share.destroy);
    return { hook: share.apply };
  },
};

/** The rule's own claim is still there, as when another stack has put it on the share: the share's removal has to close the access. */
function removal(policy: RemovalPolicy): Scenarios[string] {
  return async (site) => {
    const stack = site.stack();
    const share = stack.share("a", { removal_policy: policy });
    await site.succeed(share.apply);
    await site.succeed(stack.rule("a", "cpu", { clients: "10.1.0.1" }).apply);
    mkdirSync(join(site.mount, "shares/a/deep/er"), { recursive: true });
    for (const name of ["one", "deep/two", "deep/er/three"]) writeFileSync(join(site.mount, "shares/a", name), name);
    return { hook: share.destroy };
  };
}

export const destroy: Scenarios = Object.fromEntries(
  (["retain", "trash", "destroy"] as const).map((policy) => [
    `by the policy ${policy}, with data in it and a client let in, X-L14`,
    removal(policy),
  ]),
);

async function twoShares(site: TestSite, revocation: "lazy" | "cut" = "lazy") {
  const stack = site.stack({ revocation });
  await site.succeed(stack.share("a").apply);
  await site.succeed(stack.share("b").apply);
  return stack;
}

export const access: Scenarios = {
  "the first grant": async (site) => ({ hook: (await twoShares(site)).rule("a", "cpu", { clients: "10.1.0.0/24" }).apply }),
  "a grant that splits another's clients": async (site) => {
    const stack = await twoShares(site);
    await site.succeed(stack.rule("a", "cpu", { clients: "10.1.0.0/24" }).apply);
    return { hook: stack.rule("b", "one", { clients: "10.1.0.5, 10.1.1.0/28" }).apply };
  },
  "level, squash and clients at once": async (site) => {
    const stack = await twoShares(site);
    await site.succeed(stack.rule("a", "cpu", { clients: "10.1.0.0/28" }).apply);
    return { hook: stack.rule("a", "cpu", { clients: "10.1.0.8/29", level: "ro", squash: "all 1000:1000" }).apply };
  },
  "a grant that is then removed from the code leaves nothing": async (site) => {
    const rule = (await twoShares(site)).rule("a", "cpu", { clients: "10.1.0.0/24" });
    return { hook: rule.apply, next: rule.destroy };
  },
  "revoke, clients cut off": async (site) => {
    const stack = await twoShares(site, "cut");
    await site.succeed(stack.rule("a", "cpu", { clients: "10.1.0.0/28" }).apply);
    const rule = stack.rule("b", "one", { clients: "10.1.0.5, 10.1.1.1" });
    await site.succeed(rule.apply);
    return { hook: rule.destroy };
  },
};

export const accessOn216: Scenarios = {
  "the first grant, its fileset made persistent": async (site) => {
    const stack = site.stack();
    await site.succeed(stack.share("a").apply);
    return { hook: stack.rule("a", "cpu", { clients: "10.1.0.1" }).apply };
  },
};
