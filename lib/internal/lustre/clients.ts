// Clients of access rules and of the trusted nodemap: one or many texts, any of which may be a token.
import { AddressError, type NidInterval, parseClient, refuseWhole } from "../../../src/spec/address";
import { maxEnvBytes } from "../../../src/spec/request";
import type { Checks } from "../checks";
import { badText } from "../errors";
import { isToken, joinTexts } from "../tokens";
import * as errors from "./errors";

// The clients travel in one environment value together with the other properties of the rule.
const maxClientsBytes = maxEnvBytes - 20_000;

export interface ClientsText {
  /** As the executor is given them. */
  text: string;
  /** What is known of them at synthesis. */
  intervals: NidInterval[];
  /** With the network of each, as the executor records them; undefined when there is a token among them. */
  qualified: string | undefined;
}

export function clientsText(check: Checks, clients: string[], net: string, version: string): ClientsText {
  if (clients.length === 0) throw errors.noAddresses(check.path, "clients", '"10.1.0.0/24"');
  const intervals = literalClients(check, "clients", clients, net, version);
  const text = joinTexts(check.construct, clients);
  if (text.length > maxClientsBytes) throw errors.clientsTooLong(check.path, text.length, maxClientsBytes);
  const qualified = clients.map((client) => (client.includes("@") ? client : `${client}@${net}`)).join(", ");
  return { text, intervals, qualified: isToken(clients) ? undefined : qualified };
}

/** @throws ShareSynthesisError for a literal that is no client, or that the version cannot hold */
export function literalClients(check: Checks, property: string, clients: string[], net: string, version: string): NidInterval[] {
  const intervals = clients.filter((client) => !isToken([client])).map((client) => parse(check, property, client, net, version));
  reading(check, property, clients, () => refuseWhole(intervals));
  return intervals;
}

function parse(check: Checks, property: string, client: string, net: string, version: string): NidInterval {
  if (typeof client !== "string") throw badText(check.path, property, client, "texts");
  const interval = reading(check, property, client, () => parseClient(client, net));
  if (interval.family === 6 && version === "2.16")
    throw errors.needs217(check.path, property, client, "IPv6", "write IPv4 addresses");
  return interval;
}

function reading<T>(check: Checks, property: string, value: unknown, read: () => T): T {
  try {
    return read();
  } catch (error) {
    if (error instanceof AddressError) throw errors.badAddress(check.path, property, value, error);
    throw error;
  }
}
