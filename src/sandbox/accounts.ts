// Accounts of the servers, and whom the MDT does not serve without one. D/etc/passwd is what /etc/passwd is on every host of the sandbox.
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { hasRole } from "./nodemaps";
import { isTwoSixteen, type Nodemap, type State } from "./state";
import { files } from "./store";

/** As on a fresh server. */
export const firstAccounts = "root:x:0:0:root:/root:/bin/bash\nnobody:x:65534:65534:nobody:/nonexistent:/usr/sbin/nologin\n";

export interface Account {
  name: string;
  uid: number;
  line: string;
}

export function accountsOf(dir: string): Account[] {
  const file = join(dir, files.accounts);
  const text = existsSync(file) ? readFileSync(file, "utf8") : firstAccounts;
  return text.split("\n").flatMap((line) => {
    const [name = "", , uid = ""] = line.split(":");
    return /^\d+$/.test(uid) ? [{ name, uid: Number(uid), line }] : [];
  });
}

export const usualUpcall = "/usr/sbin/l_getidentity";

export function upcallOf(state: State, mdt: string): string {
  return state.parameters[`mdt.${state.fsName}-${mdt}.identity_upcall`] ?? usualUpcall;
}

/**
 * The MDT asks its upcall about every user; one that l_getidentity does not find is refused whatever the mode says (golden a026, b047). NONE
 * and INTERNAL believe the client, and so is a nodemap without the role server_upcall (mdt_lib.c of 2.17.0).
 */
export function isServed(state: State, dir: string, nodemap: Nodemap | undefined, uid: number): boolean {
  if (nodemap && !isTwoSixteen(state) && !hasRole(nodemap, "server_upcall")) return true;
  const asks = state.targets.some(({ kind, name }) => kind === "mdt" && !["NONE", "INTERNAL"].includes(upcallOf(state, name)));
  return !asks || accountsOf(dir).some((account) => account.uid === uid);
}
