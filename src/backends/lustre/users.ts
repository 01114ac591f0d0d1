// Whether the MDS knows the users that own shares: one without an account there is refused whatever the mode says (golden a026, b047).
import { type Check, good, unknown, warning } from "../../core/check";
import type { Host } from "../../core/host";
import { defined } from "../../spec/defined";
import * as cli from "./cli";
import type { Inventory } from "./inspect";
import { askParams } from "./params";
import { lines } from "./parse";
import type { Site } from "./site";

const id = "users";
const about = "users known to the MDS";
/** getent(1): some of the keys are not there. */
const notFound = 2;

interface Told {
  host: Host;
  /** How the MDT learns who a user is; undefined where the host has no MDT. */
  upcall?: string;
  /** Undefined where the accounts could not be asked for. */
  accounts?: Set<number>;
}

/** One round trip a host, together with whatever else it is asked. `uids` may be none. */
export async function checkUsers(site: Site, uids: readonly number[]): Promise<Check> {
  const asked = [...new Set(uids)].filter((uid) => uid !== 0).sort((a, b) => a - b);
  const hosts = [...site.servers, site.mds, site.mgs];
  const machines = hosts.filter((host, index) => hosts.findIndex(({ transport }) => transport === host.transport) === index);
  // A host that cannot be reached is told of by whatever needs it.
  const answers = machines.map((host) => ask(site, host, asked).catch((): Told => ({ host })));
  const told = (await Promise.all(answers)).filter(({ upcall }) => upcall !== undefined);
  if (told.length === 0) return unknown(id, about, "no MDS can be asked here; name the servers in `servers` to have it checked");
  const asking = told.find(({ upcall }) => upcall?.startsWith("/"));
  if (!asking) return good(id, about, `clients are believed (identity_upcall ${told[0]?.upcall})`);
  if (asked.length === 0) return good(id, about, `owners of shares need an account there (identity_upcall ${asking.upcall})`);
  return judgeAccounts(site, told, asked);
}

/** Of users that an apply is about; root needs no account. */
export async function checkOwners(site: Site, uids: readonly number[]): Promise<Check[]> {
  return uids.every((uid) => uid === 0) ? [] : [await checkUsers(site, uids)];
}

function judgeAccounts(site: Site, told: readonly Told[], asked: readonly number[]): Check {
  const unseen = told.find(({ upcall, accounts }) => upcall?.startsWith("/") && !accounts);
  if (unseen) return unknown(id, about, `the accounts of ${unseen.host.name} cannot be asked for (getent passwd)`);
  for (const { host, upcall, accounts } of told) {
    const missing = asked.filter((uid) => accounts && !accounts.has(uid));
    if (missing.length === 0) continue;
    const who = `uid ${missing.join(", ")} ${missing.length === 1 ? "has" : "have"} no account on ${host.name}`;
    return warning(id, about, `${who}, which asks ${upcall}: such users are refused whatever the mode says`, fixFor(site));
  }
  return good(id, about, asked.length === 1 ? `uid ${asked[0]}` : `${asked.length} owners`);
}

function fixFor({ fileSystem: { fsName, lustreVersion } }: Site): string {
  const believe = `lctl set_param -P mdt.${fsName}-MDT*.identity_upcall=NONE on the MGS, where the groups that clients name may be believed`;
  // lctl-nodemap_modify(8): without the role the upcall is INTERNAL for the clients of the nodemap.
  const role = lustreVersion === "2.16" ? "" : "; or `rbac` of the access rules without server_upcall";
  return `give them accounts on every MDS (passwd or a directory service); or ${believe}${role}`;
}

/** Nothing here is an error: it is asked for advice only. */
async function ask(site: Site, host: Host, uids: readonly number[]): Promise<Told> {
  const names = [cli.upcallParameter(site.fileSystem.fsName)];
  const next = { ...cli.getentPasswd(...uids), given: { of: 0, says: ".identity_upcall=/" } };
  const { params, next: found } = await askParams(host, uids.length === 0 ? { names } : { names, next });
  const values = [...params].flatMap(([name, value]) => (name.endsWith(".identity_upcall") ? [value] : []));
  const upcall = values.find((value) => value.startsWith("/")) ?? values[0];
  const isTold = found?.exitCode === 0 || found?.exitCode === notFound;
  return {
    host,
    ...defined({ upcall }),
    ...(isTold ? { accounts: new Set(lines(found.stdout).map((line) => Number(line.split(":")[2]))) } : {}),
  };
}

/** Who owns the shares, and whom access rules make of everybody. */
export function ownersIn({ shares, rules }: Pick<Inventory, "shares" | "rules">): number[] {
  const squashed = rules.map(({ live, pending }) => /^all (\d+):/.exec((pending ?? live)?.squash ?? "")?.[1]);
  return [...shares.map(({ spec }) => spec.owner.split(":")[0]), ...squashed].flatMap((uid) =>
    uid === undefined ? [] : [Number(uid)],
  );
}
