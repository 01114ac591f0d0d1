// Argument lists of every command the Lustre backend runs, each named after the command it makes. Pure.
import { type Command, command, type hole } from "../../core/command";
import type { Layout } from "../../spec/layout";
import { layoutArguments } from "../../spec/layout";
import { recordsDirectory } from "../../spec/name";

// Long work reports its progress on stdout; without any for this long it is taken for stuck.
const idleTimeoutMs = 120_000;
/** What grows with the number of objects: room for some hundred thousand. */
const manyRecords = 256 * 1024 * 1024;

// ---- lfs (lfs(1)) ----------------------------------------------------------------------------------------------------------

/** Prints the file system's name; exit 25 where PATH is not on Lustre (golden a032, a034). The proof that has to come first. */
export const lfsGetname = (mount: string) => command("lfs", "getname", "-n", mount);
/** The root of a whole file system has one FID of its own; that of a mounted directory, or of a nodemap's fileset, another (golden y603, y628). */
export const lfsPath2fid = (mount: string) => command("lfs", "path2fid", mount);
export const lfsProjectOf = (...paths: string[]): Command => command("lfs", "project", "-d", ...paths);
/** Lists the children of a directory (not the directory): without -d. */
export const lfsProjectChildren = (directory: string) => command("lfs", "project", directory);
export const lfsProjectSet = (id: number, directory: string) => command("lfs", "project", "-p", String(id), "-s", directory);

export interface Limits {
  /** Bytes; 0n is no limit. */
  blockSoft: bigint;
  blockHard: bigint;
  inodeSoft: bigint;
  inodeHard: bigint;
}

/** lfs drops what is below a KiB, and 0 means no limit at all (golden y249). */
function kibibytes(bytes: bigint): string {
  if (bytes % 1024n !== 0n) throw new Error(`${bytes} bytes are no whole KiB`);
  return `${bytes / 1024n}k`;
}

export const lfsSetquota = (id: number, limits: Limits, mount: string) =>
  command(
    "lfs",
    "setquota",
    "-p",
    String(id),
    "-b",
    kibibytes(limits.blockSoft),
    "-B",
    kibibytes(limits.blockHard),
    "-i",
    String(limits.inodeSoft),
    "-I",
    String(limits.inodeHard),
    mount,
  );
/** Back to the file system's default quota; explicit zeros would override it. */
export const lfsSetquotaDelete = (id: number, mount: string) => command("lfs", "setquota", "-p", String(id), "--delete", mount);
export const lfsQuota = (id: number | typeof hole, mount: string) => command("lfs", "quota", "-q", "-p", String(id), mount);
/**
 * All ids as numbers, whatever /etc/projid calls them (golden n6). The lfs of 2.16 neither knows names nor has -n (lfs.c of 2.16.1, which
 * ends with a usage error).
 */
export const lfsQuotaAll = (mount: string, lfs: "2.16" | "later" = "later"): Command => ({
  argv: ["lfs", "quota", "-a", ...(lfs === "2.16" ? [] : ["-n"]), "-q", "-p", mount],
  maxOutputBytes: manyRecords,
});

export const lfsSetstripe = (layout: Layout, directory: string) =>
  command("lfs", "setstripe", ...layoutArguments(layout), directory);
export const lfsSetstripeDelete = (directory: string) => command("lfs", "setstripe", "-d", directory);
/** Files with data on the MDT down to the second level, and directories whose files will have (golden y152). */
export const lfsFindOnMdt = (directory: string) => command("lfs", "find", directory, "-maxdepth", "2", "-L", "mdt");
export const lfsGetstripe = (directory: string) => command("lfs", "getstripe", "-d", "--raw", directory);
/** With -l a target that is away is a line and exit 5, after some seconds (golden y357, y421); without, it hangs (y360). */
export const lfsDf = (mount: string): Command => ({ argv: ["lfs", "df", "-l", mount], timeoutMs: 20_000 });
export const lfsDfInodes = (mount: string): Command => ({ argv: ["lfs", "df", "-l", "-i", mount], timeoutMs: 20_000 });
export const dfPosixInodes = (path: string): Command => ({ argv: ["df", "-P", "-i", path], timeoutMs: 10_000 });
export const dfPosix = (path: string): Command => ({ argv: ["df", "-P", path], timeoutMs: 10_000 });

// ---- lctl (lctl(8)) --------------------------------------------------------------------------------------------------------

