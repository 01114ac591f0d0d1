import { TerraformStack, Testing } from "cdktf";
import { describe, expect, it } from "vitest";
import { Connection, LustreFileSystem, type LustreFileSystemProps, LustreVersion, Preflight, Revocation } from "../../../lib";
import { fileSystemSchema } from "../../../src/spec/lustre";
import { errorOf, newFileSystem, newStack, rootOwner, synth, tenTebibytes } from "../support";

function describedFileSystem(stack: TerraformStack, block = "scratch_share_claims"): unknown {
  const environment = synth(stack).resource["null_resource"]?.[block]?.provisioner[0]?.["local-exec"].environment;
  return fileSystemSchema.parse(JSON.parse(environment?.["SHAREWRIGHT_FILE_SYSTEM"] ?? "null"));
}

describe("LustreFileSystem", () => {
  it("defaults", () => {
    const stack = newStack();
    newFileSystem(stack);
    expect(describedFileSystem(stack)).toEqual({
      fsName: "scratch",
      mountPoint: "/mnt/lustre",
      exportNids: ["10.0.0.1@tcp"],
      pathPrefix: "shares",
      projectIds: { start: 10000, end: 60000 },
      owner: "stack",
      lustreVersion: "2.17",
      revocation: "lazy",
      preflight: "enforce",
      client: { type: "local" },
      mgs: { type: "local" },
    });
    expect(synth(stack)).toMatchSnapshot();
  });

  it("everything set", () => {
    const stack = newStack();
    newFileSystem(stack, {
      exportNids: ["10.0.0.1@o2ib,10.1.0.1@tcp1", "mgs2.example.org@o2ib"],
      mountPoint: "/lustre/scratch",
      pathPrefix: "projects/prod",
      projectIds: { start: 1, end: 9 },
      client: Connection.local({ path: ["/opt/lustre/bin"] }),
      mgs: Connection.local(),
      mds: { connection: Connection.local(), mountPoint: "/mnt/mds" },
      servers: [Connection.local()],
      owner: "storage team",
      lustreVersion: LustreVersion.V2_17,
      revocation: Revocation.CUT,
      trustedClients: ["10.0.0.0/28", "fd00::1@tcp"],
      preflight: Preflight.WARN,
    });
    expect(describedFileSystem(stack)).toMatchSnapshot();
  });

  it("gives its claim blocks to the stack, whatever the construct is called", () => {
    const [a, b] = [newStack(), newStack()];
    newFileSystem(a, {}, "scratch");
    newFileSystem(b, {}, "renamed");
    expect(synth(a)).toEqual(synth(b));
    expect(synth(a).locals).toEqual({
      scratch_share_claims: {},
      scratch_share_claims_ids: "${tomap({for key, claim in null_resource.scratch_share_claims : key => claim.id})}",
      scratch_share_claims_map: "${tomap(local.scratch_share_claims)}",
      scratch_rule_claims: {},
      scratch_rule_claims_map: "${tomap(local.scratch_rule_claims)}",
      scratch_deletion_protection: {},
      scratch_deletion_protection_map: "${tomap(local.scratch_deletion_protection)}",
    });
  });

  it("gives a name to Terraform also where fsName begins with a digit", () => {
    const stack = newStack();
    newFileSystem(stack, { fsName: "1st" });
    newFileSystem(stack, { fsName: "fs_1st" }, "other");
    expect(Object.keys(synth(stack).locals).filter((name) => name.endsWith("_claims"))).toEqual([
      "fs-1st_rule_claims",
      "fs-1st_share_claims",
      "fs_1st_rule_claims",
      "fs_1st_share_claims",
    ]);
  });

  it("can be described several times in a stack, one a prefix, with one claim block", () => {
    const stack = newStack();
    newFileSystem(stack).addShare("a", { size: tenTebibytes, owner: rootOwner });
    const second = newFileSystem(
      stack,
      { pathPrefix: "lab", projectIds: { start: 70000, end: 80000 }, exportNids: ["10.9.0.1@o2ib"] },
      "lab",
    );
    second.addShare("a", { size: tenTebibytes, owner: rootOwner });
    expect(Object.keys(synth(stack).locals["scratch_share_claims"] ?? {})).toEqual(["lab/a", "shares/a"]);
  });

  const failures: [string, Partial<LustreFileSystemProps>, string, string][] = [
    ["a name longer than Lustre's limit", { fsName: "scratch99" }, "fsName", '"scratch99"'],
    ["a name with a dash", { fsName: "a-b" }, "fsName", '"a-b"'],
    ["a relative mount point", { mountPoint: "mnt" }, "mountPoint", '"mnt"'],
    ["a mount point with ..", { mountPoint: "/mnt/../etc" }, "mountPoint", '"/mnt/../etc"'],
    ["the root as mount point", { mountPoint: "/" }, "mountPoint", '"/"'],
    ["an absolute prefix", { pathPrefix: "/shares" }, "pathPrefix", '"/shares"'],
    ["a prefix with ..", { pathPrefix: "a/../b" }, "pathPrefix", '"a/../b"'],
    ["a hidden prefix", { pathPrefix: ".sharewright" }, "pathPrefix", '".sharewright"'],
    ["an empty prefix", { pathPrefix: "" }, "pathPrefix", '""'],
    ["an owner with a control character", { owner: "a\nb" }, "owner", '"a\\nb"'],
    ["project id 0", { projectIds: { start: 0, end: 9 } }, "projectIds.start", "0"],
    ["a project id that Lustre reserves", { projectIds: { start: 1, end: 4294967295 } }, "projectIds.end", "4294967295"],
    ["a reversed range", { projectIds: { start: 9, end: 1 } }, "projectIds", '"9 to 1"'],
    ["no NIDs", { exportNids: [] }, "exportNids", '"[]"'],
    ["a NID without a net", { exportNids: ["10.0.0.1"] }, "exportNids", '"10.0.0.1"'],
    ["an address that is none", { exportNids: ["10.0.0.300@tcp"] }, "exportNids", '"10.0.0.300@tcp"'],
    ["a net that is none", { exportNids: ["10.0.0.1@ethernet"] }, "exportNids", '"10.0.0.1@ethernet"'],
    ["an empty part of a multi-rail host", { exportNids: ["10.0.0.1@tcp,"] }, "exportNids", '"10.0.0.1@tcp,"'],
    ["IPv6 on 2.16", { exportNids: ["fd00::1@tcp"], lustreVersion: LustreVersion.V2_16 }, "exportNids", '"fd00::1@tcp"'],
    ["cut on 2.16", { revocation: Revocation.CUT, lustreVersion: LustreVersion.V2_16 }, "revocation", '"cut"'],
    ["a version that is none", { lustreVersion: "2.15" as LustreVersion }, "lustreVersion", '"2.15"'],
    ["a carrier that is none", { carrier: "native" as never }, "carrier", '"native"'],
    ["a relative tool directory", { client: Connection.local({ path: ["bin"] }) }, "client.path", '"bin"'],
    ["a relative mount point of the MDS", { mds: { connection: Connection.local(), mountPoint: "m" } }, "mds.mountPoint", '"m"'],
  ];
  it.each(failures)("fails for %s", (_title, props, property, value) => {
    const error = errorOf(() => newFileSystem(newStack(), props));
    expect(error).toMatchObject({ constructPath: "stack/scratch", property, value });
    expect(error.message).toContain(error.fix);
  });

  it.each([
    ["fsName", (token: string) => ({ fsName: token })],
    ["owner", (token: string) => ({ owner: token })],
    ["mountPoint", (token: string) => ({ mountPoint: token })],
    ["pathPrefix", (token: string) => ({ pathPrefix: token })],
    ["exportNids", (token: string) => ({ exportNids: [token] })],
    ["trustedClients", (token: string) => ({ trustedClients: [token] })],
    ["client.path", (token: string) => ({ client: Connection.local({ path: [token] }) })],
  ])("fails for a token as %s", (property, props) => {
    const stack = newStack();
    const error = errorOf(() => newFileSystem(stack, props(tokenOf(stack))));
    expect(error).toMatchObject({ constructPath: "stack/scratch", property });
    expect(error.problem).toContain("token");
  });

  it("fails for an address of trustedClients that is none, naming the reason", () => {
    const error = errorOf(() => newFileSystem(newStack(), { trustedClients: ["10.0.0.1/24"] }));
    expect(error).toMatchObject({ property: "trustedClients" });
    expect(error.problem).toContain("host bits");
  });

  it("fails for ranges of project ids that overlap without being equal, anywhere in the app", () => {
    const app = Testing.app();
    const [a, b, c] = ["a", "b", "c"].map((id) => new TerraformStack(app, id));
    if (!a || !b || !c) throw new Error("three stacks");
    newFileSystem(a, { projectIds: { start: 1, end: 100 } });
    newFileSystem(b, { projectIds: { start: 1, end: 100 } });
    const error = errorOf(() => newFileSystem(c, { projectIds: { start: 100, end: 200 } }));
    expect(error).toMatchObject({ constructPath: "c/scratch", property: "projectIds", value: '"100 to 200"' });
    expect(error.problem).toContain("a/scratch");
    newFileSystem(c, { projectIds: { start: 100, end: 200 }, fsName: "other" }, "other");
  });

  it.each([
    ["mountPoint", { mountPoint: "/elsewhere" }],
    ["owner", { owner: "other" }],
    ["client", { client: Connection.local({ path: ["/opt"] }) }],
    ["mds", { mds: { connection: Connection.local() } }],
    ["carrier", { carrier: "terraform_data" as never }],
  ])("fails for two descriptions of one file system in a stack with another %s", (property, props) => {
    const stack = newStack();
    newFileSystem(stack);
    const error = errorOf(() => newFileSystem(stack, props, "second"));
    expect(error).toMatchObject({ constructPath: "stack/second", property });
    expect(error.problem).toContain("stack/scratch");
  });

  it("is a construct that needs a stack", () => {
    expect(() => new LustreFileSystem(Testing.app(), "x", { fsName: "a", exportNids: ["10.0.0.1@tcp"] })).toThrow(/stack/i);
  });
});

function tokenOf(stack: TerraformStack): string {
  return newFileSystem(stack, { fsName: "tokens" }, "tokens").addShare("t", { size: tenTebibytes, owner: rootOwner }).path;
}
