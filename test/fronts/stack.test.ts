// Reading a synthesized stack: hooks of both carriers, values, claims, what has changed and what leaves.
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, dirname, join } from "node:path";
import { App, TerraformStack } from "cdktf";
import { afterEach, describe, expect, test } from "vitest";
import { stackNamed } from "../../src/fronts/commands/site";
import { fileSystemsIn } from "../../src/fronts/lustre/choose";
import { lustre } from "../../src/fronts/lustre/hooks";
import { joinStack, readStack, type Stack } from "../../src/fronts/stack";
import { findStack, parseStackConfig } from "../../src/fronts/stack-config";
import { parseState } from "../../src/fronts/stack-state";
import { adopting, type Managed, stackOf } from "../executor/support";
import { fileSystemSpec } from "../file-system";
import { type Carrier, stackDocument, stateDocument } from "./support";

const stack = stackOf(fileSystemSpec());
const share = stack.share("a");
const rule = stack.rule("a", "cpu", { clients: "10.1.0.0/24" });

interface Options {
  carrier?: Carrier;
  stateCarrier?: Carrier;
  applied?: readonly Managed[];
  tainted?: readonly string[];
  overrides?: Record<string, Record<string, string>>;
}

function read(
  code: readonly Managed[],
  { carrier = "null_resource", stateCarrier = carrier, applied = [], tainted = [], overrides = {} }: Options = {},
): Stack {
  const document = stackDocument(carrier, JSON.stringify(stack.fileSystem), code, overrides);
  const state = applied.length === 0 ? "" : JSON.stringify(stateDocument(stateCarrier, applied, tainted));
  return joinStack(parseStackConfig(document, "/srv/cdktf.out/stacks/stack", [lustre]), parseState(state));
}

describe.each(["null_resource", "terraform_data"] as const)("carrier %s", (carrier) => {
  test("finds every applied resource with its properties, and its claim's id in the state", () => {
    const { objects, placed, name, claims } = read([share, rule], { carrier, applied: [share, rule] });
    expect(name).toBe("stack");
    expect(fileSystemsIn({ placed })).toEqual([stack.fileSystem]);
    expect(objects.map(({ among }) => among)).toEqual([["shares/a"], ["shares/a#cpu"]]);
    expect([...claims].sort()).toEqual(["stack shares/a", "stack shares/a#cpu"]);
    expect(
      objects.map(({ kind, key, address, claim, changed, isNew }) => ({ kind, key, address, claim, changed, isNew })),
    ).toEqual([
      {
        kind: "lustre.share",
        key: "shares/a",
        address: `${carrier}.shares_a`,
        claim: "stack shares/a",
        changed: [],
        isNew: false,
      },
      {
        kind: "lustre.access-rule",
        key: "shares/a#cpu",
        address: `${carrier}.shares_a_cpu`,
        claim: "stack shares/a#cpu",
        changed: [],
        isNew: false,
      },
    ]);
    expect(objects[0]?.triggers["size"]).toBe("10 TiB");
  });

  test("U-11 the file system is read from a local map, and as earlier versions wrote it, on every resource", () => {
    const fileSystem = { ...stack.fileSystem, mountPoint: '/mnt/${x} %{y} "z"' };
    const text = JSON.stringify(fileSystem)
      .replaceAll("${", () => "$${")
      .replaceAll("%{", "%%{");
    const document = stackDocument(carrier, text, [share, rule]);
    const earlier = JSON.parse(
      JSON.stringify(document, (_name, value) =>
        value === '${local.sharewright_file_systems["scratch/shares"]}' ? text : value,
      ),
    );
    expect(JSON.stringify(earlier)).not.toContain("${local.sharewright_file_systems");
    for (const written of [document, earlier])
      expect(fileSystemsIn(parseStackConfig(written, "/srv/stack", [lustre]))).toEqual([fileSystem]);
  });

  test("an object that was never applied has no claim", () => {
    const [object] = read([share], { carrier }).objects;
    expect(object).toMatchObject({ isNew: true, changed: [] });
    expect(object).not.toHaveProperty("claim");
  });

  test("an object whose last apply failed counts as new", () => {
    expect(read([share], { carrier, applied: [share], tainted: ["shares/a"] }).objects[0]).toMatchObject({ isNew: true });
  });

  test("a claim whose construct is gone is leaving", () => {
    const { objects, leaving } = read([share], { carrier, applied: [share, rule] });
    expect(objects.map(({ key }) => key)).toEqual(["shares/a"]);
    expect(leaving).toEqual([
      { kind: "lustre.access-rule", key: "shares/a#cpu", claim: "stack shares/a#cpu", place: stack.fileSystem },
    ]);
  });

  test("U-04 adopt is known to it, and where it comes or goes nothing has changed", () => {
    const objectOf = (code: Managed, applied: Managed) => read([code], { carrier, applied: [applied] }).objects[0];
    expect(objectOf(adopting(share), share)).toMatchObject({ changed: [], triggers: { adopt: "true" } });
    expect(objectOf(share, adopting(share))).toMatchObject({ changed: [] });
    expect(objectOf(share, adopting(share))?.triggers).not.toHaveProperty("adopt");
    const before = stack.share("a", { adopt: "true" });
    expect(objectOf(share, before)?.changed, "as Terraform plans it after the upgrade").toEqual(["adopt"]);
  });

  test("a property that differs from the last apply is named", () => {
    const { objects } = read([share], { carrier, applied: [share], overrides: { "shares/a": { size: "20 TiB" } } });
    expect(objects[0]?.changed).toEqual(["size"]);
  });
});

