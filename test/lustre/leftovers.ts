// What a run that was cut off has left: known by the label of its records, whoever has its Terraform state; and by places of the suite's own.
import { RemovalPolicy, Size } from "../../lib";
import { formatInterval, parseClient } from "../../src/spec/address";
import { exists, projectOf } from "./looks";
import { netOf } from "./setting";
import { until } from "./until";
import { owner, type Shares, saidBy, type World } from "./world";

/** A directory that the suite makes to adopt it; beside the prefix, from the root of the file system. */
export const foundDirectory = ({ setting }: World) => `/${setting.pathPrefix}-found`;

interface Known {
  key: string;
  managedBy: string;
}
interface KnownShare extends Known {
  fileset: string;
}
interface KnownRule extends Known {
  clients?: string;
  level?: string;
}
interface Inventory {
  shares: KnownShare[];
  rules: KnownRule[];
  trash: (Known & { name: string })[];
}

/** What records say that the suite has made, below its prefix. */
export async function inventory(world: World): Promise<Inventory> {
  const [found] = (await world.json([0], "list", world.stack.dir)).fileSystems as [Inventory];
  const isOurs = ({ key, managedBy }: Known) => managedBy === owner && key.startsWith(`${world.setting.pathPrefix}/`);
  return { shares: found.shares.filter(isOurs), rules: found.rules.filter(isOurs), trash: found.trash.filter(isOurs) };
}

/** Returns what was removed. Only what bears the suite's label and lies where it makes things is touched. */
export async function removeLeftovers(world: World): Promise<string[]> {
  const { shares, rules } = await inventory(world);
  const keys = [...shares, ...rules].map(({ key }) => key);
  if (keys.length > 0) {
    // With the state of the earlier run, where it was run from here: its claims are let go of as usual.
    await world.apply({});
    const left = takenOver(await inventory(world));
    if (Object.keys(left).length > 0) {
      const taken = await world.apply(left);
      if (taken.exitCode !== 0) throw new Error(`what is left cannot be taken over: ${saidBy(taken)}`);
      await world.deploy({});
    }
  }
  const { trash } = await inventory(world);
  for (const { name } of trash) await world.sharewright([0], "trash", "purge", name, "--stack", world.stack.dir);
  return [
    ...keys,
    ...trash.map(({ name }) => `${name} in the trash`),
    ...(await removeFound(world)),
    ...(await removePrefix(world)),
    ...(await liftBan(world)),
  ];
}

/** The product leaves it: it does not know that the suite has it for itself. */
export async function removePrefix({ hands, place }: World): Promise<string[]> {
  const isThere = await exists(hands, place(""));
  const { exitCode } = isThere ? await hands.ask("client", "rmdir", place("")) : { exitCode: 1 };
  return exitCode === 0 ? [place("")] : [];
}

/** Of the tenant's client, which the suite lets in and shuts out at will. */
export async function liftBan({ tenant, setting, stack, json, sharewright }: World): Promise<string[]> {
  if (!tenant || setting.lustreVersion === "2.16") return [];
  const { bans } = await json([0], "bans", "list", "--stack", stack.dir);
  const clients = formatInterval(parseClient(tenant.nid, netOf(setting)));
  if (!(bans as { clients: string }[]).some((ban) => ban.clients === clients)) return [];
  // Servers may take a client for connected a while after it has unmounted.
  await until("the ban to be lifted", async () => {
    const { exitCode } = await sharewright([0, 3], "bans", "lift", tenant.nid, "--stack", stack.dir);
    return exitCode === 0 ? true : undefined;
  });
  return [`the ban of ${clients}`];
}

/** Shares and rules as a stack describes them to take them over and let them go. */
function takenOver({ shares, rules }: Inventory): Shares {
  const nameOf = (key: string) => key.slice(key.lastIndexOf("/") + 1);
  const throwaway = { size: Size.tebibytes(1), removalPolicy: RemovalPolicy.DESTROY };
  const left: Shares = {};
  for (const { key, fileset } of shares)
    left[nameOf(key)] = { ...throwaway, adopt: fileset === `/${key}` ? true : { path: fileset } };
  for (const { key, clients = "", level } of rules) {
    const [share = "", rule = ""] = key.split("#");
    const { rules: before, ...options } = left[nameOf(share)] ?? { ...throwaway, adopt: true };
    left[nameOf(share)] = {
      ...options,
      rules: (made) => {
        before?.(made);
        if (level === "ro") made.grantRead(rule, clients.split(", "));
        else made.grantReadWrite(rule, clients.split(", "));
      },
    };
  }
  return left;
}

/** With what is in it only when its project id is one of ours. */
async function removeFound(world: World): Promise<string[]> {
  const { hands, setting } = world;
  const path = `${setting.mountPoint}${foundDirectory(world)}`;
  if (!(await exists(hands, path))) return [];
  const { id } = await projectOf(hands, path);
  if (id === 0) await hands.must("client", "rmdir", path);
  else if (id < setting.projectIds.start || id > setting.projectIds.end)
    throw new Error(`${path} is in the way: the suite makes and removes it, but its project id ${id} is none of the suite's`);
  else await hands.must("client", "rm", "-r", "--", path);
  return [path];
}
