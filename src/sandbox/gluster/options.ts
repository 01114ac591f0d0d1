// volume set, reset, get (golden set-*, reset-*, get-*, info-after-*).
import { type Answer, done, element, refused, unanswered, usage } from "./answer";
import { busy, type Call, inTransaction, refusing, type Voice } from "./call";
import { initialOptions } from "./create";
import { settleMounts } from "./mounts";
import { byAnotherCommand, isKnown, ofAllVolumes, ofEveryVolume, optionsIn } from "./option-table";
import { giveRoot } from "./root-owner";
import { type Cluster, dropOption, findVolume, isOn, optionOf, type Release, setOption, type Volume } from "./state";
import { usages } from "./texts";

const setVoice: Voice = {
  prefix: () => "volume set: failed: ",
  namesBusy: true,
  xml: () => [element("cliOp", "volSet"), element("output", "Set volume unsuccessful")],
};

const resetVoice: Voice = {
  prefix: () => "volume reset: failed: ",
  namesBusy: true,
  xml: (why) => [element("cliOp", "volReset"), element("output", why)],
};

/** Of key and value together (reference: CRASH). */
const maxOptionBytes = 4090;

const isUser = (name: string) => name.startsWith("user.");

export function set(call: Call, [name, ...words]: string[]): Answer {
  const pairs: [string, string][] = [];
  for (let at = 0; at + 1 < words.length; at += 2) pairs.push([words[at] ?? "", words[at + 1] ?? ""]);
  if (name === undefined || words.length === 0 || words.length % 2 !== 0 || words.includes("")) return usage("", usages.set);
  if (!call.isScript && pairs.some(([option, value]) => option === "nfs.disable" && !isOn(value)))
    return {
      ...unanswered('Gluster NFS is being deprecated in favor of NFS-Ganesha Enter "yes" to continue using Gluster NFS'),
      exit: 1,
      stderr: "Aborted by user.\n",
    };
  // The command line takes blanks out of values, wherever they are.
  const stripped = pairs.map(([option, value]): [string, string] => [option, value.replaceAll(" ", "")]);
  const success = () =>
    done(call.isXml, {
      text: "volume set: success\n",
      xml: [element("cliOp", "volSet"), element("output", "Set volume successful")],
    });
  if (name === "all") return busy(call, setVoice, name) ?? setForAll(call, stripped, success);
  return inTransaction(call, setVoice, name, (volume, refuse) => {
    const problem = stripped
      .map(([option, value]) => problemOf(call.cluster, volume, option, value))
      .find((text) => text !== undefined);
    if (problem !== undefined) return refuse(problem);
    if (stripped.some(([option, value]) => Buffer.byteLength(option) + Buffer.byteLength(value) > maxOptionBytes))
      return crash(call);
    for (const [option, value] of stripped) {
      const volumes = ofEveryVolume(option) ? call.cluster.volumes : [volume];
      for (const one of volumes) setOption(one, option, value);
      if (value.includes("\n")) damage(call.cluster, volume);
    }
    if (!stripped.every(([option]) => isUser(option))) giveRoot(call, volume);
    settleMounts(call, volume);
    return success();
  });
}

/** It overruns a buffer while it writes the store: the option is not in it, glusterd is gone, bricks live on. */
function crash({ server }: Call): Answer {
  server.isUp = false;
  return { exit: 1, stdout: "Connection failed. Please check if gluster daemon is operational.\n" };
}

/** The line after the newline is none of NAME=VALUE: no glusterd of the pool reads its store again. */
function damage({ servers }: Cluster, { name }: Volume): void {
  for (const server of servers) server.damage = `the configuration of volume ${name} has a line without "="`;
}

function problemOf({ release }: Cluster, volume: Volume, option: string, value: string): string | undefined {
  if (isUser(option)) return undefined;
  const refusal = ofAllVolumes(option) ?? byAnotherCommand(option);
  if (refusal !== undefined) return refusal;
  if (!isKnown(release, option)) return `option : ${option} does not exist\n${didYouMean(release, option)}`;
  if (option === "features.quota" || option === "features.inode-quota")
    return ` 'gluster volume set <VOLNAME> ${option} ${value}' is deprecated. Use 'gluster volume quota <VOLNAME> disable' instead.`;
  if (needsQuota.includes(option) && !isOn(optionOf(volume, "features.quota")))
    return `Cannot set ${option}. Enable quota first.`;
  if (option === "features.trash-dir" && !isOn(optionOf(volume, "features.trash")))
    return `Trash translator is not enabled. Use volume set ${volume.name} trash on`;
  if ((option === "auth.allow" || option === "auth.reject") && !/^[A-Za-z0-9.:*/,_-]+$/.test(value))
    return `option auth.addr.${volume.bricks[0]?.path}.${option.slice("auth.".length)} ${value}: '${value}' is not a valid internet-address-list`;
  return undefined;
}

const needsQuota = [
  "features.quota-deem-statfs",
  "features.hard-timeout",
  "features.soft-timeout",
  "features.alert-time",
  "features.default-soft-limit",
];

