// A file system's records and its MGS in memory, for histories of access: commands are answered as golden transcripts say, and what everybody reaches can be
// told after each. It shares no code with the backend or the sandbox, so that it judges both.
import type { Site } from "../../../src/backends/lustre/site";
import type { Command, Result } from "../../../src/core/command";
import type { Host, Role } from "../../../src/core/host";
import type { FileSystemSpec } from "../../../src/spec/lustre";
import { ended, fakeHost } from "../../core/fake-host";
import { addressText, meets, type Span, same, spanOf, within } from "./access-world-nids";
import { fileSystem } from "./site";

interface Fileset {
  path: string;
  readOnly: boolean;
}
interface Nodemap {
  id: number;
  ranges: (Span & { order: number })[];
  filesets: Fileset[];
  properties: Map<string, string>;
  banned: Span[];
}
export type Level = "rw" | "ro";

const mount = "/mnt/lustre";
const records = `${mount}/.sharewright`;
const folders = ["shares", "rules", "projects", "nodemaps", "staging", "trash", "locks"];

// ---- the world -------------------------------------------------------------------------------------------------------------

const parameterOf: Record<string, string> = { admin: "admin_nodemap", trusted: "trusted_nodemap" };
/** What `default` is, and hands down. */
const inherited = {
  ...{
    readonly_mount: "0",
    map_mode: "all",
    squash_uid: "65534",
    squash_gid: "65534",
    squash_projid: "65534",
    admin_nodemap: "0",
  },
  ...{ trusted_nodemap: "0", deny_unknown: "0", forbid_encryption: "0", audit_mode: "1", child_raise_privileges: "none" },
  ...{ enable_cap_mask: "off", deny_mount: "1" },
};
const refused = (text: string, code = 1) => ended(code, "", `error: invalid ioctl: 000ce042 errno: ${text}\nnodemap: ${text}\n`);
const invalid = refused("22: Invalid argument");
const exists = refused("17: File exists");

export class AccessWorld {
  readonly files = new Map<string, string>();
  readonly nodemaps = new Map<string, Nodemap>();
  /** After each change of a nodemap. */
  watch: (command: readonly string[]) => void = () => {};
  /** Before each command at which a run could be cut off. */
  between: () => void = () => {};
  /** How many commands are still answered. */
  alive = Number.POSITIVE_INFINITY;
  /** How many are answered before the MGS moves to another host. */
  mgsFor = Number.POSITIVE_INFINITY;
  private serial = 0;

  constructor(readonly shares: readonly string[]) {
    this.addNodemap("default");
    this.addNodemap("sw_trusted");
    Object.assign(this.of("sw_trusted"), { ranges: [{ ...(spanOf("10.9.0.1@tcp") as Span), order: 0 }] });
    for (const property of ["admin_nodemap", "trusted_nodemap"]) this.of("sw_trusted").properties.set(property, "1");
    this.of("sw_trusted").properties.set("deny_mount", "0");
  }

  site(more: Partial<FileSystemSpec> = {}): Site {
    const host = fakeHost("client", (command) => this.answer(command), mount);
    const as = (role: Role): Host => ({ ...host, role, name: `${role} (memory)`, mount: role === "mgs" ? "" : mount });
    const log = { step: () => {}, debug: () => {}, note: () => {} };
    const spec = { ...fileSystem, exportNids: ["10.9.0.1@tcp"], mountPoint: mount, ...more };
    return { fileSystem: spec, client: as("client"), mds: as("mds"), mgs: as("mgs"), servers: [], log };
  }

  of(name: string): Nodemap {
    const nodemap = this.nodemaps.get(name);
    if (!nodemap) throw new Error(`no nodemap ${name}`);
    return nodemap;
  }

  addNodemap(name: string): Nodemap {
    const properties = new Map(Object.entries({ ...inherited, rbac: "file_perms,quota_ops" }));
    const nodemap: Nodemap = { id: this.serial++, ranges: [], filesets: [], properties, banned: [] };
    this.nodemaps.set(name, nodemap);
    return nodemap;
  }

  /** False where it meets what is there. */
  addRange(name: string, span: Span): boolean {
    if ([...this.nodemaps.values()].some(({ ranges }) => ranges.some((other) => meets(other, span)))) return false;
    this.of(name).ranges.push({ ...span, order: this.serial++ });
    return true;
  }

  nodemapOf(nid: Span): string {
    const holders = [...this.nodemaps].flatMap(([name, { ranges }]) =>
      ranges.filter((range) => within(range, nid)).map(({ order }) => ({ name, order })),
    );
    // Of IPv6 prefixes that overlap the last one added wins (golden y553 to y566).
    return holders.sort((a, b) => b.order - a.order)[0]?.name ?? "default";
  }

