// The clients of an access rule as addresses.
import { fault } from "../../core/errors";
import { AddressError, type NidInterval, parseClient, refuseWhole } from "../../spec/address";
import type { AccessRuleSpec } from "../../spec/lustre";
import { defaultNet } from "./access-observe";
import type { Site } from "./site";

/** The clients of a rule as intervals. */
export function intervalsOf(spec: AccessRuleSpec, site: Site, object: string): NidInterval[] {
  return readClients(object, () => spec.clients.map((client) => parseClient(client, defaultNet(site))));
}

/** Of a rule that is asked for now: what may not be is refused before it is noted for others to compile. */
export function intervalsAsked(spec: AccessRuleSpec, site: Site, object: string): NidInterval[] {
  const intervals = intervalsOf(spec, site, object);
  readClients(object, () => refuseWhole(intervals));
  return intervals;
}

function readClients<T>(object: string, read: () => T): T {
  try {
    return read();
  } catch (cause) {
    if (!(cause instanceof AddressError)) throw cause;
    throw fault("BAD_REQUEST", { object, summary: `clients: ${cause.message}`, fix: cause.fix, cause });
  }
}
