// Before the first share: what an earlier run has left, whether the site is in order, and who may fill shares.
import assert from "node:assert/strict";
import { version } from "../../../package.json";
import { removeLeftovers } from "../leftovers";
import { nodemapsOfOthers, type RoleName } from "../looks";
import type { Step } from "../run";
import type { User } from "../tenant";
import type { World } from "../world";

const good = 0;
const refused = 3;
const open = 9;

export const prepare: Step<World>[] = [
  {
    title: "hosts answer",
    isNeeded: true,
    run: async ({ hands, tenant, setting }) => {
      const versionOn = async (role: RoleName) => {
        // Told to whoever reads the transcripts.
        await hands.must(role, "id", "-u");
        return (await hands.must(role, "lctl", "get_param", "-n", "version")).trim();
      };
      const roles = ["client", "mds", "mgs"] as const;
      const versions = await Promise.all(roles.map(async (role) => `${role} ${await versionOn(role)}`));
      return `sharewright ${version} on ${setting.fsName}: ${versions.join(", ")}; tenant's client: ${tenant?.nid ?? "none"}`;
    },
  },
  {
    title: "doctor tells whether the site is in order, and bootstrap puts in order what is not",
    isNeeded: true,
    run: async (world) => {
      const { stack, hands, setting } = world;
      const { exitCode } = await world.sharewright([good, refused], "doctor", stack.dir);
      const before = await nodemapsOfOthers(hands);
      const dry = await world.json([good, open], "bootstrap", stack.dir);
      assert.equal(await nodemapsOfOthers(hands), before, "a dry run has changed nodemaps");
      const wanted = (dry.steps as { say: string }[]).map(({ say }) => say);
      if (exitCode === good && wanted.length === 0) return "prepared already";
      if (wanted.length > 0 && !setting.mayBootstrap)
        throw new Error(`the site is not prepared: run \`sharewright bootstrap\`, or set SHAREWRIGHT_LUSTRE_BOOTSTRAP=yes
${[...wanted.map((say) => `would ${say}`), ...(dry.exposed as string[]).map((nid) => `would shut out ${nid}`)].join("\n")}`);
      await world.json([good], "bootstrap", stack.dir, "--apply");
      await world.sharewright([good], "doctor", stack.dir);
      assert.deepEqual((await world.json([good], "bootstrap", stack.dir)).steps, []);
      return ["bootstrap:", ...wanted].join("\n  ");
    },
  },
  {
    title: "what an earlier run has left is removed",
    isNeeded: true,
    run: async (world) => {
      await world.tenant?.unmount();
      const removed = await removeLeftovers(world);
      return removed.length === 0 ? "there was nothing" : removed.join("\n");
    },
  },
  {
    title: "an account that the servers know",
    run: async (world) => {
      const { found, told } = await knownUser(world);
      world.user = found;
      return told;
    },
  },
];

/** An MDT that looks accounts up refuses everything to a uid without one; so shares belong to somebody who has one. */
async function knownUser({ hands, setting: { user } }: World): Promise<{ found: User | undefined; told: string }> {
  const upcalls = (await hands.ask("mds", "lctl", "get_param", "-n", "mdt.*.identity_upcall")).stdout.split("\n").filter(Boolean);
  if (upcalls.length > 0 && upcalls.every((upcall) => ["NONE", "INTERNAL"].includes(upcall)))
    return { found: user ?? { uid: 1000, gid: 1000 }, told: "the MDT looks no accounts up" };
  const isMds = upcalls.length > 0;
  const accounts = (await hands.ask("mds", "getent", "passwd")).stdout.split("\n").map((line) => {
    const [name = "", , uid, gid] = line.split(":");
    return { name, uid: Number(uid), gid: Number(gid) };
  });
  const account = accounts.find(({ uid }) => (user ? uid === user.uid : uid >= 1000 && uid < 60_000));
  const who = account ? `${account.name}, by \`getent passwd\` on the host that is asked for quotas` : "nobody there knows it";
  if (user && !isMds)
    return { found: user, told: `${user.uid}:${user.gid} (${who}; that host is no MDS, so its word is no proof)` };
  if (user && !account) throw new Error(`SHAREWRIGHT_LUSTRE_USER: the MDS knows no account with uid ${user.uid}`);
  if (!account)
    return { found: undefined, told: "no account between 1000 and 60000 is known: name one with SHAREWRIGHT_LUSTRE_USER" };
  const { uid, gid } = user ?? account;
  return { found: { uid, gid }, told: `${uid}:${gid} (${who})` };
}