/** The nearest name, not always the one that glusterd would hit on. */
function didYouMean(release: Release, option: string): string {
  const common = (name: string) => {
    let length = 0;
    while (length < name.length && name[length] === option[length]) length++;
    return length;
  };
  const { listed } = optionsIn[release];
  const nearest = listed.reduce((best, { name }) => (common(name) > common(best) ? name : best), "dht.force-readdirp");
  return `Did you mean ${nearest}?`;
}

function setForAll(call: Call, pairs: readonly [string, string][], success: () => Answer): Answer {
  if (pairs.some(([option]) => !option.startsWith("cluster.") || !isKnown(call.cluster.release, option)))
    return refusing(call, setVoice, "all")("Commit failed on localhost. Please check the log file for more details.");
  for (const volume of call.cluster.volumes)
    for (const [option, value] of pairs) {
      dropOption(volume, option);
      volume.options.push([option, value]);
    }
  return success();
}

const quotaOptions = ["features.quota-deem-statfs", "features.inode-quota", "features.quota"];

export function reset(call: Call, [name, option, force, ...more]: string[]): Answer {
  if (name === undefined || more.length > 0 || (force !== undefined && force !== "force")) return usage("", usages.reset);
  const isAll = option === undefined || option === "all" || option === "force";
  return inTransaction(call, resetVoice, name, (volume, refuse) => {
    const success = (text: string, isSpecial: boolean) =>
      done(call.isXml, {
        text: `volume reset: success: ${text}\n`,
        opErrstr: isSpecial ? text : "",
        xml: [element("cliOp", "volReset"), element("output", text)],
      });
    if (!isAll) {
      const { release } = call.cluster;
      if (isUser(option) || !isKnown(release, option))
        return refuse(`Option ${option} does not exist\n${didYouMean(release, option)}`);
      if (option === "features.quota" || option === "features.inode-quota")
        return refuse(
          `'gluster volume reset <VOLNAME> ${option}' is deprecated. Use 'gluster volume quota <VOLNAME> disable' instead.`,
        );
      dropOption(volume, option);
      giveRoot(call, volume);
      settleMounts(call, volume);
      return success("reset volume successful", false);
    }
    const isKept = volume.options.some(([key]) => quotaOptions.includes(key)) && option !== "force";
    resetAll(volume);
    settleMounts(call, volume);
    return isKept
      ? success("All unprotected fields were reset. To reset the protected fields, use 'force'.", true)
      : success("reset volume successful", false);
  });
}

/** What stays is the quota, what is set for all volumes, and what every volume begins with; in this order (reset-all-quota-info). */
function resetAll(volume: Volume): void {
  const kept = (name: string) => volume.options.filter(([key]) => key === name);
  const begin = initialOptions(volume);
  const at = begin.findIndex(([key]) => key === "nfs.disable");
  volume.options = [
    ...begin.slice(0, at),
    ...kept("features.quota-deem-statfs"),
    ...begin.slice(at),
    ...kept("features.inode-quota"),
    ...kept("features.quota"),
    ...kept("cluster.brick-multiplex"),
  ];
}

// ---- get ---------------------------------------------------------------------------------------------------------------------

const row = (name: string, value: string) => `${name.padEnd(40)} ${value.padEnd(39)}\n`;
const heading = row("Option", "Value") + row("------", "-----");

export function get({ isXml, cluster }: Call, [name, option, ...more]: string[]): Answer {
  if (name === undefined || option === undefined || more.length > 0) return usage("", usages.get);
  const fail = (why: string, opRet = -1, exit = 1) => {
    const text = `volume get option: failed${why === "" ? "" : `: ${why}`}`;
    const xml = [element("cliOp", "volGetopts"), element("output", text)];
    return refused(isXml, { why, errno: 0, opRet, xmlExit: exit, exit, stderr: `${text}\n`, xml });
  };
  const volume = findVolume(cluster, name);
  if (!volume) return fail(`Volume ${name} does not exist`);
  const shown = (key: string, otherwise: string): [string, string] => [key, optionOf(volume, key) ?? otherwise];
  if (option === "all")
    return rows(
      isXml,
      optionsIn[cluster.release].listed.map((one) => shown(one.name, one.shown)),
    );
  if (isUser(option)) {
    const value = optionOf(volume, option);
    return value === undefined ? fail("", -2, 2) : rows(isXml, [[option, value]]);
  }
  // Known to the command, unknown to this build: it says so, or with --xml nothing at all.
  const { listed, unlisted } = optionsIn[cluster.release];
  if (unlisted.includes(option))
    return isXml
      ? { exit: 0 }
      : { exit: 2, stdout: `${heading}volume get option failed. Check the cli/glusterd log file for more details\n` };
  const one = listed.find((candidate) => candidate.name === option);
  return one ? rows(isXml, [shown(option, one.shown)]) : fail(didYouMean(cluster.release, option));
}

function rows(isXml: boolean, values: readonly [string, string][]): Answer {
  return done(isXml, {
    text: heading + values.map(([option, value]) => row(option, value)).join(""),
    xml: [
      element("volGetopts", [
        element("count", values.length),
        ...values.map(([option, value]) => element("Opt", [element("Option", option), element("Value", value)])),
      ]),
    ],
  });
}