export const lctlDl = () => command("lctl", "dl");
export const lctlListCommands = () => command("lctl", "--list-commands");
export const lctlListNids = () => command("lctl", "list_nids");
export const lctlGetParam = (...names: string[]): Command => command("lctl", "get_param", ...names);
/** The file systems that an MGS serves, and `nodemap` (golden y173). Only the MGS has it (reference: other nodes exit with 2). */
export const mgsParameter = "mgs.MGS.filesystems";
/** How much of a file each MDT takes now, in KiB (golden y117). */
export const mdtLimitParameter = (fsName: string) => `lod.${fsName}-MDT*.dom_stripesize_cur_kb`;
/** How the MDTs learn who a user is. */
export const upcallParameter = (fsName: string) => `mdt.${fsName}-MDT*.identity_upcall`;
/** What `lfs mdts` and `lfs osts` print of a mount (golden a049, a029, a030). */
export const targetParameters = (fsName: string): readonly string[] => [
  `lmv.${fsName}-clilmv-*.target_obd`,
  `lov.${fsName}-clilov-*.target_obd`,
];
export const lctlListParam = (name: string) => command("lctl", "list_param", name);
/** Written to the configuration log of the file system; in force within 12 s (golden c007 to c011). */
export const lctlConfParam = (name: string, value: string) => command("lctl", "conf_param", `${name}=${value}`);
export const lctlSetParamPersistent = (name: string, value: string) => command("lctl", "set_param", "-P", `${name}=${value}`);
export const lctlSetParamPersistentDelete = (name: string) => command("lctl", "set_param", "-P", "-d", name);
export const lctlNodemapActivate = () => command("lctl", "nodemap_activate", "1");
export const lctlNodemapAdd = (name: string) => command("lctl", "nodemap_add", name);
export const lctlNodemapDel = (name: string) => command("lctl", "nodemap_del", name);
export const lctlNodemapAddRange = (name: string, range: string) =>
  command("lctl", "nodemap_add_range", "--name", name, "--range", range);
export const lctlNodemapDelRange = (name: string, range: string) =>
  command("lctl", "nodemap_del_range", "--name", name, "--range", range);
export const lctlNodemapModify = (name: string, property: string, value: string) =>
  command("lctl", "nodemap_modify", "--name", name, "--property", property, "--value", value);
/** 2.17: what of their capabilities users keep; `type` "off": what the MDT lets all users keep (lctl-nodemap-set-cap(8)). */
export const lctlNodemapSetCap = (name: string, type: string) =>
  command("lctl", "nodemap_set_cap", "--name", name, "--type", type);
/** 2.17: one of up to 256 filesets; alternates are mounted by their whole path (golden f015 to f022). */
export const lctlNodemapFilesetAdd = (name: string, fileset: string, readOnly: boolean) =>
  command("lctl", "nodemap_fileset_add", "--name", name, "--fileset", fileset, "--alt", ...(readOnly ? ["--ro"] : []));
export const lctlNodemapFilesetDel = (name: string, fileset: string) =>
  command("lctl", "nodemap_fileset_del", "--name", name, "--fileset", fileset);
/** 2.16: the one fileset, of the running MGS only. */
export const lctlNodemapSetFileset = (name: string, fileset: string) =>
  command("lctl", "nodemap_set_fileset", "--name", name, "--fileset", fileset);
export const lctlNodemapTestNid = (nid: string) => command("lctl", "nodemap_test_nid", nid);
export const lctlBanlistAdd = (name: string, range: string) =>
  command("lctl", "nodemap_banlist_add", "--name", name, "--range", range);
export const lctlBanlistDel = (name: string, range: string) =>
  command("lctl", "nodemap_banlist_del", "--name", name, "--range", range);

/** The accounts of these ids, as far as the host knows them: exit 2 when it lacks one. A directory service may be slow. */
export const getentPasswd = (...uids: (number | string)[]): Command => ({
  argv: ["getent", "passwd", ...uids.map(String)],
  timeoutMs: 10_000,
});

// ---- POSIX -----------------------------------------------------------------------------------------------------------------

/** Type, permission bits, owner, device, inode, text of a link, and name. */
const entryFormat = "%y|%m|%U|%G|%D|%i|%l|%p\\n";
/** What is at some paths, links not followed; a missing one is told on stderr. */
export const findEntries = (...paths: string[]): Command => command("find", ...paths, "-maxdepth", "0", "-printf", entryFormat);
/** The same; of records in these folders the contents instead, behind all else, one line each. */
export const findWithRecords = (folders: readonly string[], ...paths: string[]): Command =>
  command("find", ...paths, "-maxdepth", "0", ...folders.flatMap(catIn), "-printf", entryFormat);
const catIn = (folder: string) => ["-path", `*/${recordsDirectory}/${folder}/*.json`, "-exec", "cat", "{}", "+", "-o"];
/** A link that says of which site the file system is; in a folder that is gone through for its records, where no key is called so. */
export const siteMarkPath = `${recordsDirectory}/shares/site`;
/**
 * The folders of records and what they lie in, first, with the mark of a site, and then the contents of all records in them. What they lie in is not gone
 * through; of what lies in them no file is touched but these, since types come with the names.
 */
