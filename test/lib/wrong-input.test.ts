// Every property of every construct and factory is given what it is not: people who run without a type check get an error that helps, and nothing is dropped.
import { type TerraformStack, TerraformVariable, Token } from "cdktf";
import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  AccessLevel,
  Carrier,
  Connection,
  GlusterAccessRule,
  GlusterCluster,
  GlusterShare,
  GlusterSnapshot,
  LustreAccessRule,
  LustreFileSystem,
  LustreLayout,
  LustreShare,
  LustreVersion,
  Pool,
  Preflight,
  RemovalPolicy,
  Revocation,
  ShareSynthesisError,
  Size,
  Squash,
  Volume,
} from "../../lib";
import { newCluster, server } from "./gluster/support";
import { errorOf, holds, newFileSystem, newStack, rootOwner, tenTebibytes } from "./support";

const stack = newStack();
const variable = new TerraformVariable(stack, "v", {});
const fileSystem = newFileSystem(stack);
const lustreShare = fileSystem.addShare("lustre", { size: tenTebibytes, owner: rootOwner });
const cluster = newCluster(stack);
const glusterShare = cluster.addShare("gluster", { size: tenTebibytes });
const snapshot = glusterShare.addSnapshot("monday");
const layout = LustreLayout.striped({ stripeCount: 1 });

/** Everything that can stand for a value, by what the properties below call it. */
const samples: Record<string, unknown[]> = {
  fileSystem: [fileSystem],
  lustreShare: [lustreShare],
  cluster: [cluster],
  glusterShare: [glusterShare],
  snapshot: [snapshot],
  size: [tenTebibytes],
  squash: [Squash.root()],
  connection: [Connection.local()],
  layout: [layout],
  provisioning: [Pool.pick()],
  "token text": [variable.stringValue],
  "token number": [variable.numberValue, Token.asNumber({ resolve: () => 1 })],
  text: ["", "x", "10TB", "10.1.0.0/24", "no_root_squash", "0x10", "${var.x}"],
  number: [0, -1, 1.5, 770, Number.NaN, Number.POSITIVE_INFINITY, variable.numberValue * 2],
  flag: [true, false],
  object: [{}, { a: 1 }, Object.create(null), { toSpec: 1 }],
  other: [
    null,
    10n,
    Symbol("s"),
    new Date(0),
    new Map(),
    new Set(["x"]),
    /x/,
    () => 1,
    Pool,
    Volume.create,
    LustreLayout,
    Token.asAny({ a: 1 }),
  ],
  list: [[], ["x"], [null], [[]], [{}], [1], ["10.1.0.0/24", 5], variable.listValue, [variable.numberValue]],
};
const cyclic: Record<string, unknown> = {};
cyclic["self"] = cyclic;
samples["object"]?.push(cyclic, { big: 10n });
const all = Object.values(samples).flat();

function nameOf(value: unknown): string {
  const known = Object.entries(samples).find(([name, values]) => !["list", "other"].includes(name) && values.includes(value));
  if (known) return known[0];
  if (value === null) return "other";
  if (Array.isArray(value)) return "list";
  if (typeof value === "string") return "text";
  if (typeof value === "number") return "number";
  if (typeof value === "boolean") return "flag";
  return Object.prototype.toString.call(value) === "[object Object]" ? "object" : "other";
}

type Right = (value: unknown) => boolean;
const is =
  (...names: string[]): Right =>
  (value) =>
    names.includes(nameOf(value));
const listOf =
  (item: Right): Right =>
  (value) =>
    Array.isArray(value) && value.length > 0 && value.every(item);
const values =
  (enumeration: object): Right =>
  (value) =>
    Object.values(enumeration).includes(value);
const [text, number, flag, object] = ["text", "number", "flag", "object"].map((name) => is(name)) as [Right, Right, Right, Right];
const texts = listOf(text);
const nothing: Right = () => false;
const idOrToken = is("number", "token number");
const lustreSize = is("size");
const striping = { stripeCount: number, stripeSize: lustreSize, pool: text };