describe("values", () => {
  const clientsOf = (text: string, applied: readonly Managed[] = []) =>
    read([share, rule], { applied, overrides: { "shares/a#cpu": { clients: text } } }).objects.find(
      ({ key }) => key === "shares/a#cpu",
    );

  test.each([
    ["a literal", "10.2.0.0/24", "10.2.0.0/24"],
    ["an escaped expression", "$${x} %%{y}", "${x} %{y}"],
    ["a trigger of another object", '${null_resource.shares_a.triggers["fileset"]}', "/shares/a"],
  ])("%s is read from the code", (_, text, value) => {
    expect(clientsOf(text)).toMatchObject({ triggers: { clients: value }, unknown: [] });
  });

  test("what only Terraform can evaluate is taken from the last apply, and is no change", () => {
    expect(clientsOf("${aws_instance.vm.private_ip}", [share, rule])).toMatchObject({
      triggers: { clients: "10.1.0.0/24" },
      unknown: [],
      changed: [],
    });
  });

  test("and before the first apply it is unknown", () => {
    expect(clientsOf("${aws_instance.vm.private_ip}")).toMatchObject({ unknown: ["clients"] });
  });
});

describe("states", () => {
  test("of the other carrier: `moved` blocks take objects along to terraform_data", () => {
    const { objects } = read([share], { carrier: "terraform_data", stateCarrier: "null_resource", applied: [share] });
    expect(objects[0]).toMatchObject({ claim: "stack shares/a", isNew: false });
  });

  test("but not back to null_resource, whose claims are made anew", () => {
    expect(
      read([share], { carrier: "null_resource", stateCarrier: "terraform_data", applied: [share] }).objects[0],
    ).toMatchObject({ isNew: true });
  });

  test("a claim block that has left the code is told, since no hook will run", () => {
    const config = parseStackConfig({ resource: {} }, "/srv/other", [lustre]);
    const { notes, name } = joinStack(config, parseState(JSON.stringify(stateDocument("null_resource", [share]))));
    expect(name).toBe("other");
    expect(notes).toEqual([expect.stringContaining("null_resource.scratch_share_claims (shares/a) has left the code")]);
  });

  test("fails for another format", () => {
    expect(() => parseState('{"version": 3}')).toThrow("format 3");
  });
});