export const findAllRecords = (...places: string[]): Command => ({
  argv: [
    ...([
      "find",
      ...places,
      "-maxdepth",
      "1",
      "-path",
      `*/${recordsDirectory}/*/*.json`,
      "-type",
      "f",
      "-exec",
      "cat",
      "{}",
      "+",
    ] as const),
    ...([
      "-o",
      "-path",
      `*/${siteMarkPath}`,
      "-printf",
      entryFormat,
      "-o",
      "-path",
      `*/${recordsDirectory}/*/*`,
      "-o",
      "-printf",
      entryFormat,
      "-path",
      `*/${recordsDirectory}/*`,
      "-o",
      "-prune",
    ] as const),
  ],
  maxOutputBytes: manyRecords,
});
export const mkdir = (mode: string, ...paths: string[]): Command => command("mkdir", "-m", mode, "--", ...paths);
export const chown = (uid: number, gid: number, path: string) => command("chown", "--no-dereference", `${uid}:${gid}`, path);
/** Five digits: with four, chmod leaves the set-id bits of a directory as they are (GNU coreutils manual, "Directories and the set-id bits").
 * Only a directory has a ".": a file in its place would get a set-id bit. */
export const chmod = (mode: string, path: string) => command("chmod", mode.padStart(5, "0"), `${path}/.`);
/** Renames onto a name that must not be a directory to move into. */
export const mv = (from: string, to: string) => command("mv", "-T", "--", from, to);
export const rmdir = (path: string) => command("rmdir", "--", path);
export const rmFile = (...paths: string[]) => command("rm", "-f", "--", ...paths);
/** A symbolic link is an exclusive create that carries a text: it fails when the name exists. */
export const lnExclusive = (text: string, path: string) => command("ln", "-s", "-T", "--", text, path);
/** The same, in place of what the name stands for. */
export const lnReplace = (text: string, path: string) => command("ln", "-s", "-f", "-T", "--", text, path);
/** Name and text of each symbolic link of a directory. */
export const findLinks = (directory: string, ...filter: string[]) =>
  command("find", directory, "-maxdepth", "1", "-type", "l", ...filter, "-printf", "%f %l\\n");
/** Names of the directories in a directory. */
export const findDirectories = (directory: string) =>
  command("find", directory, "-mindepth", "1", "-maxdepth", "1", "-type", "d", "-printf", "%f\\n");
/** Time of the last change, in seconds, and name of each record of a directory. */
export const findRecordTimes = (directory: string) =>
  command("find", directory, "-maxdepth", "1", "-type", "f", "-name", "*.json", "-printf", "%T@ %f\\n");
/** One entry of a directory, if it has any. */
export const findAny = (directory: string) => command("find", directory, "-mindepth", "1", "-maxdepth", "1", "-print", "-quit");
/** The contents of all records below some directories, one line each. */
export const catRecords = (...directories: string[]): Command => ({
  argv: ["find", ...directories, "-maxdepth", "1", "-type", "f", "-name", "*.json", "-exec", "cat", "{}", "+"],
  maxOutputBytes: manyRecords,
});
/** Their names alone: types come with the names, so that no file is touched. */
export const findRecords = (...directories: string[]): Command => ({
  argv: ["find", ...directories, "-maxdepth", "1", "-type", "f", "-name", "*.json", "-printf", "%p\\n"],
  maxOutputBytes: manyRecords,
});
/** The times of another file. */
export const touchLike = (other: string, path: string) => command("touch", "-r", other, "--", path);
/** The contents of records, one line each; of one that is not there a line on standard error. */
export const catRecord = (...paths: string[]): Command => command("cat", "--", ...paths);
/** Writes stdin to a file and waits until the storage has it. */
export const writeFile = (path: string, text: string): Command => ({
  argv: ["dd", `of=${path}`, "conv=fsync", "status=none"],
  stdin: text,
});
/** What runs that were killed left of writing records. Only where nobody else writes. */
export const findTemporary = (directory: string) =>
  command("find", directory, "-maxdepth", "1", "-type", "f", "-name", "*.json.tmp", "-delete");
/** Removes a tree without leaving its file system or following links, one dot a removed entry. Can be cut off and run again. */
export const findDelete = (path: string): Command => ({
  argv: ["find", path, "-xdev", "-depth", "-printf", ".", "-delete"],
  idleTimeoutMs,
  progressOnly: true,
});
export const findmntLustre = () => command("findmnt", "-t", "lustre", "-n", "-o", "SOURCE,TARGET");
export const findmnt = (path: string) => command("findmnt", "-n", "-o", "SOURCE,FSTYPE,OPTIONS", "-T", path);
