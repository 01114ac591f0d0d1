// What a user other than root has to be allowed on the host of each role: the command lines that cli.ts makes for it. Pure.
import type { Command } from "../../core/command";
import { command } from "../../core/command";
import type { Role } from "../../core/host";
import { lockWaitMs, makeRunDirectory } from "../../core/locks";
import { noteOf } from "../../core/transport";
import { type FileSystemSpec, formatMode } from "../../spec/lustre";
import { keyFile, recordsDirectory } from "../../spec/name";
import { modifyNodemap, nodemapProperties } from "./access/nodemap-properties";
import { trustedNodemap, trusting } from "./access/trusted";
import { type ArgvPattern, anyNumber, literal, patternOf, several, varying } from "./argv-pattern";
import * as cli from "./cli";
import { recordLayout } from "./record-folders";
import { prefixMode, recordsMode } from "./share/observe";
import { recordFolders } from "./site";
import { siteMark, sitePlaces } from "./site-mark";
import { toolsOf } from "./tools";

/** Kinds of command lines, from harmless to powerful; an administrator judges each as a whole. */
export const grantGroups = ["looks", "processes", "records", "shares", "limits", "access", "settings"] as const;
export type GrantGroup = (typeof grantGroups)[number];

export interface Grant extends ArgvPattern {
  group: GrantGroup;
}

/** A file system as the host of one role meets it. */
export interface Duty {
  role: Role;
  fileSystem: FileSystemSpec;
  /** Filesets of adopted shares that lie outside the path prefix. */
  adopted: readonly string[];
  /** Of the host: where its own locks lie. */
  runDirectory: string;
}

/** A rule may be there twice, when one host has several duties. */
export function grantsFor(duty: Duty): Grant[] {
  switch (duty.role) {
    case "client":
      return [...everywhere(duty), ...clientGrants(duty)];
    case "mds":
      return [...everywhere(duty), ...mdsGrants(duty)];
    case "mgs":
      return [...everywhere(duty), ...mgsGrants(duty)];
    case "server":
      return everywhere(duty);
  }
}

function grants(group: GrantGroup, ...commands: readonly Pick<Command, "argv">[]): Grant[] {
  return commands.map((each) => ({ group, ...patternOf(each) }));
}

// ---- parts of arguments ----------------------------------------------------------------------------------------------------

// None holds a blank: sudo joins arguments by blanks, so one with a blank could pass for two. None begins with a dot: no "..".
const name = "[A-Za-z0-9][A-Za-z0-9._-]*";
const anyName = "[^./ ][^/ ]*";
const nodemap = varying("sw_[a-z2-7]{12}");
const banPlace = varying("(default|sw_[a-z2-7]{12})");
const range = varying("([0-9A-Za-z.:/@-]|\\[|\\])+");
const anyFileset = varying(`(/${anyName})+`);
const parameterName = "[A-Za-z0-9_.*-]+";
// Linux has none of more digits, and kill(1) takes 4294967295 for -1, which is everybody. Process 1 has one digit.
const processId = varying("[1-9][0-9]{1,6}");

// ---- everywhere ------------------------------------------------------------------------------------------------------------

function everywhere({ role, fileSystem: { fsName } }: Duty): Grant[] {
  const readable = [
    ...[
      "version",
      cli.mgsParameter,
      cli.mdtLimitParameter(fsName),
      cli.upcallParameter(fsName),
      ...cli.targetParameters(fsName),
    ].map(literal),
    `${literal(`osd-*.${fsName}-*.quota_slave`)}\\.(enabled|root_prj_enable)`,
    `nodemap\\.${parameterName}`,
  ];
  return [
    ...grants(
      "looks",
      command("true"),
      ...toolsOf(role).map((tool) => command(tool, "--version")),
      // What is asked of several roles of one host is one command.
      cli.lctlGetParam(several(`(${readable.join("|")})`)),
      cli.getentPasswd(several("[0-9]+")),
      cli.lctlListNids(),
    ),
    // As the transport ends what passes its deadline (src/transports/ssh/shell-script.ts).
    ...grants(
      "processes",
      command("kill", "-s", "TERM", processId),
      command("kill", "-s", "KILL", "--", `-${processId}`, processId),
    ),
  ];
}