describe("where the stack is", () => {
  const made: string[] = [];
  afterEach(() => {
    for (const directory of made.splice(0)) rmSync(directory, { recursive: true });
  });

  function workspace(...names: string[]): string {
    const directory = mkdtempSync(join(tmpdir(), "sharewright-stacks-"));
    made.push(directory);
    for (const name of names) {
      mkdirSync(join(directory, "cdktf.out/stacks", name), { recursive: true });
      writeFileSync(join(directory, "cdktf.out/stacks", name, "cdk.tf.json"), "{}");
    }
    return directory;
  }

  test("the only one is found", () => {
    const directory = workspace("one");
    expect(findStack(undefined, directory)).toBe(join(directory, "cdktf.out/stacks/one"));
  });

  test("one is found by its name and by its folder", () => {
    const directory = workspace("one", "two");
    const expected = join(directory, "cdktf.out/stacks/two");
    expect([findStack("two", directory), findStack("cdktf.out/stacks/two", directory), findStack(expected, "/")]).toEqual([
      expected,
      expected,
      expected,
    ]);
  });

  test("fails with a list where there are several", () => {
    expect(() => findStack(undefined, workspace("one", "two"))).toThrowError(
      expect.objectContaining({ code: "BAD_REQUEST", fix: "name one by --stack: cdktf.out/stacks/one, cdktf.out/stacks/two" }),
    );
  });

  test("it is named in one way for all commands, or as an argument, but not twice", () => {
    expect([stackNamed({ stack: "one" }, undefined), stackNamed({}, "two"), stackNamed({}, undefined)]).toEqual([
      "one",
      "two",
      undefined,
    ]);
    expect(() => stackNamed({ stack: "one" }, "two")).toThrowError(
      expect.objectContaining({ code: "BAD_REQUEST", fix: expect.stringContaining("--stack") }),
    );
  });

  test("fails where there is none", () => {
    expect(() => findStack(undefined, workspace())).toThrowError(
      expect.objectContaining({ code: "BAD_REQUEST", fix: expect.stringContaining("cdktf synth") }),
    );
    expect(() => findStack("nowhere", workspace("one"))).toThrowError(expect.objectContaining({ code: "BAD_REQUEST" }));
  });

  test("a stack in which Terraform was never initialised has no state, and says so", async () => {
    const directory = workspace("one");
    const { notes } = await readStack(join(directory, "cdktf.out/stacks/one"), {}, [lustre], directory);
    expect(notes).toEqual([expect.stringContaining("terraform init")]);
  });

  /** What cdktf writes beside the folders of the stacks that it has synthesized. */
  function manifest(directory: string, ...names: string[]): void {
    const stacks = names.map((name) => [name, { name, workingDirectory: `stacks/${name}`, dependencies: [] }]);
    writeFileSync(
      join(directory, "cdktf.out/manifest.json"),
      JSON.stringify({ version: "0.21.0", stacks: Object.fromEntries(stacks) }),
    );
  }

  test("U-12 a stack that is no longer in the manifest is not counted, and not offered", () => {
    const directory = workspace("one", "gone", "two");
    manifest(directory, "one");
    expect(findStack(undefined, directory)).toBe(join(directory, "cdktf.out/stacks/one"));
    expect(() => findStack("nowhere", directory)).toThrowError(
      expect.objectContaining({ fix: "name one by --stack: cdktf.out/stacks/one" }),
    );
    manifest(directory, "one", "two");
    expect(() => findStack(undefined, directory)).toThrowError(
      expect.objectContaining({ fix: "name one by --stack: cdktf.out/stacks/one, cdktf.out/stacks/two" }),
    );
    manifest(directory);
    expect(() => findStack(undefined, directory)).toThrowError(/there is no synthesized stack/);
  });

  test("U-11 a manifest that was written on Windows is read", () => {
    const directory = workspace("one", "gone");
    manifest(directory, "one");
    const file = join(directory, "cdktf.out/manifest.json");
    writeFileSync(file, readFileSync(file, "utf8").replaceAll("stacks/", "stacks\\\\"));
    expect(findStack(undefined, directory)).toBe(join(directory, "cdktf.out/stacks/one"));
  });

  test("U-12 and is found where it is named: its state may still be there", () => {
    const directory = workspace("one", "gone");
    manifest(directory, "one");
    expect(findStack("gone", directory)).toBe(join(directory, "cdktf.out/stacks/gone"));
  });

  test("U-12 a manifest is read as cdktf writes it; a damaged one is told", () => {
    const directory = workspace("gone");
    const app = new App({ outdir: join(directory, "cdktf.out") });
    new TerraformStack(app, "made");
    app.synth();
    expect(findStack(undefined, directory)).toBe(join(directory, "cdktf.out/stacks/made"));
    writeFileSync(join(directory, "cdktf.out/manifest.json"), "{");
    expect(() => findStack(undefined, directory)).toThrowError(
      expect.objectContaining({ code: "BAD_REQUEST", fix: expect.stringContaining("cdktf synth") }),
    );
  });

  test.each([
    ["/srv/infra", "cdktf.out/stacks/one"],
    ["/srv", "infra/cdktf.out/stacks/one"],
    ["/srv/infra/cdktf.out/stacks/one", "."],
    ["/srv/other", "../infra/cdktf.out/stacks/one"],
  ])("U-12 from %s people are told of it as %s", async (workingDirectory, shown) => {
    const made = workspace("one");
    const there = (path: string) => path.replace("/srv/infra", made).replace(/^\/srv\b/, dirname(made));
    const { directory } = await readStack(join(made, "cdktf.out/stacks/one"), {}, [lustre], there(workingDirectory));
    expect(directory).toBe(shown.replace("infra", basename(made)));
  });
});
