import { Resource } from "@cdktf/provider-null/lib/resource";
import { TerraformOutput, type TerraformResource, TerraformStack, TerraformVariable, Testing } from "cdktf";
import { describe, expect, it } from "vitest";
import {
  AccessLevel,
  LustreAccessRule,
  LustreLayout,
  LustreShare,
  type LustreShareOptions,
  LustreVersion,
  RemovalPolicy,
  Size,
} from "../../../lib";
import { shareMessage } from "../../../src/spec/lustre";
import {
  errorOf,
  hookOf,
  newFileSystem,
  newStack,
  rootOwner,
  synth,
  synthText,
  tenTebibytes,
  triggersOf,
  validationErrors,
  warningsOf,
} from "../support";

function share(stack: TerraformStack, options: Partial<LustreShareOptions> = {}, id = "genomics"): LustreShare {
  return new LustreShare(stack, id, {
    fileSystem: newFileSystem(stack, {}, `fs-of-${id}`),
    size: tenTebibytes,
    owner: rootOwner,
    ...options,
  });
}

describe("LustreShare", () => {
  it("defaults", () => {
    const stack = newStack();
    share(stack);
    expect(synth(stack)).toMatchSnapshot();
    expect(shareMessage.triggers.parse(triggersOf(stack, "genomics")).spec).toEqual({
      fileset: "/shares/genomics",
      size: 10n * 1024n ** 4n,
      owner: { uid: 0, gid: 0 },
      mode: 0o770,
      removalPolicy: "retain",
      adopt: false,
    });
  });

  it("everything set", () => {
    const stack = newStack();
    share(stack, {
      shareName: "genome-data",
      softSize: Size.tebibytes(8),
      inodes: 2_000_000,
      softInodes: 1_000_000,
      owner: { uid: 1000, gid: 2000 },
      mode: 0o2750,
      layout: LustreLayout.dataOnMdt(Size.mebibytes(1), { stripeCount: 4 }),
      removalPolicy: RemovalPolicy.TRASH,
      adopt: { path: "/projects/genomics" },
      description: "Sequencing runs",
    });
    expect(hookOf(synth(stack), "genomics")).toEqual(["lustre.share", "adopt"]);
    expect(triggersOf(stack, "genomics")).toMatchInlineSnapshot(`
      {
        "claim": "\${local.scratch_share_claims_ids["shares/genome-data"]}",
        "description": "Sequencing runs",
        "export_location": "10.0.0.1@tcp:/scratch/projects/genomics",
        "fileset": "/projects/genomics",
        "fstab_entry": "10.0.0.1@tcp:/scratch/projects/genomics /mnt/genome-data lustre defaults,_netdev 0 0",
        "inodes": "2000000",
        "layout": "-E 1M -L mdt -E -1 -c 4",
        "mode": "2750",
        "mount_command": "mount -t lustre 10.0.0.1@tcp:/scratch/projects/genomics /mnt/genome-data",
        "owner": "1000:2000",
        "path": "/mnt/lustre/projects/genomics",
        "removal_policy": "trash",
        "size": "10 TiB",
        "soft_inodes": "1000000",
        "soft_size": "8 TiB",
      }
    `);
  });

  it("imported", () => {
    const stack = newStack();
    const imported = LustreShare.fromShareName(stack, "theirs", { fileSystem: newFileSystem(stack), shareName: "climate" });
    expect(imported).toMatchObject({
      shareName: "climate",
      exportLocation: "10.0.0.1@tcp:/scratch/shares/climate",
      path: "/mnt/lustre/shares/climate",
      mountCommand: "mount -t lustre 10.0.0.1@tcp:/scratch/shares/climate /mnt/climate",
      fstabEntry: "10.0.0.1@tcp:/scratch/shares/climate /mnt/climate lustre defaults,_netdev 0 0",
    });
    imported.grantRead("viz", ["10.1.0.5"]);
    imported.grantReadWrite("cpu", ["10.2.0.0/24"]);
    const { resource, locals } = synth(stack);
    expect(locals).toMatchObject({
      scratch_share_claims: {},
      scratch_rule_claims: { "shares/climate#viz": {}, "shares/climate#cpu": {} },
      scratch_rule_intents: [expect.stringContaining("shares/climate#viz")],
    });
    const [rule] = Object.values(resource["null_resource"] ?? {}).filter(({ triggers }) => triggers?.["level"] === "ro");
    expect(rule?.triggers).toMatchObject({ share: "shares/climate", fileset: "/shares/climate", clients: "10.1.0.5" });
  });

  it("is told apart from what is imported without instanceof", () => {
    const stack = newStack();
    const mine = share(stack);
    expect(LustreShare.isLustreShare(mine)).toBe(true);
    expect(
      LustreShare.isLustreShare(LustreShare.fromShareName(stack, "theirs", { fileSystem: mine.fileSystem, shareName: "x" })),
    ).toBe(false);
    expect(LustreShare.isLustreShare(null)).toBe(false);
  });

  it("has attributes that are references to triggers, so that a resize leaves who uses them without a diff", () => {
    const stack = newStack();
    const { exportLocation, path, mountCommand, fstabEntry } = share(stack);
    new TerraformOutput(stack, "all", { value: [exportLocation, path, mountCommand, fstabEntry] });
    expect(JSON.parse(synthText(stack)).output.all.value).toEqual(
      ["export_location", "path", "mount_command", "fstab_entry"].map((name) => `\${null_resource.genomics.triggers["${name}"]}`),
    );
  });

  it("can stand in dependsOn", () => {
    const stack = newStack();
    new Resource(stack, "dependent", { dependsOn: [share(stack)] });
    expect(synth(stack).resource["null_resource"]?.["dependent"]).toEqual({ depends_on: ["null_resource.genomics"] });
  });

  it("keeps the order of access rules behind their share when its logical id is overridden later", () => {
    const stack = newStack();
    const mine = share(stack);
    mine.grantRead("viz", ["10.1.0.5"]);
    (mine.node.defaultChild as TerraformResource).overrideLogicalId("renamed");
    const rule = Object.values(synth(stack).resource["null_resource"] ?? {}).find(({ triggers }) => triggers?.["level"] === "ro");
    expect(rule?.triggers?.["fileset"]).toBe('${null_resource.renamed.triggers["fileset"]}');
  });

  it("on 2.16 exports the root, which is the share for the client", () => {
    const stack = newStack();
    const fileSystem = newFileSystem(stack, {
      lustreVersion: LustreVersion.V2_16,
      exportNids: ["10.0.0.1@tcp,10.0.1.1@o2ib", "10.0.0.2@tcp"],
    });
    new LustreShare(stack, "genomics", { fileSystem, size: tenTebibytes, owner: rootOwner });
    expect(triggersOf(stack, "genomics")).toMatchObject({
      export_location: "10.0.0.1@tcp,10.0.1.1@o2ib:10.0.0.2@tcp:/scratch",
      mount_command: "mount -t lustre 10.0.0.1@tcp,10.0.1.1@o2ib:10.0.0.2@tcp:/scratch /mnt/genomics",
      fileset: "/shares/genomics",
    });
  });

  it("quotes an adopted path in the mount command and the fstab line", () => {
    const stack = newStack();
    share(stack, { adopt: { path: "/a'b$(id)\\c" } });
    expect(triggersOf(stack, "genomics")).toMatchObject({
      mount_command: "mount -t lustre '10.0.0.1@tcp:/scratch/a'\\''b$(id)\\c' /mnt/genomics",
      fstab_entry: "10.0.0.1@tcp:/scratch/a'b$(id)\\134c /mnt/genomics lustre defaults,_netdev 0 0",
    });
  });

  it("takes tokens for size, owner and description", () => {
    const stack = newStack();
    const number = (id: string) => new TerraformVariable(stack, id, { type: "number" }).numberValue;
    const description = `for ${new TerraformVariable(stack, "who", { type: "string" }).stringValue} \${HOME}`;
    share(stack, {
      size: Size.bytes(number("bytes")),
      softSize: Size.gibibytes(1),
      owner: { uid: number("uid"), gid: 7 },
      description,
    });
    expect(triggersOf(stack, "genomics")).toMatchObject({
      size: "${var.bytes} B",
      owner: "${var.uid}:7",
      description: "for ${var.who} $${HOME}",
    });
  });

  it("takes soft limits as high as the hard ones", () => {
    const stack = newStack();
    share(stack, { size: Size.tebibytes(1), softSize: Size.gibibytes(1024), inodes: 2000, softInodes: 2000 });
    expect(triggersOf(stack, "genomics")).toMatchObject({
      size: "1 TiB",
      soft_size: "1 TiB",
      inodes: "2000",
      soft_inodes: "2000",
    });
  });

  const failures: [string, Partial<LustreShareOptions>, string, string][] = [
    ["an empty name", { shareName: "" }, "shareName", '""'],
    ["a name with /", { shareName: "a/b" }, "shareName", '"a/b"'],
    ["the name ..", { shareName: ".." }, "shareName", '".."'],
    ["a name with a leading dot", { shareName: ".hidden" }, "shareName", '".hidden"'],
    ["a name that is too long", { shareName: "a".repeat(65) }, "shareName", `"${"a".repeat(65)}"`],
    ["a name with a blank", { shareName: "a b" }, "shareName", '"a b"'],
    ["a name with a line break", { shareName: "a\n" }, "shareName", '"a\\n"'],
    ["size 0", { size: Size.bytes(0) }, "size", '"0 B"'],
    ["a negative size", { size: Size.gibibytes(-1) }, "size", '"-1 GiB"'],
    ["a size below the minimum", { size: Size.kibibytes(512) }, "size", '"512 KiB"'],
    ["a size that is no whole KiB", { size: Size.bytes(2 ** 20 + 1) }, "size", '"1048577 B"'],
    ["a size that Lustre cannot store", { size: Size.pebibytes(8192) }, "size", '"8 EiB"'],
    ["a soft size below the minimum", { softSize: Size.kibibytes(4) }, "softSize", '"4 KiB"'],
    ["a soft size above the size", { softSize: Size.tebibytes(11) }, "softSize", '"11 TiB"'],
    ["too few inodes", { inodes: 1000 }, "inodes", "1000"],
    ["a fraction of an inode", { inodes: 2000.5 }, "inodes", "2000.5"],
    ["a soft inode limit above the hard one", { inodes: 2000, softInodes: 3000 }, "softInodes", '"3000"'],
    ["a negative uid", { owner: { uid: -1, gid: 0 } }, "owner.uid", "-1"],
    ["a gid that means unset", { owner: { uid: 0, gid: 4294967295 } }, "owner.gid", "4294967295"],
    ["a mode beyond four digits", { mode: 0o10000 }, "mode", "4096"],
    ["a removal policy that is none", { removalPolicy: "keep" as RemovalPolicy }, "removalPolicy", '"keep"'],
    ["adopting the root", { adopt: { path: "/" } }, "adopt.path", '"/"'],
    ["adopting a relative path", { adopt: { path: "projects" } }, "adopt.path", '"projects"'],
    ["adopting through ..", { adopt: { path: "/a/../b" } }, "adopt.path", '"/a/../b"'],
    ["adopting the records", { adopt: { path: "/.sharewright/trash" } }, "adopt.path", '"/.sharewright/trash"'],
    ["adopting a path with a slash at its end", { adopt: { path: "/a/" } }, "adopt.path", '"/a/"'],
    ["a description that is too long", { description: "x".repeat(1025) }, "description", `"${"x".repeat(1025)}"`],
  ];
  it.each(failures)("fails for %s", (_title, options, property, value) => {
    const error = errorOf(() => share(newStack(), options));
    expect(error).toMatchObject({ constructPath: "stack/genomics", property, value });
    expect(error.message).toContain(`stack/genomics: \`${property}\``);
    expect(error.message).toContain(error.fix);
  });

  it.each([
    ["shareName", (text: string) => ({ shareName: text })],
    ["adopt.path", (text: string) => ({ adopt: { path: text } })],
    ["inodes", (_: string, number: number) => ({ inodes: number })],
    ["mode", (_: string, number: number) => ({ mode: number })],
    ["removalPolicy", (text: string) => ({ removalPolicy: text as RemovalPolicy })],
  ])("fails for a token as %s", (property, options) => {
    const stack = newStack();
    const variable = new TerraformVariable(stack, "variable", {});
    const error = errorOf(() => share(stack, options(variable.stringValue, variable.numberValue)));
    expect(error).toMatchObject({ constructPath: "stack/genomics", property });
    expect(error.problem).toContain("token");
  });

  it("fails for the same share twice, from anywhere in the app", () => {
    const app = Testing.app();
    const [a, b] = [new TerraformStack(app, "a"), new TerraformStack(app, "b")];
    newFileSystem(a).addShare("genomics", { size: tenTebibytes, owner: rootOwner });
    const error = errorOf(() =>
      newFileSystem(b).addShare("other-id", { size: tenTebibytes, owner: rootOwner, shareName: "genomics" }),
    );
    expect(error).toMatchObject({ constructPath: "b/scratch/other-id", property: "shareName", value: '"shares/genomics"' });
    expect(error.problem).toContain("a/scratch/genomics");
  });

  it.each([
    ["the same directory", "/shares/genomics"],
    ["a directory inside", "/shares/genomics/runs/2024"],
    ["a directory around", "/shares"],
  ])("fails for adopting %s of another share", (_title, path) => {
    const stack = newStack();
    const fileSystem = newFileSystem(stack);
    fileSystem.addShare("genomics", { size: tenTebibytes, owner: rootOwner });
    const error = errorOf(() => fileSystem.addShare("adopted", { size: tenTebibytes, owner: rootOwner, adopt: { path } }));
    expect(error).toMatchObject({ constructPath: "stack/scratch/adopted", property: "adopt.path", value: `"${path}"` });
    expect(error.problem).toContain("stack/scratch/genomics");
  });

  it("fails for a share inside an adopted directory, and for prefixes that nest", () => {
    const stack = newStack();
    newFileSystem(stack).addShare("adopted", { size: tenTebibytes, owner: rootOwner, adopt: { path: "/lab" } });
    const lab = newFileSystem(stack, { pathPrefix: "lab/shares" }, "lab");
    expect(errorOf(() => lab.addShare("inside", { size: tenTebibytes, owner: rootOwner })).property).toBe("shareName");
    const nested = newFileSystem(stack, { pathPrefix: "shares/a" }, "nested");
    newFileSystem(stack, {}, "plain").addShare("a", { size: tenTebibytes, owner: rootOwner });
    expect(errorOf(() => nested.addShare("b", { size: tenTebibytes, owner: rootOwner })).problem).toContain("stack/plain/a");
  });

  it("fails for a file system of another stack, saying how to share one definition", () => {
    const app = Testing.app();
    const fileSystem = newFileSystem(new TerraformStack(app, "a"));
    const b = new TerraformStack(app, "b");
    for (const build of [
      () => new LustreShare(b, "s", { fileSystem, size: tenTebibytes, owner: rootOwner }),
      () => LustreShare.fromShareName(b, "t", { fileSystem, shareName: "t" }),
    ]) {
      const error = errorOf(build);
      expect(error).toMatchObject({ property: "fileSystem", value: '"a/scratch"' });
      expect(error.fix).toContain("one function");
    }
    const mine = fileSystem.addShare("mine", { size: tenTebibytes, owner: rootOwner });
    const rule = errorOf(
      () => new LustreAccessRule(b, "r", { share: mine, clients: ["10.1.0.1"], level: AccessLevel.READ_ONLY }),
    );
    expect(rule).toMatchObject({ constructPath: "b/r", property: "share" });
  });

  it("fails for logical ids that cdktf would merge", () => {
    const dropped = newStack();
    const fileSystem = newFileSystem(dropped);
    new LustreShare(dropped, "a b", { fileSystem, shareName: "one", size: tenTebibytes, owner: rootOwner });
    new LustreShare(dropped, "ab", { fileSystem, shareName: "two", size: tenTebibytes, owner: rootOwner });
    expect(validationErrors(dropped)).toMatch(/stack\/ab\/Default: `id` gives the same Terraform name as stack\/a b\/Default/);

    const overridden = newStack();
    for (const id of ["one", "two"]) (share(overridden, {}, id).node.defaultChild as TerraformResource).overrideLogicalId("same");
    expect(validationErrors(overridden)).toMatch(/two\/Default: `id` gives the same Terraform name/);

    const foreign = newStack();
    share(foreign, {}, "gen-omics");
    new Resource(foreign, "gen- omics");
    expect(validationErrors(foreign)).toContain("stack/gen-omics/Default");

    const claims = newStack();
    new Resource(claims, "scratch_share_claims");
    share(claims);
    expect(validationErrors(claims)).toContain("stack/scratch_share_claims");
  });

  it("fails for a logical id that Terraform does not accept", () => {
    const stack = newStack();
    share(stack, {}, "2024");
    expect(validationErrors(stack)).toMatch(/`id` gives a name that Terraform does not accept\s+value {2}"2024"/);
  });
});

describe("R-08: limits that do not hold what they say are warned of, since the share may exist", () => {
  it.each<[Partial<LustreShareOptions>, string[]]>([
    [{ size: Size.mebibytes(16), inodes: 2048 }, []],
    [
      { size: Size.mebibytes(4) },
      [
        "stack/genomics: `size` 4 MiB: servers hand limits out in units of 1 MiB a target, so that little or nothing of it can be written; write 16 MiB or more: a new share below that is refused at deploy time",
      ],
    ],
    [
      { inodes: 2000 },
      [
        "stack/genomics: `inodes` 2000: servers hand inodes out in units of 1024, so that the share holds 1024; write a multiple of 1024",
      ],
    ],
  ])("%o", (options, warnings) => {
    const stack = newStack();
    share(stack, options);
    expect(warningsOf(stack)).toEqual(warnings);
  });
});
