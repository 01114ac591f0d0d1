// What SSH tests find on this machine: made once for a run by the global setup, read by every test file.
import type { TestUser, UserName } from "./users";

export interface Rig {
  /** Why there is no sshd; "" if there is one. */
  noSshd: string;
  /** Why there are no users of other login shells; "" if there are. */
  noUsers: string;
  users: TestUser[];
}

export const rigVariable = "SHAREWRIGHT_TEST_RIG";

export function rig(): Rig {
  const text = process.env[rigVariable];
  return text === undefined ? { noSshd: "the global setup has not run", noUsers: "", users: [] } : (JSON.parse(text) as Rig);
}

export function userOf(is: UserName): TestUser {
  const user = rig().users.find((one) => one.is === is);
  if (!user) throw new Error(`no user ${is}: ${rig().noUsers}`);
  return user;
}
