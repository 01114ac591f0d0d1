// Which file system is meant: its name and its MGS. Two of one name in one app, in stacks of their own and in the same.
import { TerraformStack, Testing } from "cdktf";
import { describe, expect, it } from "vitest";
import { Connection, type LustreFileSystem, type LustreFileSystemProps, LustreShare } from "../../../lib";
import { errorOf, newFileSystem, newStack, rootOwner, synth, tenTebibytes, validationErrors } from "../support";

type Props = Partial<LustreFileSystemProps>;

const addShare = (fileSystem: LustreFileSystem, id = "a", more: object = {}) =>
  new LustreShare(fileSystem, id, { fileSystem, size: tenTebibytes, owner: rootOwner, ...more });

const production: Props = { exportNids: ["10.0.0.1@tcp"], mountPoint: "/mnt/prod" };
const staging: Props = { exportNids: ["10.9.0.1@tcp"], mountPoint: "/mnt/staging", site: "staging" };

describe("U-01 two file systems of one name in stacks of their own", () => {
  const twoStacks = () => {
    const app = Testing.app();
    return [new TerraformStack(app, "prod"), new TerraformStack(app, "staging")] as const;
  };

  it("are told apart by their NIDs: same shares, paths, rules, ids and mount points", () => {
    const [prod, test] = twoStacks();
    const range = { start: 1, end: 100 };
    const one = newFileSystem(prod, { projectIds: range });
    addShare(one).grantRead("cpu", ["10.1.0.5"]);
    addShare(one, "c", { adopt: { path: "/x/y" } });
    const other = newFileSystem(test, { exportNids: ["10.9.0.1@tcp"], projectIds: { ...range, end: 50 } });
    addShare(other).grantReadWrite("cpu", ["10.1.0.0/24"]);
    addShare(other, "d", { adopt: { path: "/x" } });
    expect([prod, test].map(validationErrors)).toEqual(["", ""]);
  });

  it.each<[string, Props, Props, string]>([
    ["a NID, written in two ways", { exportNids: ["10.0.0.1@tcp0"] }, {}, "the NID 10.0.0.1@tcp"],
    [
      "one of many NIDs",
      { exportNids: ["10.7.0.1@o2ib,10.0.0.7@tcp"] },
      { exportNids: ["10.0.0.8@tcp", "10.0.0.7@tcp,10.7.0.1@o2ib2"] },
      "the NID 10.0.0.7@tcp",
    ],
    [
      "a name as a NID",
      { exportNids: ["mgs1.example.org@tcp"] },
      { exportNids: ["MGS1.example.org@tcp"] },
      "the NID mgs1.example.org@tcp",
    ],
    [
      "the mount point of a host",
      { exportNids: ["mgs1@tcp"], client: Connection.ssh({ host: "login1", user: "alice" }) },
      { exportNids: ["10.0.0.1@tcp"], client: Connection.ssh({ hosts: ["login0", "login1"], user: "bob" }) },
      "the mount point /mnt/lustre of one client",
    ],
    [
      "an MGS",
      { exportNids: ["mgs1@tcp"], mgs: Connection.ssh({ host: "mgs1" }), mountPoint: "/mnt/one" },
      { exportNids: ["10.0.0.1@tcp"], mgs: Connection.ssh({ hosts: ["mgs1", "mgs2"] }) },
      "one machine as their MGS",
    ],
  ])("are one where they have in common %s: a duplicate names both places", (_title, one, other, common) => {
    const [prod, test] = twoStacks();
    addShare(newFileSystem(prod, one));
    const error = errorOf(() => addShare(newFileSystem(test, other)));
    expect(error).toMatchObject({ constructPath: "staging/scratch/a", property: "shareName", value: '"shares/a"' });
    expect(error.problem).toBe(
      `is already declared by prod/scratch/a, on the same file system: staging/scratch and prod/scratch have ${common}`,
    );
    expect(error.fix).toContain("`site`");
  });

  it("are not one for a machine that is another one in each stack: that which runs Terraform", () => {
    const [prod, test] = twoStacks();
    for (const [stack, nid] of [
      [prod, "mgs1.example.org@tcp"],
      [test, "10.9.0.1@tcp"],
    ] as const)
      addShare(
        newFileSystem(stack, { exportNids: [nid], client: Connection.ssh({ host: stack.node.id }), mgs: Connection.local() }),
      );
  });

  it("are told apart by the word of their user where even the NIDs are the same", () => {
    const [prod, test] = twoStacks();
    addShare(newFileSystem(prod));
    addShare(newFileSystem(test, { site: "staging" }));
    expect(Object.keys(synth(test).locals)).toContain("scratch-staging_share_claims");
  });

  it.each([
    ["ids", { projectIds: { start: 1, end: 20000 } }, "projectIds"],
    ["a share", {}, "shareName"],
  ])("are found to be one by a later description: %s declared before", (_title, more, property) => {
    const [prod, test] = twoStacks();
    addShare(newFileSystem(prod, { exportNids: ["10.0.0.1@tcp"] }));
    addShare(newFileSystem(test, { exportNids: ["10.9.0.1@tcp"], ...more }));
    const error = errorOf(() => newFileSystem(test, { exportNids: ["10.0.0.1@tcp", "10.9.0.1@tcp"] }, "again"));
    expect(error).toMatchObject({ constructPath: expect.stringMatching(/^staging\/scratch/), property });
    expect(error.problem).toContain("prod/scratch");
    expect(error.problem).toContain("staging/again and prod/scratch have the NID 10.0.0.1@tcp");
  });

  it("and access that contradicts itself on one of them is an error in both stacks", () => {
    const [prod, test] = twoStacks();
    addShare(newFileSystem(prod)).grantRead("cpu", ["10.1.0.5"]);
    addShare(newFileSystem(test), "b").grantReadWrite("cpu", ["10.1.0.5"]);
    for (const stack of [prod, test]) expect(validationErrors(stack)).toMatch(/rw on one share and ro on another/);
  });
});

