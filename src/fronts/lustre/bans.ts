// sharewright bans: clients that were cut off, and how they are let in again.

import { type Ban, liftBans, readBans } from "../../backends/lustre/access/bans";
import { defaultNet } from "../../backends/lustre/access/observe";
import type { Site } from "../../backends/lustre/site";
import { fault } from "../../core/errors";
import { AddressError, formatInterval, type NidInterval, parseClient } from "../../spec/address";
import { type Answer, answering, type CommonFlags, type Context } from "../commands/answer";
import { stepDocument } from "../commands/objects";
import { openConfig } from "../commands/site";
import { type Column, count, table } from "../commands/table";
import { onFileSystem } from "./on-file-system";

interface BansFlags extends CommonFlags {
  readonly fileSystem?: string;
}

const columns: Column<Ban>[] = [
  { heading: "CLIENTS", cell: ({ clients }) => formatInterval(clients) },
  { heading: "NODEMAP", cell: ({ nodemap }) => nodemap },
  { heading: "CONNECTED", cell: ({ connected }) => (connected === undefined ? "cannot be seen" : connected ? "yes" : "no") },
  { heading: "UNTIL", cell: ({ held }) => (held.length === 0 ? "granted anything again" : "lifted, or granted again") },
  { heading: "MAY HAVE MOUNTED", cell: ({ held }) => held.join(", ") || "-", shrinkTo: 8 },
];

async function listBans(context: Context, flags: BansFlags): Promise<Answer> {
  const bans = await onFileSystem(context, await openConfig(context, flags.stack), flags, readBans);
  return {
    text: bans.length === 0 ? "nobody is banned" : table(columns, bans, context.terminal.columns),
    document: {
      bans: bans.map(({ clients, nodemap, held, connected }) => ({
        clients: formatInterval(clients),
        nodemap,
        mayHaveMounted: held,
        connected,
      })),
    },
  };
}

interface LiftFlags extends BansFlags {
  readonly evenMounted?: boolean;
}

async function liftSome(context: Context, flags: LiftFlags, ...clients: string[]): Promise<Answer> {
  const done = await onFileSystem(context, await openConfig(context, flags.stack), flags, (site) =>
    liftBans(site, clientsOf(site, clients), flags.evenMounted === true),
  );
  return { text: `${count(clients.length, "client")} let in again`, document: { clients, steps: done.map(stepDocument) } };
}

function clientsOf(site: Site, texts: readonly string[]): NidInterval[] {
  if (texts.length === 0)
    throw fault("BAD_REQUEST", { summary: "say who is let in again", fix: "`sharewright bans list` shows who is banned" });
  return texts.map((text) => {
    try {
      return parseClient(text, defaultNet(site));
    } catch (cause) {
      if (!(cause instanceof AddressError)) throw cause;
      throw fault("BAD_REQUEST", { summary: cause.message, fix: cause.fix, cause });
    }
  });
}

export const bansList = answering("bans list", listBans);
export const bansLift = answering("bans lift", liftSome);
