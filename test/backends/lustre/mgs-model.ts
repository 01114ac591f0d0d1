// An MGS in memory: it takes the commands of access plans and refuses what the kernel refuses.

import { overlaps, subtract } from "../../../src/backends/lustre/access/intervals";
import { nodemapProperties } from "../../../src/backends/lustre/access/nodemap-properties";
import type { LiveAccess, LiveNodemap } from "../../../src/backends/lustre/access/steps";
import { parseRecord, type RuleRecord } from "../../../src/backends/lustre/record-kinds";
import type { Command } from "../../../src/core/command";
import { compareIntervals, type NidInterval, parseClient } from "../../../src/spec/address";
import { holds } from "./rules";

/** What an address may mount now: nothing, the whole tree, or some paths. */
export type Reach = "nothing" | "everything" | Map<string, "rw" | "ro">;

export interface ModelNodemap extends LiveNodemap {
  properties: Map<string, string>;
}

interface Call {
  name: string;
  words: string[];
  option: (name: string) => string;
  range: () => NidInterval;
}

/** What `default` hands down to every new nodemap: nothing of it is what a tenant should have (golden y105 to y107). */
const inherited = Object.entries({
  readonly_mount: "1",
  map_mode: "uid",
  squash_uid: "99",
  squash_gid: "99",
  squash_projid: "99",
  admin: "1",
  trusted: "1",
  deny_unknown: "1",
  forbid_encryption: "1",
  audit_mode: "0",
  rbac: "file_perms,quota_ops",
  child_raise_privileges: "admin",
  capabilities: "type: set, caps: cap_chown",
  deny_mount: "1",
});

export class MgsModel {
  readonly nodemaps = new Map<string, ModelNodemap>();
  readonly registered = new Map<string, readonly string[]>();
  banned: NidInterval[] = [];
  ourBans: NidInterval[] = [];
  held = new Map<string, NidInterval[]>();
  readonly rules = new Map<string, RuleRecord>();
  private readonly unfinished = new Map<string, string>();
  private said = "";

  live(): LiveAccess {
    const nodemaps = new Map(
      [...this.nodemaps].map(([name, { ranges, filesets, properties, banned }]) => [
        name,
        { name, ranges: [...ranges], filesets: [...filesets], properties: new Map(properties), banned: [...banned] },
      ]),
    );
    const knows = new Set(nodemapProperties.map(({ name }) => name));
    const { banned, ourBans, held } = this;
    return {
      knows,
      nodemaps,
      registered: new Map(this.registered),
      banned: [...banned],
      ourBans: [...ourBans],
      held: new Map(held),
    };
  }

  put(name: string, nodemap: Partial<LiveNodemap>): void {
    const properties = new Map(nodemap.properties);
    this.nodemaps.set(name, { name, ranges: [], filesets: [], banned: [], ...nodemap, properties });
  }

  nodemapOf(address: { net: string; value: bigint }): ModelNodemap | undefined {
    return [...this.nodemaps.values()].find(({ ranges }) => holds(ranges, address));
  }

  /** Whether the banlist of the nodemap that an address is in cuts it off; another's does not. */
  isBanned(address: { net: string; value: bigint }): boolean {
    return holds(this.nodemapOf(address)?.banned ?? this.banned, address);
  }

  private banlist(name: string): NidInterval[] {
    return name === "default" ? this.banned : this.existing(name).banned;
  }

  private putBanlist(name: string, banned: NidInterval[]): void {
    if (name === "default") this.banned = banned;
    else this.existing(name).banned = banned;
  }

  /** `default` is closed. */
  reach(address: { net: string; value: bigint }): Reach {
    const nodemap = this.nodemapOf(address);
    if (!nodemap) return "nothing";
    if (nodemap.properties.get("deny_mount") !== "0") return "nothing";
    if (nodemap.filesets.length === 0) return "everything";
    const readOnly = nodemap.properties.get("readonly_mount") === "1";
    return new Map(nodemap.filesets.map((fileset) => [fileset.path, readOnly || fileset.readOnly ? "ro" : "rw"]));
  }

  run({ argv, stdin, given }: Command): void {
    // Plans ask for nothing but what they have just read.
    if (given && this.said.includes(given.says) === (given.not ?? false)) return;
    const [tool, verb = "", ...words] = argv;
    if (tool !== "lctl") {
      this.keepRecord(argv, stdin);
      return;
    }
    const run = this.verbs[verb];
    if (!run) throw new Error(`${argv.join(" ")} is not in the model`);
    const option = (name: string) => words[words.indexOf(`--${name}`) + 1] ?? "";
    try {
      run({
        words,
        option,
        name: words[0]?.startsWith("--") ? option("name") : (words[0] ?? ""),
        range: () => parseClient(option("range"), "tcp"),
      });
    } catch (cause) {
      throw new Error(`${argv.join(" ")}: ${(cause as Error).message}`, { cause });
    }
  }