interface Case {
  /** What stands in the error before the name of a property. */
  readonly prefix?: string;
  /** Properties that are enough. */
  readonly least: object;
  readonly rights: Record<string, Right>;
  build(props: never, id: string): unknown;
}

/** A property's values by their type alone; texts that are no size, no name or no client are refused as well. */
const cases: Record<string, Case> = {
  LustreFileSystem: {
    least: { fsName: "scratch", exportNids: ["10.0.0.1@tcp"] },
    rights: {
      ...{ fsName: text, exportNids: texts, mountPoint: text, pathPrefix: text, owner: text, client: is("connection") },
      ...{ projectIds: nothing, "projectIds.start": number, "projectIds.end": number, mgs: is("connection"), mds: nothing },
      ...{ "mds.connection": is("connection"), "mds.mountPoint": text, servers: (v) => Array.isArray(v) && v.length === 0 },
      ...{ lustreVersion: values(LustreVersion), revocation: values(Revocation), carrier: values(Carrier) },
      ...{ trustedClients: (v) => Array.isArray(v) && v.every(text), preflight: values(Preflight) },
    },
    build: (props, id) => new LustreFileSystem(stack, id, props),
  },
  LustreShare: {
    least: { fileSystem, size: tenTebibytes, owner: rootOwner },
    rights: {
      ...{
        fileSystem: is("fileSystem"),
        shareName: text,
        size: lustreSize,
        softSize: lustreSize,
        inodes: number,
        softInodes: number,
      },
      ...{ owner: nothing, "owner.uid": idOrToken, "owner.gid": idOrToken, mode: is("number", "text"), layout: is("layout") },
      ...{
        removalPolicy: values(RemovalPolicy),
        adopt: flag,
        "adopt.path": text,
        deletionProtection: flag,
        description: is("text", "token text"),
      },
    },
    build: (props, id) => new LustreShare(stack, id, props),
  },
  "LustreShare.fromShareName": {
    least: { fileSystem, shareName: "theirs" },
    rights: { fileSystem: is("fileSystem"), shareName: text },
    build: (props, id) => LustreShare.fromShareName(stack, id, props),
  },
  LustreAccessRule: {
    least: { share: lustreShare, clients: ["10.1.0.0/24"], level: AccessLevel.READ_ONLY },
    rights: {
      ...{ share: is("lustreShare"), level: values(AccessLevel), ruleName: text, squash: is("squash"), advisoryReadOnly: flag },
      clients: (v) => is("text", "token text")(v) || v === variable.listValue || listOf(is("text", "token text"))(v),
      rbac: (v) => Array.isArray(v) && v.every(text),
    },
    build: (props, id) => new LustreAccessRule(stack, id, props),
  },
  GlusterCluster: {
    least: { servers: [server("t1")] },
    rights: {
      ...{ servers: nothing, volumePattern: text, mountPointBase: text, brickRoots: texts, exportHost: text, owner: text },
      ...{ backupVolfileServers: (v) => Array.isArray(v) && v.every(text), carrier: values(Carrier), clusterName: text },
      ...{ infrastructureNames: texts, client: is("connection"), certificateDirectory: text, preflight: values(Preflight) },
    },
    build: (props, id) => new GlusterCluster(newStack(), id, props),
  },
  GlusterShare: {
    least: { cluster, size: tenTebibytes },
    rights: {
      ...{ cluster: is("cluster"), clusters: nothing, shareName: text, size: lustreSize, provisioning: is("provisioning") },
      ...{ fromSnapshot: is("snapshot"), removalPolicy: values(RemovalPolicy), adopt: flag, allowRestart: flag },
      deletionProtection: flag,
      volumeOptions: (v) => object(v) && Object.values(v as object).every(text),
    },
    build: (props, id) => new GlusterShare(stack, id, props),
  },
  "GlusterShare.fromShareName": {
    least: { cluster, shareName: "theirs" },
    rights: { cluster: is("cluster"), clusters: nothing, shareName: text },
    build: (props, id) => GlusterShare.fromShareName(stack, id, props),
  },
  GlusterAccessRule: {
    least: { share: glusterShare, commonName: "viz" },
    rights: { share: is("glusterShare"), commonName: is("text", "token text"), level: values(AccessLevel), ruleName: text },
    build: (props, id) => new GlusterAccessRule(stack, id, props),
  },
  GlusterSnapshot: {
    least: { share: glusterShare },
    rights: { share: is("glusterShare"), snapshotName: text },
    build: (props, id) => new GlusterSnapshot(stack, id, props),
  },
  "LustreLayout.striped": {
    prefix: "LustreLayout.striped.",
    least: {},
    rights: striping,
    build: (props) => LustreLayout.striped(props),
  },
  "LustreLayout.progressive": {
    prefix: "LustreLayout.progressive.",
    least: {},
    rights: { ...striping, end: lustreSize },
    build: (props) => LustreLayout.progressive([props]),
  },
  "LustreLayout.dataOnMdt": {
    prefix: "LustreLayout.dataOnMdt.",
    least: { size: tenTebibytes, rest: {} },
    rights: { size: lustreSize, rest: object },
    build: ({ size, rest }: never) => LustreLayout.dataOnMdt(size, rest),
  },
  "Squash.all": {
    prefix: "Squash.all.",
    least: { uid: 1, gid: 1 },
    rights: { uid: idOrToken, gid: idOrToken },
    build: ({ uid, gid }: never) => Squash.all(uid, gid),
  },
  "Connection.local": {
    prefix: "Connection.local.",
    least: {},
    rights: { path: (v) => Array.isArray(v) && v.every(is("text", "token text")) },
    build: (props) => Connection.local(props),
  },
  "Volume.create": {
    prefix: "Volume.create.",
    least: {},
    rights: {
      replica: number,
      arbiter: flag,
      disperse: number,
      redundancy: number,
      bricks: (v) => Array.isArray(v) && v.every(is("text", "token text")),
      force: flag,
    },
    build: (props) => Volume.create(props),
  },
};