  isBanned(nid: Span): boolean {
    return this.of(this.nodemapOf(nid)).banned.some((span) => within(span, nid));
  }

  /** What an address may mount now; "/" is everything. */
  reach(nid: Span): Map<string, Level> {
    const { properties, filesets } = this.of(this.nodemapOf(nid));
    if (properties.get("deny_mount") !== "0" || this.isBanned(nid)) return new Map();
    const level = (readOnly: boolean): Level => (readOnly || properties.get("readonly_mount") === "1" ? "ro" : "rw");
    if (filesets.length === 0) return new Map([["/", level(false)]]);
    return new Map(filesets.map(({ path, readOnly }) => [path, level(readOnly)]));
  }

  // ---- commands ------------------------------------------------------------------------------------------------------------

  private isRunning = true;

  /** The host dies right here, amid what is joined. */
  breakOff(): void {
    this.alive = Number.NEGATIVE_INFINITY;
    this.isRunning = false;
  }

  private answer({ argv, stdin = "", joined }: Command): Result {
    // What is joined to a command that was begun is done by the host, whoever is dead.
    this.isRunning = this.alive-- > 0 || (joined === true && this.isRunning);
    if (!this.isRunning) return ended(null, "", "", { signal: "SIGKILL" });
    if (!joined) this.between();
    this.mgsFor -= 1;
    const [tool, verb = "", ...words] = argv;
    if (tool !== "lctl") return this.onFiles([...argv], stdin);
    const result = this.mgsFor < 0 ? offTheMgs(verb) : this.lctl(verb, words);
    if (/^nodemap_(?!test)/.test(verb)) this.watch(argv);
    return result;
  }

  private onFiles(argv: string[], stdin: string): Result {
    const [tool, verb] = argv;
    const paths = argv.filter((word) => word.startsWith("/"));
    const absent = (path: string, said: string) => `${said}: No such file or directory\n`.replace("PATH", path);
    switch (tool) {
      case "lfs":
        return verb === "getname" ? ended(0, `${fileSystem.fsName}\n`) : ended(0, "[0x200000007:0x1:0x0]\n");
      case "cat": {
        const lost = paths.filter((path) => !this.files.has(path));
        const texts = paths.map((path) => this.files.get(path) ?? "");
        return ended(lost.length > 0 ? 1 : 0, texts.join(""), lost.map((path) => absent(path, "cat: PATH")).join(""));
      }
      case "find":
        return this.find(argv, paths);
      case "dd":
        this.files.set((verb ?? "").slice(3), stdin);
        return ended(0);
      case "mv": {
        const [from = "", to = ""] = paths;
        this.files.set(to, this.files.get(from) ?? "");
        this.files.delete(from);
        return ended(0);
      }
      case "rm":
        for (const path of paths) this.files.delete(path);
        return ended(0);
      default:
        return ended(1, "", "not here\n");
    }
  }

  private find(argv: readonly string[], paths: readonly string[]): Result {
    const ending = argv.includes("-delete") ? ".json.tmp" : ".json";
    const below = [...this.files.keys()].filter(
      (file) => file.endsWith(ending) && paths.some((path) => file.startsWith(`${path}/`)),
    );
    if (argv.includes("-delete")) for (const file of below) this.files.delete(file);
    if (!argv.some((word) => word.startsWith("%y"))) return ended(0, argv.includes("cat") ? this.texts(below) : "");
    const isRecord = (path: string) => this.files.has(path) && argv.includes("cat");
    const inode = (path: string) => (path === mount ? "144115188193296385" : "1");
    const entry = (path: string) => `${this.files.has(path) ? "f" : "d"}|700|0|0|7|${inode(path)}||${path}\n`;
    const entries = paths.filter((path) => this.isThere(path) && !isRecord(path)).map(entry);
    const records = argv.includes("-prune") ? below : paths.filter(isRecord);
    const lost = paths.filter((path) => !this.isThere(path));
    const said = lost.map((path) => `find: '${path}': No such file or directory\n`).join("");
    return ended(lost.length > 0 ? 1 : 0, entries.join("") + this.texts(records), said);
  }

  private texts(files: readonly string[]): string {
    return files.map((file) => this.files.get(file)).join("");
  }

  private isThere(path: string): boolean {
    const directories = [mount, records, ...folders.map((name) => `${records}/${name}`), `${mount}/shares`];
    return directories.includes(path) || this.files.has(path) || this.shares.some((share) => path === `${mount}${share}`);
  }