/** As the transport takes a lock (src/transports/ssh/shell-script.ts). */
function lockGrants(file: string): Grant[] {
  const seconds = String(Math.ceil(lockWaitMs / 1000));
  return [
    ...grants("looks", command("cat", noteOf(file))),
    ...grants(
      "records",
      ...["-n", `-w ${seconds}`].map((wait) => command("flock", ...wait.split(" "), file, "tee", noteOf(file))),
    ),
  ];
}

function ownLockGrants(runDirectory: string, file: string): Grant[] {
  return [...lockGrants(`${runDirectory}/${file}`), ...grants("records", makeRunDirectory(runDirectory))];
}

// ---- the client ------------------------------------------------------------------------------------------------------------

function clientGrants({ fileSystem, adopted }: Duty): Grant[] {
  const { mountPoint: mount, pathPrefix, lustreVersion, projectIds, site } = fileSystem;
  const records = `${mount}/${recordsDirectory}`;
  const inFolder = (folder: (typeof recordFolders)[number], file: string) => `${records}/${folder}/${varying(file)}`;
  const key = `${literal(keyFile(pathPrefix))}:${name}`;
  const trashed = `${key}\\.[0-9]+`;
  const staging = inFolder("staging", key);
  const trash = inFolder("trash", trashed);
  const record = [
    inFolder("shares", `${key}\\.json`),
    inFolder("rules", `${key}#${name}\\.json`),
    inFolder("nodemaps", "(sw_[a-z2-7]{12}|banlist)\\.json"),
    inFolder("trash", `${trashed}\\.json`),
  ];
  const project = inFolder("projects", "[0-9]+");
  const folders = recordFolders.map((folder) => `${records}/${folder}`);
  const shares = [`${mount}/${pathPrefix}/${varying(name)}`, ...adopted.map((fileset) => `${mount}${fileset}`)];
  const prefixes = pathPrefix.split("/").map((_, index, parts) => `${mount}/${parts.slice(0, index + 1).join("/")}`);
  // No further down than shares: what their tenants make there are links, too, and lead anywhere on the host.
  const looked = [undefined, ...adopted].map((fileset) => lookedAt(mount, pathPrefix, fileset));
  return [
    ...grants(
      "looks",
      cli.lfsGetname(mount),
      cli.lfsPath2fid(mount),
      cli.lfsDf(mount),
      cli.lfsDfInodes(mount),
      cli.dfPosix(mount),
      cli.dfPosixInodes(mount),
      cli.findmntLustre(),
      cli.findmnt(mount),
      ...looked.flatMap((places) => [
        cli.findEntries(several(places)),
        cli.findWithRecords(["shares"], several(places)),
        cli.findWithRecords(["rules", "shares"], several(places)),
      ]),
      // The same place on another file system of the same MGS.
      ...shares.map((share) => cli.findEntries(`${varying(`(/${anyName})*`)}${share.slice(mount.length)}`)),
      ...looked.flatMap((places) => [
        cli.lfsProjectOf(several(places)),
        cli.lfsProjectChildren(varying(places)),
        cli.lfsGetstripe(varying(places)),
        cli.findAny(varying(places)),
      ]),
      cli.findLinks(`${records}/projects`),
      cli.findLinks(`${records}/projects`, "-name", String(anyNumber)),
      cli.findDirectories(`${records}/staging`),
      cli.findDirectories(`${records}/trash`),
      cli.findRecordTimes(`${records}/trash`),
      cli.findAllRecords(mount, records, ...(["shares", "rules", "nodemaps"] as const).map((folder) => `${records}/${folder}`)),
      cli.catRecords(`${records}/trash`),
      cli.findRecords(...(["shares", "rules", "nodemaps", "trash"] as const).map((folder) => `${records}/${folder}`)),
      cli.lfsFindOnMdt(records),
      ...record.map((file) => cli.catRecord(file)),
    ),
    ...lockGrants(inFolder("locks", `(${key}(#${name})?|::nodemaps|::move)`)),
    ...grants(
      "records",
      cli.mkdir("0700", records),
      cli.mkdir("0700", `${records}/on-mdt`),
      ...(["locks", "nodemaps", "rules", "trash", "shares"] as const).flatMap((folder) => [
        cli.lfsSetstripe(recordLayout, `${records}/${folder}`),
        cli.lfsSetstripeDelete(`${records}/${folder}`),
      ]),
      ...folders.map((folder) => cli.mkdir("0700", folder)),
      ...(site === undefined ? [] : [cli.lnExclusive(site, siteMark({ mount }))]),
      ...record.flatMap((file) => [
        cli.writeFile(`${file}.tmp`, ""),
        cli.touchLike(file, `${file}.tmp`),
        cli.mv(`${file}.tmp`, file),
        cli.rmFile(file, `${file}.tmp`),
      ]),
      // A rule's record that another rule's hook writes.
      cli.writeFile(inFolder("nodemaps", `${key}#${name}\\.json\\.tmp`), ""),
      cli.mv(inFolder("nodemaps", `${key}#${name}\\.json\\.tmp`), inFolder("rules", `${key}#${name}\\.json`)),
      cli.findTemporary(`${records}/nodemaps`),
      cli.lnExclusive(varying(`${literal(pathPrefix)}/${name}`), project),
      cli.lnReplace(varying("[0-9]+"), `${records}/projects/last-${projectIds.start}-${projectIds.end}`),
      cli.rmFile(project),
    ),
    ...grants(
      "shares",
      ...prefixes.map((prefix) => cli.mkdir(prefixMode, prefix)),
      cli.mkdir(recordsMode, staging),
      ...[staging, ...shares].flatMap((place) => [
        cli.lfsProjectSet(anyNumber, place),
        withOptions(cli.lfsSetstripe([], place)),
        cli.chown(anyNumber, anyNumber, place),
        cli.chmod(varying(modePattern), place),
        cli.rmdir(place),
      ]),
      ...shares.flatMap((share) => [
        cli.lfsSetstripeDelete(share),
        cli.mv(staging, share),
        cli.mv(share, trash),
        cli.mv(trash, share),
      ]),
      cli.findDelete(trash),
    ),
    ...(lustreVersion === "2.16" ? grants("settings", cli.mkdir(formatMode(0), `${records}/closed`)) : []),
  ];
}