let made = 0;
/** The error of a construct that is given `props`; undefined if it takes them. */
function refusal(of: Case, props: object): ShareSynthesisError | undefined {
  made += 1;
  try {
    of.build(props as never, `n${made}`);
    return undefined;
  } catch (error) {
    if (ShareSynthesisError.isShareSynthesisError(error)) return error;
    throw error;
  }
}

function withValue(least: object, path: string, value: unknown): object {
  const [name = "", inner] = path.split(".");
  // The two exclude each other.
  if (name === "clusters") return { ...least, cluster: undefined, clusters: value };
  if (inner === undefined) return { ...least, [name]: value };
  const others: Record<string, object> = {
    owner: rootOwner,
    projectIds: { start: 1, end: 2 },
    mds: { connection: Connection.local() },
    adopt: { path: "/lab" },
  };
  return { ...least, [name]: { ...others[name], [inner]: value } };
}

/** A value of a wrong type is refused by its name; whatever is refused is refused with what helps. */
function judge(name: string, property: string, value: unknown): void {
  const found = cases[name];
  if (!found) throw new Error(name);
  const error = refusal(found, withValue(found.least, property, value));
  if (error === undefined) {
    if (!found.rights[property]?.(value)) throw new Error(`${name} takes ${nameOf(value)} for ${property}: ${String(value)}`);
    return;
  }
  if (found.prefix === undefined) expect(error.constructPath).toMatch(/^stack\//);
  if (!found.rights[property]?.(value))
    expect(`${name}: ${error.property}`).toContain(`${name}: ${found.prefix ?? ""}${property}`);
  expect(error.fix).toMatch(/\w/);
  expect(error.problem).not.toMatch(/\bundefined .|\[object|TfToken/);
  expect(error.message.length).toBeLessThan(1500);
}

const properties = Object.entries(cases).flatMap(([name, { rights }]) =>
  Object.keys(rights).map((property) => [name, property] as const),
);

describe("U-06: no wrong input reaches an internal error, and none is dropped", () => {
  it.each(Object.keys(cases))("%s refuses every value of a wrong type, for every property", (name) => {
    for (const property of Object.keys(cases[name]?.rights ?? {})) {
      for (const value of all) if (!(value === tenTebibytes && property === "mode")) judge(name, property, value);
    }
  });

  it("whatever a property is given", () => {
    const anything = fc.anything({ withBigInt: true, withDate: true, withMap: true, withSet: true, withNullPrototype: true });
    const value = fc.oneof(
      anything,
      fc.array(fc.oneof(anything, fc.string())),
      fc.string(),
      fc.double(),
      fc.constantFrom(...all),
    );
    holds(
      fc.property(fc.constantFrom(...properties), value, ([name, property], given) => {
        if (given !== undefined) judge(name, property, given);
      }),
      { numRuns: 1500 },
    );
  });

  it("whatever stands in the place of all properties", () => {
    holds(
      fc.property(fc.constantFrom(...Object.values(cases)), fc.constantFrom(...all, undefined), (one, given) => {
        if (one.build.toString().includes("{ size, rest }") || one.build.toString().includes("{ uid, gid }")) return;
        if (nameOf(given) === "object" && Object.keys(given as object).length === 0) return;
        if (given === undefined && one.prefix !== undefined) return;
        expect(refusal(one, given as object)?.fix).toMatch(/^write |^leave /);
      }),
      { numRuns: 300 },
    );
  });

  it("whatever a property is called that there is none of", () => {
    const named = Object.entries(cases).filter(([name]) => !["LustreLayout.dataOnMdt", "Squash.all"].includes(name));
    const odd = fc.oneof(fc.string(), fc.constantFrom("removalpolicy", "toString", "__proto__", "constructor", "Size"));
    holds(
      fc.property(fc.constantFrom(...named), odd, fc.constantFrom(...all), ([, one], name, value) => {
        if (name in one.rights || ["transport", "props"].includes(name)) return;
        const props = Object.defineProperty({ ...one.least }, name, { value, enumerable: true });
        expect(refusal(one, props)).toMatchObject({ property: `${one.prefix ?? ""}${name}`, problem: "is no property" });
      }),
      { numRuns: 500 },
    );
  });

  it.each(Object.entries(cases).flatMap(([name, { least }]) => Object.keys(least).map((property) => [name, property] as const)))(
    "%s names `%s` when it is missing",
    (name, property) => {
      const found = cases[name] as Case;
      const error = refusal(found, { ...found.least, [property]: undefined });
      expect(error?.property).toBe(`${found.prefix ?? ""}${property}`);
      expect(error?.problem).toMatch(/missing|undefined/);
    },
  );

  it.each<[string, () => unknown, object]>([
    [
      "a property in another case",
      () => addShare({ removalpolicy: "destroy" }),
      { property: "removalpolicy", value: '"destroy"', fix: "write removalPolicy" },
    ],
    ["a property with a letter too much", () => addShare({ softSizes: 1 }), { property: "softSizes", fix: "write softSize" }],
    [
      "a decimal unit",
      () => addShare({ size: "10TB" }),
      { property: "size", value: '"10TB"', fix: expect.stringContaining('"10 TiB"') },
    ],
    ["a number as text", () => addShare({ inodes: "2048" }), { property: "inodes", problem: "is a text" }],
    [
      "a word for a squash",
      () => grant({ squash: "no_root_squash" }),
      { property: "squash", fix: expect.stringContaining("Squash.none()") },
    ],
    [
      "a layout without its factory",
      () => addShare({ layout: { stripeCount: 4 } }),
      { property: "layout", problem: "is an object of properties" },
    ],
    [
      "a layout for a connection",
      () => newFileSystem(newStack(), { client: layout as never }),
      { property: "client", problem: "is an object of LustreLayout" },
    ],
    ["a number in a Size as text", () => Size.tebibytes("10" as never), { property: "Size.tebibytes", problem: "is a text" }],
    ["a big integer in a Size", () => Size.tebibytes(10n as never), { property: "Size.tebibytes", problem: "is a bigint" }],
    ["a squash without its gid", () => Squash.all(5, undefined as never), { property: "Squash.all.gid" }],
    [
      "what the method gives already",
      () => addShare({ fileSystem }),
      { property: "fileSystem", constructPath: "stack/scratch/s" },
    ],
    [
      "options that are none",
      () => addShare(null as never),
      { property: "options", constructPath: "stack/scratch/s", problem: "is null" },
    ],
    [
      "no options at all",
      () => newFileSystem(newStack()).addShare("s", undefined as never),
      { property: "size", constructPath: "stack/scratch/s", problem: "is missing" },
    ],
    [
      "an id that is a number",
      () => fileSystem.addShare(7 as never, { size: tenTebibytes, owner: rootOwner }),
      { property: "id" },
    ],
    ["a scope that is none", () => new LustreFileSystem(undefined as never, "x", {} as never), { property: "scope" }],
  ])("says what helps for %s", (_title, build, expected) => {
    expect(errorOf(build)).toMatchObject(expected);
  });

  it("does not repeat what may be a secret", () => {
    const client = "root:hunter2@mds1" as never;
    for (const build of [
      () => newFileSystem(newStack(), { client }),
      () => newFileSystem(newStack(), { password: "hunter2" } as never),
    ]) {
      expect(JSON.stringify(errorOf(build)) + errorOf(build).message).not.toContain("hunter2");
    }
  });
});

describe("U-06: texts that can only mean one thing are taken", () => {
  it.each(["10 TiB", "10TiB", "10.0 TiB", "10240 GiB"])("size %s", (size) => {
    expect(Size.parse(size).toBytes()).toBe(tenTebibytes.toBytes());
    const mine = newStack();
    addShare({ size, softSize: "512 GiB" }, mine);
    expect(shareTriggers(mine)).toMatchObject({ size: "10 TiB", soft_size: "512 GiB" });
  });

  it.each(["10TB", "10 T", "10", "", "ten TiB", "-1 TiB", "0.3 KiB", "10 tib", "1e3 GiB"])("fails for %j as size", (size) => {
    expect(errorOf(() => Size.parse(size))).toMatchObject({ property: "Size.parse", value: JSON.stringify(size) });
    expect(errorOf(() => addShare({ size }))).toMatchObject({ property: "size", constructPath: "stack/scratch/s" });
  });

  it("whatever a Size prints", () => {
    holds(
      fc.property(fc.nat(), fc.constantFrom("bytes", "kibibytes", "gibibytes", "pebibytes"), (count, unit) => {
        const size = Size[unit as "bytes"](count);
        expect(Size.parse(size.toString()).toBytes()).toBe(size.toBytes());
      }),
    );
  });

  it.each([
    ["0770", "0770"],
    ["770", "0770"],
    ["0o2770", "2770"],
  ])("mode %s", (mode, text) => {
    const mine = newStack();
    addShare({ mode }, mine);
    expect(shareTriggers(mine)).toMatchObject({ mode: text });
  });

  it.each(["rwxrwx---", "0x1f8", "888", "77", "504", "g+w"])("fails for %j as mode", (mode) => {
    expect(errorOf(() => addShare({ mode }))).toMatchObject({ property: "mode" });
  });

  it("one client without its list", () => {
    const [one, list] = ["10.1.0.0/24", ["10.1.0.0/24"]].map((clients) => {
      const mine = newStack();
      newFileSystem(mine).addShare("s", { size: "1 TiB", owner: rootOwner }).grantRead("r", clients);
      return JSON.stringify(mine.toTerraform());
    });
    expect(one).toBe(list);
  });

  it("sizes of layouts", () => {
    expect(
      String(
        LustreLayout.progressive([
          { end: "64 MiB", stripeCount: 1 },
          { stripeCount: 4, stripeSize: "4 MiB" },
        ]),
      ),
    ).toBe("-E 64M -c 1 -E -1 -c 4 -S 4M");
    expect(String(LustreLayout.dataOnMdt("1 MiB", { stripeCount: 2 }))).toBe("-E 1M -L mdt -E -1 -c 2");
  });
});

describe("U-08: tokens are named as tokens, with the way that works", () => {
  const token = variable.numberValue;
  it.each<[string, () => unknown, string, string]>([
    ["a Size", () => Size.gibibytes(token), "Size.gibibytes", "Size.bytes(variable.numberValue)"],
    ["a size of text", () => addShare({ size: variable.stringValue }), "size", "Size.bytes(variable.numberValue)"],
    ["a size of number", () => addShare({ size: token }), "size", "Size.bytes(variable.numberValue)"],
    ["inodes", () => addShare({ inodes: token }), "inodes", "literal"],
    ["a mode", () => addShare({ mode: token }), "mode", "literal"],
    ["a project id", () => newFileSystem(newStack(), { projectIds: { start: token, end: 9 } }), "projectIds.start", "literal"],
    ["a uid of text", () => addShare({ owner: { uid: variable.stringValue, gid: 0 } }), "owner.uid", "Token.asNumber"],
    ["a name of number", () => addShare({ shareName: token }), "shareName", "Token.asString"],
    ["a stripe count", () => LustreLayout.striped({ stripeCount: token }), "LustreLayout.striped.stripeCount", "literal"],
    [
      "a stripe size",
      () => LustreLayout.striped({ stripeSize: Size.bytes(token) }),
      "LustreLayout.striped.stripeSize",
      "literal",
    ],
    ["a replica count", () => Volume.create({ replica: token }), "Volume.create.replica", "literal"],
    ["flags", () => addShare({ adopt: variable.booleanValue }), "adopt", "literal"],
    ["U-10 protection", () => addShare({ deletionProtection: variable.booleanValue }), "deletionProtection", "literal"],
  ])("%s", (_title, build, property, way) => {
    const error = errorOf(build);
    expect(error.property).toBe(property);
    expect(error.problem).toContain("token");
    expect(error.fix).toContain(way);
    expect(error.message).not.toMatch(/e\+?\d{3}|TfToken/);
  });

  it("what arithmetic makes of one", () => {
    expect(errorOf(() => addShare({ inodes: token * 2 }))).toMatchObject({
      property: "inodes",
      problem: expect.stringContaining("arithmetic"),
    });
  });

  it("long values are shortened in messages and whole in `value`", () => {
    const error = errorOf(() => addShare({ description: `begin${"x".repeat(5000)}end` }));
    expect(error.value).toHaveLength(5010);
    expect(error.message.length).toBeLessThan(500);
    expect(error.message).toMatch(/"beginx+ \.\.\. x+end" \(5010 characters\)/);
  });
});

function addShare(options: object, mine: TerraformStack = newStack()) {
  return newFileSystem(mine).addShare(
    "s",
    options === null ? options : ({ size: tenTebibytes, owner: rootOwner, ...options } as never),
  );
}

function grant(options: object) {
  return addShare({}).grantRead("r", ["10.1.0.0/24"], options);
}

function shareTriggers(mine: TerraformStack): object | undefined {
  const resources = JSON.parse(JSON.stringify(mine.toTerraform())) as {
    resource: { null_resource: Record<string, { triggers: object }> };
  };
  return Object.entries(resources.resource.null_resource).find(([name]) => name.startsWith("scratch_s_"))?.[1].triggers;
}
