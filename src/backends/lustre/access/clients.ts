// Clients as addresses: of an access rule, or those that are trusted with everything.

import { AddressError, type NidInterval, parseClient, refuseWhole } from "../../../spec/address";
import { defined } from "../../../spec/defined";
import type { AccessRuleSpec } from "../../../spec/lustre";
import { fault } from "../faults";
import type { Site } from "../site";
import { defaultNet } from "./observe";

/** The clients of a rule as intervals. */
export function intervalsOf(spec: AccessRuleSpec, site: Site, object: string): NidInterval[] {
  const net = defaultNet(site);
  const known = read.get(spec);
  if (known?.net === net) return known.intervals;
  const intervals = reading("clients", () => spec.clients.map((client) => parseClient(client, net)), object);
  read.set(spec, { net, intervals });
  return intervals;
}

/** Each plan goes by the clients of all rules. */
const read = new WeakMap<AccessRuleSpec, { net: string; intervals: NidInterval[] }>();

/** Of a property of the file system. */
export function readAddresses(property: string, clients: readonly string[], net: string): NidInterval[] {
  return reading(property, () => clients.map((client) => parseClient(client, net)));
}

/** Of a rule that is asked for now: what may not be is refused before it is noted for others to compile. */
export function intervalsAsked(spec: AccessRuleSpec, site: Site, object: string): NidInterval[] {
  const intervals = intervalsOf(spec, site, object);
  reading("clients", () => refuseWhole(intervals), object);
  return intervals;
}

function reading<T>(property: string, work: () => T, object?: string): T {
  try {
    return work();
  } catch (cause) {
    if (!(cause instanceof AddressError)) throw cause;
    throw fault("BAD_REQUEST", {
      ...defined({ object }),
      summary: `${property}: ${cause.message}`,
      fix: cause.fix,
      cause,
    });
  }
}
