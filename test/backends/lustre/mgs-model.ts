// An MGS in memory: it takes the commands of access plans and refuses what the kernel refuses.
import type { LiveAccess, LiveNodemap } from "../../../src/backends/lustre/access-plan";
import { includes, overlaps } from "../../../src/backends/lustre/intervals";
import { parseRecord } from "../../../src/backends/lustre/records";
import type { Command } from "../../../src/core/command";
import { type NidInterval, parseClient } from "../../../src/spec/address";
import { holds } from "./rules";

/** What an address may mount now: nothing, the whole tree, or some paths. */
export type Reach = "nothing" | "everything" | Map<string, "rw" | "ro">;

export class MgsModel {
  readonly nodemaps = new Map<string, LiveNodemap>();
  readonly registered = new Map<string, readonly string[]>();
  banned: NidInterval[] = [];
  ourBans: NidInterval[] = [];
  private readonly unfinished = new Map<string, string>();

  live(): LiveAccess {
    const nodemaps = new Map([...this.nodemaps].map(([name, { ranges, filesets, properties }]) => [name, { name, ranges: [...ranges], filesets: [...filesets], properties: new Map(properties) }]));
    return { nodemaps, registered: new Map(this.registered), banned: [...this.banned], ourBans: [...this.ourBans] };
  }

  put(name: string, nodemap: Partial<LiveNodemap>): void {
    this.nodemaps.set(name, { name, ranges: [], filesets: [], properties: new Map(), ...nodemap });
  }

  nodemapOf(address: { net: string; value: bigint }): LiveNodemap | undefined {
    return [...this.nodemaps.values()].find(({ ranges }) => holds(ranges, address));
  }

  /** `default` is closed. */
  reach(address: { net: string; value: bigint }): Reach {
    const nodemap = this.nodemapOf(address);
    if (!nodemap) return "nothing";
    if (nodemap.filesets.length === 0) return "everything";
    const readOnly = nodemap.properties.get("readonly_mount") === "1";
    return new Map(nodemap.filesets.map((fileset) => [fileset.path, readOnly || fileset.readOnly ? "ro" : "rw"]));
  }

  run({ argv, stdin }: Command): void {
    const [tool, verb = "", ...rest] = argv;
    if (tool !== "lctl") return this.keepRecord(argv, stdin);
    const option = (name: string) => rest[rest.indexOf(`--${name}`) + 1] ?? "";
    const name = rest[0]?.startsWith("--") ? option("name") : (rest[0] ?? "");
    this.change(verb, name, option, rest);
  }

  private change(verb: string, name: string, option: (name: string) => string, words: string[]): void {
    const refuse = (why: string): never => {
      throw new Error(`lctl ${verb} ${name} ${words.join(" ")}: ${why}`);
    };
    const nodemap = this.nodemaps.get(name);
    const range = () => parseClient(option("range"), "tcp");
    switch (verb) {
      case "nodemap_add":
        if (nodemap || !/^\w{1,16}$/.test(name)) refuse("exists, or a bad name");
        return this.put(name, { properties: new Map([["readonly_mount", "0"], ["admin", "0"], ["trusted", "0"], ["rbac", "file_perms"]]) });
      case "nodemap_del":
        if (!nodemap) refuse("does not exist");
        this.nodemaps.delete(name);
        return;
      case "nodemap_add_range":
        if ([...this.nodemaps.values()].some((other) => overlaps(range(), other.ranges))) refuse("File exists");
        nodemap ? nodemap.ranges.push(range()) : refuse("does not exist");
        return;
      case "nodemap_del_range":
        if (!nodemap || !includes(nodemap.ranges, range())) return refuse("Invalid argument");
        nodemap.ranges = nodemap.ranges.filter((one) => !includes([range()], one));
        return;
      case "nodemap_modify":
        nodemap ? nodemap.properties.set(option("property"), option("value")) : refuse("does not exist");
        return;
      case "nodemap_fileset_add":
        if (!nodemap || nodemap.filesets.some(({ path }) => path === option("fileset"))) return refuse("File exists");
        nodemap.filesets.push({ path: option("fileset"), primary: !words.includes("--alt"), readOnly: words.includes("--ro") });
        return;
      case "nodemap_fileset_del":
        if (!nodemap?.filesets.some(({ path }) => path === option("fileset"))) return refuse("No such file or directory");
        nodemap.filesets = nodemap.filesets.filter(({ path }) => path !== option("fileset"));
        return;
      case "nodemap_banlist_add":
        if (overlaps(range(), this.banned)) refuse("File exists");
        this.banned.push(range());
        return;
      case "nodemap_banlist_del":
        if (!includes(this.banned, range())) refuse("Invalid argument");
        this.banned = this.banned.filter((one) => !includes([range()], one));
        return;
      case "set_param":
        return this.setParam(words.join(" "), refuse);
      default:
        refuse("is not in the model");
    }
  }

  /** 2.16: the only fileset of a nodemap. */
  private setParam(words: string, refuse: (why: string) => never): void {
    const [, forget, name = "", path] = /^-P (-d )?nodemap\.(\w+)\.fileset(?:=(.*))?$/.exec(words) ?? [];
    const nodemap = this.nodemaps.get(name);
    if (forget) return;
    if (!nodemap || !path) return refuse("unknown parameter");
    nodemap.filesets = [{ path, primary: true, readOnly: false }];
  }

  private keepRecord(argv: readonly string[], stdin = ""): void {
    const target = argv.at(-1) ?? "";
    if (argv[0] === "dd") this.unfinished.set((argv[1] ?? "").slice(3), stdin);
    else if (argv[0] === "rm") for (const path of argv) this.registered.delete(/([^/]+)\.json$/.exec(path)?.[1] ?? "");
    else if (argv[0] === "mv") {
      const record = parseRecord((this.unfinished.get(argv.at(-2) ?? "") ?? "").trim(), target);
      if (record.kind === "lustre.nodemap") this.registered.set(record.key, record.prefixes ?? []);
      else if (record.kind === "lustre.bans") this.ourBans = record.ranges.map((text) => parseClient(text, "tcp"));
    } else throw new Error(`${argv.join(" ")} is not in the model`);
  }
}