  private lctl(verb: string, words: string[]): Result {
    const name = words[0] === "--name" ? (words[1] ?? "") : (words[0] ?? "");
    switch (verb) {
      case "dl":
        return ended(0, "  1 UP mgs MGS MGS 5\n");
      case "--list-commands":
        return ended(0, "nodemap_fileset_add nodemap_banlist_add\n");
      case "list_nids":
        return ended(0, "10.9.0.1@tcp\n");
      case "get_param":
        return this.getParam(words);
      case "nodemap_test_nid": {
        const nid = spanOf(name);
        return nid ? ended(0, `${this.nodemapOf(nid)}\n`) : invalid;
      }
      case "nodemap_add":
        if (this.nodemaps.has(name)) return invalid;
        this.addNodemap(name);
        return ended(0);
      default: {
        const nodemap = this.nodemaps.get(name);
        return nodemap ? this.change(verb, name, nodemap, words) : invalid;
      }
    }
  }

  private change(verb: string, name: string, nodemap: Nodemap, words: string[]): Result {
    const option = (word: string) => words[words.indexOf(word) + 1] ?? "";
    const span = spanOf(option("--range"));
    switch (verb) {
      case "nodemap_del":
        this.nodemaps.delete(name);
        return ended(0);
      case "nodemap_add_range":
        return !span ? invalid : this.addRange(name, span) ? ended(0) : exists;
      case "nodemap_del_range":
        return drop(nodemap.ranges, span);
      case "nodemap_banlist_add": {
        const isWithin =
          name === "default" || nodemap.ranges.some((range) => span && within(range, span) && span.last <= range.last);
        if (!span || !isWithin) return invalid;
        if (nodemap.banned.some((other) => meets(other, span))) return exists;
        nodemap.banned.push(span);
        return ended(0);
      }
      case "nodemap_banlist_del":
        return drop(nodemap.banned, span);
      case "nodemap_modify":
        nodemap.properties.set(parameterOf[option("--property")] ?? option("--property"), option("--value"));
        return ended(0);
      case "nodemap_set_cap":
        nodemap.properties.set("enable_cap_mask", option("--type"));
        return ended(0);
      case "nodemap_fileset_add":
        if (nodemap.filesets.some(({ path }) => path === option("--fileset"))) return exists;
        nodemap.filesets.push({ path: option("--fileset"), readOnly: words.includes("--ro") });
        return ended(0);
      case "nodemap_fileset_del": {
        const at = nodemap.filesets.findIndex(({ path }) => path === option("--fileset"));
        if (at < 0) return ended(2, "", "No such file or directory\n");
        nodemap.filesets.splice(at, 1);
        return ended(0);
      }
      default:
        return ended(4, "", `unknown command ${verb}\n`);
    }
  }

  private getParam(names: readonly string[]): Result {
    const values = new Map([
      ["version", "2.17.0"],
      ["mgs.MGS.filesystems", fileSystem.fsName],
      ["nodemap.active", "1"],
    ]);
    for (const [name, { id, ranges, filesets, properties, banned }] of this.nodemaps) {
      const put = (parameter: string, value: string) => values.set(`nodemap.${name}.${parameter}`, value);
      put("id", String(id));
      if (name !== "default") put("ranges", listed(ranges.map(rangeLine)));
      put("fileset", listed(filesets.map(({ path, readOnly }) => ` { alternate:   ${path}${readOnly ? ", mode: ro" : ""} }`)));
      put("banlist", listed(banned.map(rangeLine)));
      for (const [property, value] of properties) if (name !== "default" || property !== "rbac") put(property, value);
    }
    const lines = names.flatMap((asked) => {
      const pattern = new RegExp(`^${asked.replaceAll(".", "\\.").replaceAll("*", "[^.]*")}$`);
      return [...values].filter(([name]) => pattern.test(name)).map(([name, value]) => `${name}=${value}\n`);
    });
    return ended(0, lines.join(""));
  }
}

/** An IPv6 prefix is printed as its first address alone (golden g015). */
function rangeLine(span: Span, index: number): string {
  const [from, to] = [span.first, span.kind === "v6" ? span.first : span.last].map(
    (value) => `${addressText(span, value)}@${span.net}`,
  );
  return ` { id: ${index + 1}, start_nid: ${from}, end_nid: ${to} }`;
}

function listed(lines: readonly string[]): string {
  return lines.length === 0 ? "[]" : `\n[\n${lines.join(",\n")}\n]`;
}

function drop(list: Span[], span: Span | undefined): Result {
  const at = list.findIndex((one) => span && same(one, span));
  if (at < 0) return invalid;
  list.splice(at, 1);
  return ended(0);
}

/** As an MGS without any nodemaps, with exit 0; whoever changes anything hears that it is none (golden e*). */
function offTheMgs(verb: string): Result {
  if (verb === "get_param")
    return ended(
      2,
      "nodemap.active=0\nnodemap.default.id=0\n",
      "error: get_param: param_path 'mgs/MGS/filesystems': No such file or directory\n",
    );
  return verb.startsWith("nodemap_") ? invalid : ended(0, "");
}
