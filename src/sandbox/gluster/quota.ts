// volume quota: limits on the whole volume; those of directories are not modelled (quota-*).
import { existsSync, lstatSync } from "node:fs";
import { join } from "node:path";
import { type Answer, done, element, refused, unanswered, usage, type Xml } from "./answer";
import { type Call, inTransaction, type Refuse, type Voice } from "./call";
import { certificates, dataPath, hostName, hostRoot, usedBytes } from "./files";
import { hostIdentity } from "./identity";
import { turnedAway } from "./mounts";
import { giveRoot } from "./root-owner";
import { humanSize, parseLimit } from "./sizes";
import { dropOption, isOn, optionOf, setOption, type Volume } from "./state";
import { usages } from "./texts";

const cliOp = element("cliOp", "volQuota");
const voice: Voice = { prefix: () => "quota command failed : ", namesBusy: true, xml: () => [cliOp] };

type Action = (call: Call, volume: Volume, refuse: Refuse, words: readonly string[]) => Answer;

const actions: Readonly<Record<string, Action>> = {
  enable: (call, volume, refuse) => {
    if (isEnabled(volume)) return refuse("Quota is already enabled");
    for (const option of ["features.quota", "features.inode-quota", "features.quota-deem-statfs"])
      setOption(volume, option, "on");
    giveRoot(call, volume);
    return success(call);
  },
  disable: (call, volume) => {
    for (const option of ["quota-deem-statfs", "hard-timeout", "soft-timeout", "alert-time", "default-soft-limit"])
      dropOption(volume, `features.${option}`);
    setOption(volume, "features.quota", "off");
    setOption(volume, "features.inode-quota", "off");
    delete volume.limit;
    delete volume.counted;
    giveRoot(call, volume);
    return success(call);
  },
  "limit-usage": (call, volume, refuse, [path = "", size = ""]) => {
    const missing = missingPath(call, volume, refuse, path);
    if (missing) return missing;
    volume.limit = String(parseLimit(size));
    for (const brick of volume.bricks) delete brick.hasLost;
    return success(call);
  },
  remove: (call, volume, refuse, [path = ""]) => {
    const missing = missingPath(call, volume, refuse, path);
    if (missing) return missing;
    if (volume.limit === undefined)
      return refuse(`removexattr failed on /var/run/gluster/${volume.name}_quota_limit${path}. Reason : No data available`);
    delete volume.limit;
    return success(call);
  },
  list: (call, volume, _refuse, [path]) => list(call, volume, path),
  ...Object.fromEntries(
    ["hard-timeout", "soft-timeout", "alert-time", "default-soft-limit"].map((name): [string, Action] => [
      name,
      (call, volume, _refuse, [value = ""]) => {
        setOption(volume, `features.${name}`, value);
        return success(call);
      },
    ]),
  ),
};

export function quota(call: Call, [name, verb = "", ...words]: string[]): Answer {
  const action = Object.hasOwn(actions, verb) ? actions[verb] : undefined;
  if (name === undefined || !action || (verb === "limit-usage" && words.length < 2)) return usage("", usages.quota);
  if (verb === "limit-usage" && parseLimit(words[1] ?? "") === undefined)
    return usage("Please enter an integer value in the range of (1 - 9223372036854775807)", usages.quota);
  if (verb === "disable" && !call.isScript)
    return unanswered("Disabling quota will delete all the quota configuration. Do you want to continue?");
  return inTransaction(call, voice, name, (volume, refuse) => {
    if (volume.status !== "Started") return refuse("Volume is stopped, start volume before executing quota command.");
    if (verb !== "enable" && !isEnabled(volume)) return refuse("Quota is disabled, please enable quota");
    if (["limit-usage", "remove", "list"].includes(verb) && !canMount(call, volume)) return refuse("Failed to start aux mount");
    return action(call, volume, refuse, words);
  });
}

/** What bricks enforce and `list` tells is what the first of them has in its extended attributes. */
export function limitOf({ limit, bricks }: Volume): bigint | undefined {
  return limit === undefined || bricks[0]?.hasLost === "limit" ? undefined : BigInt(limit);
}