/** Mount point, records, path prefix with what lies in it, and an adopted share with what it lies in. */
function lookedAt(mount: string, pathPrefix: string, adopted: string | undefined): string {
  const records = `${literal(recordsDirectory)}(/(${[...recordFolders, "on-mdt", "closed"].join("|")})(/${anyName})?)?`;
  const nested = (parts: readonly string[], last: string) =>
    parts.reduceRight((inner, part) => `${part}${inner === "" ? "" : `(/${inner})?`}`, last);
  const prefix = nested(pathPrefix.split("/").map(literal), anyName);
  const other = adopted === undefined ? [] : [nested(adopted.split("/").slice(1).map(literal), "")];
  return `${literal(mount)}(/(${[records, prefix, ...other].join("|")}))?`;
}

/** Five digits, and no set-user-id bit, which means nothing on a directory. */
const modePattern = "0[0-3][0-7]{3}";

/** `lfs setstripe DIRECTORY` with the options of a layout. */
function withOptions({ argv }: Command): Pick<Command, "argv"> {
  const [tool, verb = "", ...place] = argv;
  return command(tool, verb, several("-[ELcSp] (-1|[A-Za-z0-9_][A-Za-z0-9_-]*)"), ...place);
}

// ---- the MDS ---------------------------------------------------------------------------------------------------------------

