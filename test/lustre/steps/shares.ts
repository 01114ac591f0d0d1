// What the suite's shares are like, and what several groups of steps need.
import type { LustreShare } from "../../../lib";
import { LustreLayout, RemovalPolicy, Size } from "../../../lib";
import { formatNid, parseClient } from "../../../src/spec/address";
import { Skip } from "../run";
import { netOf } from "../setting";
import type { Tenant, User } from "../tenant";
import type { Shares, World } from "../world";

type Options = Shares[string];
type Rules = NonNullable<Options["rules"]>;

export const limits = { a: 64, aGrown: 512 };

/** Filled by the tenant: opened to addresses that nobody has, and to the tenant. */
export function shareA(world: World, rules: Rules = readWrite(world), size = limits.a): Options {
  return { size: Size.mebibytes(size), removalPolicy: RemovalPolicy.DESTROY, rules };
}

/** Has every property that a share can have. */
export function shareB(more: Partial<Options> = {}): Options {
  return {
    size: Size.mebibytes(128),
    softSize: Size.mebibytes(96),
    inodes: 8192,
    softInodes: 4096,
    mode: 0o750,
    layout: LustreLayout.striped({ stripeCount: 1, stripeSize: Size.mebibytes(1) }),
    description: "of the acceptance suite",
    removalPolicy: RemovalPolicy.TRASH,
    ...more,
  };
}

export const readWrite =
  (world: World): Rules =>
  (share: LustreShare) =>
    void share.grantReadWrite("cpu", [nobody(world).most, ...(world.tenant ? [world.tenant.nid] : [])]);

export const withoutTenant =
  (world: World): Rules =>
  (share: LustreShare) =>
    void share.grantReadWrite("cpu", [nobody(world).most]);

/** Addresses that nobody has: all but the last, the first and the last of them. */
export function nobody({ setting }: World): Record<"most" | "first" | "last", string> {
  const interval = parseClient(setting.unused, netOf(setting));
  const { start, end } = interval;
  if (start === end) throw new Error("SHAREWRIGHT_LUSTRE_UNUSED: name at least two addresses");
  const nid = (value: bigint) => formatNid(interval, value);
  return { most: start === end - 1n ? nid(start) : `${nid(start)}:${nid(end - 1n)}`, first: nid(start), last: nid(end) };
}

// ---- the tenant's client ---------------------------------------------------------------------------------------------------

export function noTenant({ tenant, user }: World): string | undefined {
  if (!tenant) return "SHAREWRIGHT_LUSTRE_TENANT names no client of a tenant";
  return user ? undefined : "there is no account that the servers know";
}

export const only217 = (why: string) => (world: World) => (world.setting.lustreVersion === "2.16" ? why : noTenant(world));

export interface Visitor {
  tenant: Tenant;
  user: User;
}

export function visitorOf({ tenant, user }: World): Visitor {
  if (!tenant || !user) throw new Skip(noTenant({ tenant, user } as World));
  return { tenant, user };
}

/** What Terraform tells users to mount. */
export async function exportOf({ stack, setting }: World, share: string): Promise<string> {
  const { stdout } = await stack.terraform("show", "-json");
  const { values } = JSON.parse(stdout) as { values: { root_module: { resources: { values: Record<string, unknown> }[] } } };
  for (const resource of values.root_module.resources) {
    const { triggers_replace: triggers } = resource.values as { triggers_replace?: Record<string, string> };
    if (triggers?.["export_location"] && triggers["fileset"] === `/${setting.pathPrefix}/${share}`)
      return triggers["export_location"];
  }
  throw new Error(`Terraform's state has no export location of ${share}`);
}

/** Mounts, works with it, and unmounts however that ends. */
export async function mounted<T>(tenant: Tenant, exported: string, work: () => Promise<T>): Promise<T> {
  const { exit, said } = await tenant.mount(exported);
  if (exit !== 0) throw new Error(`mount ${exported} on the tenant's client: exit ${exit}\n${said}`);
  try {
    return await work();
  } finally {
    await tenant.unmount();
  }
}

/** Cannot mount; or, as on 2.16, is let in where nothing is to be seen. */
export async function isShutOut({ tenant, user }: Visitor, exported: string): Promise<boolean> {
  if ((await tenant.mount(exported)).exit !== 0) return true;
  const seen = await tenant.entries(user).catch(() => []);
  await tenant.unmount();
  return seen.length === 0;
}