export function isEnabled(volume: Volume): boolean {
  return isOn(optionOf(volume, "features.quota"));
}

/** glusterd mounts the volume itself to set and to tell limits, as any client would: with the certificate of its host, where its build looks. */
function canMount({ dir, cluster, server }: Call, volume: Volume): boolean {
  const host = hostName(cluster, server.host);
  const hasCertificate = existsSync(join(hostRoot(dir, host), certificates, "glusterfs.pem"));
  return turnedAway(volume, hostIdentity(host)) === undefined && (hasCertificate || !volume.servesTls);
}

function success({ isXml }: Call): Answer {
  return done(isXml, { text: "volume quota : success\n", xml: [cliOp] });
}

function missingPath({ dir, cluster }: Call, volume: Volume, refuse: Refuse, path: string): Answer | undefined {
  if (lstatSync(join(dataPath(dir, cluster, volume), path), { throwIfNoEntry: false })) return undefined;
  const why = `Failed to get trusted.gfid attribute on path ${path}. Reason : No such file or directory`;
  return refuse(why, { opRet: -2, stderr: `quota command failed : ${why}\nplease enter the path relative to the volume\n` });
}

// ---- list --------------------------------------------------------------------------------------------------------------------

const heading = `                  Path                   Hard-limit  Soft-limit      Used  Available  Soft-limit exceeded? Hard-limit exceeded?
-------------------------------------------------------------------------------------------------------------------------------
`;

/** Without a path it reads a file that servers with a store of their own do not have: so it lists nothing, ever (reference: quota). */
function list(call: Call, volume: Volume, path: string | undefined): Answer {
  const { isXml, dir, cluster } = call;
  if (path === undefined) {
    const why = `No quota configured on volume ${volume.name}`;
    return refused(isXml, { why, errno: 0, exit: 0, text: `quota: ${why}\n`, stderr: "", xml: [cliOp] });
  }
  const used = volume.counted === undefined ? usedBytes(dataPath(dir, cluster, volume)) : BigInt(volume.counted);
  const limit = limitOf(volume);
  return done(isXml, limit === undefined ? unlimited(path, used) : limited(path, used, limit));
}

function limited(path: string, used: bigint, limit: bigint): { text: string; xml: Xml[] } {
  const soft = (limit * 80n) / 100n;
  const available = used > limit ? 0n : limit - used;
  const isOver = (border: bigint) => (used > border ? "Yes" : "No");
  const percent = "80%";
  const columns = [
    path.padEnd(40),
    humanSize(limit).padStart(7),
    `${percent.padStart(7)}(${humanSize(soft)})`,
    humanSize(used).padStart(8),
    humanSize(available).padStart(7),
    isOver(soft).padStart(15),
    isOver(limit - 1n).padStart(20),
  ];
  return {
    text: `${heading}${columns[0]} ${columns[1]} ${columns[2]} ${columns[3]} ${columns[4]} ${columns[5]} ${columns[6]}\n`,
    xml: [
      limitXml(path, [String(limit), percent, String(soft), String(used), String(available), isOver(soft), isOver(limit - 1n)]),
    ],
  };
}

function unlimited(path: string, used: bigint): { text: string; xml: Xml[] } {
  const none = "N/A";
  const columns = `${path.padEnd(40)} ${none.padStart(6)} ${none.padStart(10)} ${humanSize(used).padStart(14)} ${none.padStart(9)} ${none.padStart(15)} ${none.padStart(18)}`;
  return { text: `${heading}${columns}\n`, xml: [limitXml(path, [none, none, none, String(used), none, none, none])] };
}

function limitXml(path: string, values: readonly string[]): Xml {
  const names = [
    "hard_limit", "soft_limit_percent", "soft_limit_value", "used_space", "avail_space", "sl_exceeded", "hl_exceeded",
  ]; // biome-ignore format: a list of words
  const limit = [element("path", path), ...names.map((name, index) => element(name, values[index] ?? ""))];
  return element("volQuota", [element("limit", limit)]);
}