  private existing(name: string): ModelNodemap {
    const nodemap = this.nodemaps.get(name);
    if (!nodemap) throw new Error("does not exist");
    return nodemap;
  }

  private parameter(word: string): string {
    const [, name = "", parameter = ""] = word.split(".");
    const property = nodemapProperties.find((one) => one.parameter === parameter)?.name ?? parameter;
    return this.existing(name).properties.get(property) ?? "";
  }

  private readonly verbs: Readonly<Record<string, (call: Call) => void>> = {
    nodemap_add: ({ name }) => {
      if (this.nodemaps.has(name) || !/^\w{1,16}$/.test(name)) throw new Error("exists, or a bad name");
      this.put(name, { properties: new Map(inherited) });
    },
    nodemap_del: ({ name }) => {
      this.existing(name);
      this.nodemaps.delete(name);
    },
    nodemap_add_range: ({ name, range }) => {
      if ([...this.nodemaps.values()].some((other) => overlaps(range(), other.ranges))) throw new Error("File exists");
      this.existing(name).ranges.push(range());
    },
    nodemap_del_range: ({ name, range }) => {
      const nodemap = this.existing(name);
      nodemap.ranges = without(nodemap.ranges, range());
    },
    nodemap_modify: ({ name, option }) => {
      this.existing(name).properties.set(option("property"), option("value"));
    },
    get_param: ({ words }) => {
      this.said = words.map((word) => `${word}=${this.parameter(word)}\n`).join("");
    },
    nodemap_set_cap: ({ name, option }) => {
      this.existing(name).properties.set("capabilities", option("type"));
    },
    nodemap_fileset_add: ({ name, option, words }) => {
      const { filesets } = this.existing(name);
      if (filesets.some(({ path }) => path === option("fileset"))) throw new Error("File exists");
      filesets.push({ path: option("fileset"), primary: !words.includes("--alt"), readOnly: words.includes("--ro") });
    },
    nodemap_fileset_del: ({ name, option }) => {
      const nodemap = this.existing(name);
      if (!nodemap.filesets.some(({ path }) => path === option("fileset"))) throw new Error("No such file or directory");
      nodemap.filesets = nodemap.filesets.filter(({ path }) => path !== option("fileset"));
    },
    nodemap_banlist_add: ({ name, range }) => {
      if (name !== "default" && !this.existing(name).ranges.some((one) => subtract([range()], [one]).length === 0))
        throw new Error("Invalid argument");
      if (overlaps(range(), this.banlist(name))) throw new Error("File exists");
      this.putBanlist(name, [...this.banlist(name), range()]);
    },
    nodemap_banlist_del: ({ name, range }) => {
      this.putBanlist(name, without(this.banlist(name), range()));
    },
    // 2.16: the only fileset of a nodemap; of the running MGS, and to last.
    nodemap_set_fileset: ({ name, option }) => {
      this.existing(name).filesets = [{ path: option("fileset"), primary: true, readOnly: false }];
    },
    set_param: ({ words }) => {
      const [, forget, name = "", path] = /^-P (-d )?nodemap\.(\w+)\.fileset(?:=(.+))?$/.exec(words.join(" ")) ?? [];
      if (forget) return;
      if (!path) throw new Error("unknown parameter");
      this.existing(name).filesets = [{ path, primary: true, readOnly: false }];
    },
  };

  private keepRecord(argv: readonly string[], stdin = ""): void {
    const target = argv.at(-1) ?? "";
    if (argv[0] === "dd") this.unfinished.set((argv[1] ?? "").slice(3), stdin);
    else if (argv[0] === "rm") for (const path of argv) this.registered.delete(/([^/]+)\.json$/.exec(path)?.[1] ?? "");
    else if (argv[0] === "mv") {
      const record = parseRecord((this.unfinished.get(argv.at(-2) ?? "") ?? "").trim(), target);
      if (record.kind === "lustre.access-rule") this.rules.set(record.key, record);
      else if (record.kind === "lustre.nodemap") this.registered.set(record.key, record.prefixes ?? []);
      else if (record.kind === "lustre.bans") {
        const parse = (ranges: readonly string[]) => ranges.map((text) => parseClient(text, "tcp"));
        this.ourBans = parse(record.ranges);
        this.held = new Map(Object.entries(record.held ?? {}).map(([name, ranges]) => [name, parse(ranges)]));
      }
    } else throw new Error(`${argv.join(" ")} is not in the model`);
  }
}

function without(intervals: readonly NidInterval[], gone: NidInterval): NidInterval[] {
  const others = intervals.filter((one) => compareIntervals(one, gone) !== 0);
  if (others.length === intervals.length) throw new Error("Invalid argument");
  return others;
}