describe("U-01 two file systems of one name in one stack", () => {
  it("need a word of their user, whichever comes first: the error names both places", () => {
    const { site: _, ...nameless } = staging;
    for (const [first, second] of [
      [production, nameless],
      [nameless, production],
    ]) {
      const stack = newStack();
      newFileSystem(stack, first, "one");
      const error = errorOf(() => newFileSystem(stack, second, "two"));
      expect(error).toMatchObject({ constructPath: "stack/two", property: "site", value: undefined });
      expect(error.problem).toContain('stack/one, another file system "scratch" of this stack');
      expect(error.fix).toContain("has not been deployed yet");
    }
  });

  it("cannot have one word", () => {
    const stack = newStack();
    newFileSystem(stack, { ...production, site: "dc1" }, "one");
    const error = errorOf(() => newFileSystem(stack, { ...staging, site: "dc1" }, "two"));
    expect(error).toMatchObject({ property: "site", value: '"dc1"' });
    expect(error.problem).toMatch(/^is also that of stack\/one/);
  });

  it("have claims of their own, of the same keys", () => {
    const stack = newStack();
    for (const [props, id] of [
      [production, "prod"],
      [staging, "staging"],
    ] as const)
      addShare(newFileSystem(stack, props, id)).grantReadWrite("cpu", ["10.1.0.0/24"]);
    const { locals, resource } = synth(stack);
    for (const name of ["scratch", "scratch-staging"]) {
      expect(locals[`${name}_share_claims`]).toEqual({ "shares/a": "retain" });
      expect(locals[`${name}_rule_claims`]).toEqual({ "shares/a#cpu": {} });
      const hook = resource["null_resource"]?.[`${name}_share_claims`]?.provisioner[0]?.["local-exec"];
      expect(hook?.environment["SHAREWRIGHT_FILE_SYSTEM"]).toContain(name === "scratch" ? "10.0.0.1@tcp" : '"site":"staging"');
    }
    const claims = Object.values(resource["null_resource"] ?? {}).flatMap(({ triggers }) => triggers?.["claim"] ?? []);
    expect(claims.filter((claim) => claim.includes("scratch-staging_share_claims_ids"))).toHaveLength(1);
    expect(locals["sharewright_file_systems"]).toHaveProperty(["scratch-staging/shares"]);
  });

  /** Each builds one of the constructs of the stack. */
  const parts: Record<string, (stack: TerraformStack) => void> = {
    prod: (stack) => void addShare(newFileSystem(stack, production, "prod")).grantReadWrite("cpu", ["10.1.0.0/24"]),
    lab: (stack) => void addShare(newFileSystem(stack, { ...production, pathPrefix: "lab" }, "lab")),
    staging: (stack) => void addShare(newFileSystem(stack, staging, "staging")).grantReadWrite("cpu", ["10.2.0.0/24"]),
    digits: (stack) => void addShare(newFileSystem(stack, { fsName: "1st", mountPoint: "/mnt/1", site: "dc1" }, "digits")),
  };
  const orders = (names: string[]): string[][] =>
    names.length < 2
      ? [names]
      : names.flatMap((name) => orders(names.filter((other) => other !== name)).map((rest) => [name, ...rest]));
  const built = (names: string[]) => {
    const stack = newStack();
    for (const name of names) parts[name]?.(stack);
    return synth(stack);
  };

  it("have addresses that no order of construction changes", () => {
    const [first, ...others] = orders(Object.keys(parts)).map((names) => {
      const { resource, locals } = built(names);
      return [Object.keys(resource["null_resource"] ?? {}).sort(), Object.keys(locals).sort()];
    });
    expect(first?.[1]).toContain("fs-1st-dc1_share_claims");
    for (const other of others) expect(other).toEqual(first);
  });

  it.each([["before"], ["after"]])(
    "leave the first as it is deployed, byte for byte, when the second is declared %s it",
    (when) => {
      const alone = built(["prod"]);
      const both = built(when === "before" ? ["staging", "prod"] : ["prod", "staging"]);
      for (const [address, resource] of Object.entries(alone.resource["null_resource"] ?? {}))
        expect(JSON.stringify(both.resource["null_resource"]?.[address])).toBe(JSON.stringify(resource));
      for (const [name, local] of Object.entries(alone.locals))
        if (name !== "sharewright_file_systems") expect(JSON.stringify(both.locals[name])).toBe(JSON.stringify(local));
      expect(both.locals["sharewright_file_systems"]).toMatchObject(alone.locals["sharewright_file_systems"] ?? {});
    },
  );

  it.each<[string, Props, Props]>([
    ["a NID", {}, { mountPoint: "/mnt/other" }],
    ["the mount point of the machine that runs Terraform", {}, { exportNids: ["10.9.0.1@tcp"] }],
    [
      "an MGS",
      { mgs: Connection.ssh({ host: "mgs" }) },
      { exportNids: ["10.9.0.1@tcp"], mountPoint: "/mnt/other", mgs: Connection.ssh({ host: "mgs" }) },
    ],
  ])("are one where they have in common %s, and no word makes two of it", (_title, one, other) => {
    const stack = newStack();
    newFileSystem(stack, one, "one");
    const error = errorOf(() => newFileSystem(stack, { ...other, site: "staging" }, "two"));
    expect(error).toMatchObject({ constructPath: "stack/two" });
    expect(error.problem).toContain("stack/one");
    expect(error.problem).toContain("the same file system in this stack: both have");
  });

  it("a file system that is called gluster has a word beside clusters, too", () => {
    const stack = newStack();
    newFileSystem(stack, { fsName: "gluster", site: "lustre" });
    expect(Object.keys(synth(stack).locals)).toContain("gluster-lustre_share_claims");
  });

  it.each(["", "1st", "a b", "a.b", "-a", "a".repeat(33), "ü"])("fails for %j as the word", (site) => {
    expect(errorOf(() => newFileSystem(newStack(), { site }))).toMatchObject({
      property: "site",
      constructPath: "stack/scratch",
    });
  });
});
