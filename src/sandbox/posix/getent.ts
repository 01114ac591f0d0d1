// getent passwd [ID|NAME...]: the accounts of the servers are the sandbox's own. Other databases are the machine's.
import { accountsOf } from "../accounts";
import type { Context } from "../context";
import { runReal } from "./real-tool";

/** getent(1): a key that is not there. */
const notFound = 2;

export function getent(context: Context, args: string[]): number | Promise<number> {
  const [database, ...keys] = args;
  if (database !== "passwd") return runReal(context, "getent", args);
  const accounts = accountsOf(context.dir);
  const found =
    keys.length === 0
      ? accounts
      : keys.map((key) => accounts.find(({ name, uid }) => (/^\d+$/.test(key) ? uid === Number(key) : name === key)));
  for (const account of found) if (account) context.out(`${account.line}\n`);
  return found.every(Boolean) ? 0 : notFound;
}