function limitGrants(fileSystem: FileSystemSpec, mount: string): Grant[] {
  const kibibytes = BigInt(anyNumber) * 1024n;
  const inodes = BigInt(anyNumber);
  return [
    ...grants(
      "looks",
      cli.lfsGetname(mount),
      cli.findEntries(mount, ...sitePlaces({ fileSystem }, { mount })),
      cli.lfsPath2fid(mount),
      cli.lfsQuota(anyNumber, mount),
      cli.lfsQuotaAll(mount),
      cli.lfsQuotaAll(mount, "2.16"),
    ),
    ...grants(
      "limits",
      cli.lfsSetquota(anyNumber, { blockSoft: kibibytes, blockHard: kibibytes, inodeSoft: inodes, inodeHard: inodes }, mount),
      cli.lfsSetquotaDelete(anyNumber, mount),
    ),
  ];
}

function mdsGrants({ fileSystem, runDirectory }: Duty): Grant[] {
  const { mds, mountPoint, pathPrefix } = fileSystem;
  const lock = varying(`mds-${literal(keyFile(pathPrefix))}:${name}\\.lock`);
  return [...limitGrants(fileSystem, mds?.mountPoint ?? mountPoint), ...ownLockGrants(runDirectory, lock)];
}

// ---- the MGS ---------------------------------------------------------------------------------------------------------------

/** Properties of which access rules choose the value, and the values they may get. */
const chosen: Record<string, string> = {
  readonly_mount: "[01]",
  map_mode: "(all|uid,gid)",
  squash_uid: "[0-9]+",
  squash_gid: "[0-9]+",
  admin: "[01]",
  trusted: "[01]",
  rbac: "[a-z_,]+",
};

function mgsGrants({ fileSystem: { fsName, lustreVersion }, runDirectory }: Duty): Grant[] {
  const is216 = lustreVersion === "2.16";
  const fileset = `nodemap.${nodemap}.fileset`;
  return [
    ...grants("looks", cli.lctlDl(), cli.lctlListCommands(), cli.lctlListParam("nodemap.*"), cli.lctlNodemapTestNid(range)),
    ...ownLockGrants(runDirectory, "nodemap.lock"),
    ...grants(
      "access",
      cli.lctlNodemapAdd(nodemap),
      cli.lctlNodemapDel(nodemap),
      cli.lctlNodemapAddRange(nodemap, range),
      cli.lctlNodemapDelRange(nodemap, range),
      ...nodemapProperties.map(({ name, always }) => modifyNodemap(nodemap, name, always ?? varying(chosen[name] ?? ""))),
      ...(is216
        ? [
            cli.lctlSetParamPersistent(fileset, anyFileset),
            cli.lctlSetParamPersistentDelete(fileset),
            cli.lctlNodemapSetFileset(nodemap, anyFileset),
          ]
        : [
            cli.lctlNodemapFilesetAdd(nodemap, anyFileset, false),
            cli.lctlNodemapFilesetAdd(nodemap, anyFileset, true),
            cli.lctlNodemapFilesetDel(nodemap, anyFileset),
            cli.lctlBanlistAdd(banPlace, range),
            cli.lctlBanlistDel(banPlace, range),
          ]),
    ),
    ...grants(
      "settings",
      cli.lctlNodemapAdd(trustedNodemap),
      ...[...trusting("all")].map(([property, value]) => modifyNodemap(trustedNodemap, property, value)),
      cli.lctlNodemapAddRange(trustedNodemap, range),
      is216
        ? cli.lctlSetParamPersistent("nodemap.default.fileset", `/${recordsDirectory}/closed`)
        : cli.lctlNodemapModify("default", "deny_mount", "1"),
      cli.lctlConfParam(`${fsName}.quota.mdt`, "ugp"),
      cli.lctlConfParam(`${fsName}.quota.ost`, "ugp"),
      cli.lctlSetParamPersistent("osd-*.*.quota_slave.root_prj_enable", "1"),
      cli.lctlNodemapActivate(),
    ),
  ];
}
