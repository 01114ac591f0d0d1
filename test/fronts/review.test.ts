// `sharewright review` on plans that real Terraform made (test/fronts/record-plans.ts), and on what is made of them.
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import { asMarkdown, asText, marker, maxComment } from "../../src/fronts/commands/review-text";
import { desks } from "../../src/fronts/desks";
import { parsePlanJson } from "../../src/fronts/plan-json";
import { exitAt, type Gate, type Review, review } from "../../src/fronts/review";
import { runCli } from "./support";

const carriers = ["null_resource", "terraform_data"] as const;
type Carrier = (typeof carriers)[number];

/** As far as it is changed here. */
interface Plan {
  resource_changes: {
    address: string;
    index?: string;
    action_reason?: string;
    change: { actions: string[]; before: Record<string, unknown> | null; before_sensitive: unknown };
  }[];
  prior_state: { values: { root_module: { resources: { address: string; tainted: boolean }[] } } };
  configuration: { root_module: { resources: object[] } };
}

const textOf = (carrier: Carrier, name: string) =>
  readFileSync(join(__dirname, "../fixtures/plans", carrier, `${name}.json`), "utf8");
const planOf = (carrier: Carrier, name: string) => JSON.parse(textOf(carrier, name)) as Plan;
const kinds = Object.assign({}, ...desks.map(({ views }) => views));
const plain = { paint: (_: string, text: string) => text };
const reviewed = (plan: Plan | string) =>
  review(parsePlanJson(typeof plan === "string" ? plan : JSON.stringify(plan), "plan.json"), kinds);

/** One line a change, and how many replacements are harmless. */
function told(plan: Plan | string): string[] {
  const found = reviewed(plan);
  let heading = "";
  const lines = asText(found, plain)
    .split("\n")
    .flatMap((line) => {
      heading = /^(\S.*) \(\d+\)$/.exec(line)?.[1] ?? heading;
      return line.startsWith("  ") ? [`${heading}: ${line.trim().replace(/ {2,}/, " ")}`] : [];
    });
  return [...lines, ...(found.harmless > 0 ? [`${found.harmless} harmless`] : [])];
}

const goes = {
  binned: "data goes: shares/binned 1 TiB, trash: its data goes to the trash, until it is purged",
  genomics: "data goes: shares/genomics 10 TiB, destroy: its data is deleted",
  wiped: "data goes: shares/wiped 1 TiB, destroy: its data is deleted",
};
const retained = "no longer managed: shares/kept 1 TiB, retain: its data stays, managed by nobody";
const closed = {
  cpu: "access closed: shares/genomics#cpu 10.1.0.0/24 rw",
  gpu: "access closed: shares/wiped#gpu 10.2.0.0/24 rw",
};
const everything = [goes.binned, goes.genomics, goes.wiped, retained, closed.cpu, closed.gpu];
const leftBehind = "Terraform forgets it and runs no hook: it stays as it is on the storage, access included, managed by nobody";

/** Of null_resource all triggers are unknown where the claim is, so that a rule that refers to one is replaced as well. */
const alsoRule = (carrier: Carrier, harmless: number) => {
  const number = carrier === "null_resource" ? harmless : harmless - 1;
  return number > 0 ? [`${number} harmless`] : [];
};

const cases: Record<string, (carrier: Carrier) => string[]> = {
  create: () => [
    "access opened: shares/genomics#cpu 10.1.0.0/24 rw",
    "access opened: shares/wiped#gpu 10.2.0.0/24 rw",
    "made: shares/binned 1 TiB, removal policy trash",
    "made: shares/genomics 10 TiB, removal policy destroy",
    "made: shares/kept 1 TiB, removal policy retain",
    "made: shares/wiped 1 TiB, removal policy destroy",
  ],
  "no-change": () => [],
  resize: () => ["resized: shares/genomics size 10 TiB -> 20 TiB", "1 harmless"],
  policy: () => ["changed: shares/genomics removal_policy destroy -> retain", "1 harmless"],
  removal: () => everything,
  destroy: () => everything,
  "removal-retain": () => [retained],
  "removal-trash": () => [goes.binned],
  "removal-destroy": () => [goes.wiped, closed.gpu],
  "rule-added": () => ["access opened: shares/genomics#viz 10.3.0.7 ro"],
  "rule-removed": () => [closed.gpu],
  "rule-changed": () => [closed.cpu, "access opened: shares/genomics#cpu 10.1.0.0/25, 10.1.7.7 rw", "1 harmless"],
  "rule-level": () => ["access changed: shares/genomics#cpu level rw -> ro", "1 harmless"],
  "rule-secret": () => ["access changed: shares/genomics#cpu clients 10.1.0.0/24 -> (sensitive value)", "1 harmless"],
  "rule-unknown": () => ["access changed: shares/genomics#cpu clients 10.1.0.0/24 -> (known after apply)", "1 harmless"],
  adopt: () => ["adopted: shares/climate 5 TiB, removal policy retain"],
  rename: (carrier) => [
    `moved: shares/genomics ${carrier}.scratch_genomics_5B238200 -> ${carrier}.scratch_renamed_D734A69A`,
    `moved: shares/genomics#cpu ${carrier}.scratch_genomics_cpu_3870B946 -> ${carrier}.scratch_renamed_cpu_0839E0A8`,
    "2 harmless",
  ],
  protect: () => ["changed: shares/genomics deletion_protection - -> true", "1 harmless"],
  "protected-removal": () => [`${goes.genomics}; refused, as long as deletion protection is on`, closed.cpu],
  "protection-lifted": () => ["changed: shares/genomics deletion_protection true -> -", "1 harmless"],
  replace: () => ["1 harmless"],
  // Its hook runs, with its own id: the share is destroyed and made anew.
  "replace-claim": (carrier) => [`${goes.genomics}; then it is made anew, empty`, ...alsoRule(carrier, 1)],
  // Terraform runs no hook of a tainted claim: neither of the one that is made anew, nor of the one that goes.
  "tainted-claim": (carrier) => [`left behind: shares/wiped ${leftBehind}`, closed.gpu, ...alsoRule(carrier, 2)],
  "file-system-gone": () =>
    ["binned", "genomics", "genomics#cpu", "kept", "wiped", "wiped#gpu"].map((key) => `left behind: shares/${key} ${leftBehind}`),
  "gluster-create": () => [
    "access opened: genomics#cpu cpu.example.org rw",
    "made: genomics 8 GiB, removal policy trash",
    "made: genomics@genomics-monday snapshot",
  ],
  "gluster-no-change": () => [],
  "gluster-resize": () => [
    "access opened: genomics#viz viz.example.org rw",
    "resized: genomics size 8 GiB -> 9 GiB",
    "1 harmless",
  ],
  "gluster-removal": () => [
    "data goes: genomics 8 GiB, trash: its data goes to the trash, until it is purged",
    "data goes: genomics@genomics-monday the snapshot is deleted",
    "access closed: genomics#cpu cpu.example.org rw",
  ],
};

describe.each(carriers)("U-09: a plan of real Terraform, carried by %s", (carrier) => {
  test.each(Object.entries(cases))("%s", (name, expected) => {
    expect(told(textOf(carrier, name))).toEqual(expected(carrier));
  });
});

test("U-09: a stack that changes its carrier moves, and nothing of it goes", () => {
  const lines = told(textOf("terraform_data", "moved"));
  expect(lines).toHaveLength(6);
  expect(lines[0]).toBe("moved: shares/binned null_resource.scratch_binned_8243ACA5 -> terraform_data.scratch_binned_8243ACA5");
  expect(lines.every((line) => line.startsWith("moved: "))).toBe(true);
});

const change = (plan: Plan, ending: string) => {
  const found = plan.resource_changes.find(({ address }) => address.endsWith(ending));
  if (!found) throw new Error(`no ${ending}`);
  return found;
};
const claim = (key: string) => `_claims["${key}"]`;

describe.each(carriers)("U-09: what the policy of a share that goes is taken for, carried by %s", (carrier) => {
  const unproven = "as the code said last, whether or not an apply has come that far";
  const mayBe =
    carrier === "terraform_data"
      ? `data goes: shares/kept 1 TiB, retain: its data stays; ${unproven}`
      : "data goes: shares/kept 1 TiB, policy as last applied, perhaps destroy: its data may be deleted";
  const withoutSize = mayBe.replace("1 TiB, ", "");

  test("of an applied resource whose last apply failed nobody knows how far it came", () => {
    const plan = planOf(carrier, "removal-retain");
    plan.prior_state.values.root_module.resources.push({ address: `${carrier}.scratch_kept_14CA64A0`, tainted: true });
    expect(told(plan)).toEqual([mayBe]);
  });

  test("a claim alone does not say it", () => {
    const plan = planOf(carrier, "removal-retain");
    plan.resource_changes = plan.resource_changes.filter(({ address }) => !address.includes("scratch_kept"));
    expect(told(plan)).toEqual([withoutSize]);
    expect(reviewed(plan).changes[0]).not.toHaveProperty("size");
  });

  test.each([
    ["removal-trash", "scratch_binned", "shares/binned", "trash: its data goes to the trash, until it is purged"],
    ["removal-destroy", "scratch_wiped", "shares/wiped", "destroy: its data is deleted"],
  ])(
    "U-10 %s: with what policy the data goes is known by the claim, where no applied resource tells",
    (name, applied, key, fate) => {
      const plan = planOf(carrier, name);
      plan.resource_changes = plan.resource_changes.filter(({ address }) => !address.startsWith(`${carrier}.${applied}`));
      expect(told(plan)[0]).toBe(`data goes: ${key} ${fate}; ${unproven}`);
      expect(reviewed(plan).changes[0]).toMatchObject({ is: "goes", policy: fate.split(":")[0], unproven: true });
    },
  );

  test("U-10 of an apply that failed the claim tells what the code said, and what stays by that is not taken to stay", () => {
    const plan = planOf(carrier, "removal-destroy");
    plan.prior_state.values.root_module.resources.push({ address: `${carrier}.scratch_wiped_6A3CF480`, tainted: true });
    expect(told(plan)[0]).toBe(`data goes: shares/wiped 1 TiB, destroy: its data is deleted; ${unproven}`);
    const kept = planOf(carrier, "removal-retain");
    kept.prior_state.values.root_module.resources.push({ address: `${carrier}.scratch_kept_14CA64A0`, tainted: true });
    expect(exitAt("data", reviewed(kept))).toBe(10);
  });

  test("an applied resource that goes without its claim is no removal", () => {
    const plan = planOf(carrier, "removal-destroy");
    Object.assign(change(plan, claim("shares/wiped")).change, { actions: ["no-op"] });
    expect(told(plan)).toEqual([closed.gpu, "1 harmless"]);
  });
});

describe("U-09: when the hook of a claim runs", () => {
  const runs = `${goes.genomics}; then it is made anew, empty`;
  test.each<[string, Partial<Plan["resource_changes"][number]>, string[], string[]]>([
    ["replaced because somebody asked for it", { action_reason: "replace_by_request" }, ["delete", "create"], [runs]],
    ["replaced because it is tainted", { action_reason: "replace_because_tainted" }, ["delete", "create"], ["1 harmless"]],
    ["replaced, the new one first", {}, ["create", "delete"], ["1 harmless"]],
    ["forgotten", {}, ["forget"], [`left behind: shares/genomics ${leftBehind}`]],
    ["deleted", { action_reason: "delete_because_each_key" }, ["delete"], [goes.genomics]],
    [
      "its module has left the code",
      { action_reason: "delete_because_no_module" },
      ["delete"],
      [`left behind: shares/genomics ${leftBehind}`],
    ],
  ])("%s", (_, properties, actions, expected) => {
    const plan = planOf("terraform_data", "replace-claim");
    const found = change(plan, claim("shares/genomics"));
    Object.assign(found, properties);
    found.change.actions = actions;
    expect(told(plan)).toEqual(expected);
  });
});

test("U-09: a claim whose hook the plan does not show is taken for one that runs, unless its block has left the code", () => {
  const plan = planOf("terraform_data", "removal-destroy");
  plan.configuration.root_module.resources = [];
  expect(told(plan)).toEqual([goes.wiped, closed.gpu]);
});

test("U-09: whose a rule's record is lets nobody in", () => {
  const text = textOf("null_resource", "rule-level").replace('"level":"ro"', '"level":"rw","adopt":"true"');
  expect(told(text)).toEqual(["changed: shares/genomics#cpu adopt - -> true", "1 harmless"]);
});

test("U-09: a share that is retained while its claim is replaced comes back, and its data does not go", () => {
  const text = textOf("terraform_data", "replace-claim").replaceAll('"removal_policy":"destroy"', '"removal_policy":"retain"');
  expect(told(text)).toEqual(["no longer managed: shares/genomics 10 TiB, retain: its data stays, and is taken up again"]);
});

test("U-09: claims and applied resources find each other in a module, also where two have the same keys", () => {
  const plan = planOf("null_resource", "resize");
  const other = planOf("null_resource", "removal-destroy");
  const module = (name: string) => (each: Plan["resource_changes"][number]) => {
    return { ...each, address: `module.${name}["x"].${each.address}` };
  };
  // Ids are random: what one module has, no other has.
  const anew = (changes: Plan["resource_changes"]) => JSON.parse(JSON.stringify(changes).replaceAll(/\d{15,}/g, "9$&"));
  const root = {
    module_calls: { a: { module: plan.configuration.root_module }, b: { module: other.configuration.root_module } },
  };
  const both = {
    ...plan,
    resource_changes: [...plan.resource_changes.map(module("a")), ...anew(other.resource_changes).map(module("b"))],
    configuration: { root_module: root },
  };
  const at = (name: string) => (line: string) => line.replace(/(shares\/\S+)/, `$1 (module.${name}["x"].scratch)`);
  expect(told(both as unknown as Plan)).toEqual([
    ...[goes.wiped, closed.gpu].map(at("b")),
    at("a")("resized: shares/genomics size 10 TiB -> 20 TiB"),
    "1 harmless",
  ]);
});

describe("U-09: sensitive values are not printed", () => {
  const forms = (found: Review) => [asText(found, plain), asMarkdown(found), JSON.stringify(found)].join("\n");

  test.each(carriers)("that come, carried by %s", (carrier) => {
    const text = textOf(carrier, "rule-secret");
    expect(text).toContain("10.9.9.9");
    expect(forms(reviewed(text))).not.toContain("10.9.9.9");
  });

  test.each([{ triggers: { clients: true } }, { triggers: true }, true])("that go, marked %j", (mark) => {
    const plan = planOf("null_resource", "rule-removed");
    const found = plan.resource_changes.filter(({ address }) => address.includes("scratch_wiped_gpu"));
    for (const each of found) each.change.before_sensitive = mark;
    expect(found).toHaveLength(1);
    expect(forms(reviewed(plan))).not.toContain("10.2.0.0");
    expect(told(plan)[0]).toContain("access closed: shares/wiped#gpu (sensitive value)");
  });
});

// ---- one comment -------------------------------------------------------------------------------------------------------------

const of = (changes: Review["changes"], harmless = 0): Review => ({ changes, harmless, resources: 1, notes: [] });
const rule = (key: string, who: string[]) => ({ is: "opened", what: "rule", key, address: key, who, level: "ro" }) as const;

describe("U-09: the comment", () => {
  const share = (number: number) =>
    ({ is: "goes", what: "share", key: `shares/${"x".repeat(60)}${number}`, address: "a", policy: "destroy" }) as const;
  const many = (length: number) => Array.from({ length }, (_, index) => index);

  test.each([
    ["5,000 shares that go", many(5000).map(share)],
    ["5,000 rules", many(5000).map((number) => rule(`shares/a#${number}`, ["10.1.0.0/24"]))],
    ["both", [...many(3000).map(share), ...many(3000).map((number) => rule(`shares/a#${number}`, ["10.1.0.0/24"]))]],
    [
      "one rule with 5,000 clients",
      [
        rule(
          "shares/a#b",
          many(5000).map((number) => `10.0.${number >> 8}.${number & 255}`),
        ),
      ],
    ],
    [
      "values of 10,000 characters",
      many(400).map((number) => rule(`shares/a#${number}`, ["`".repeat(10_000), "x".repeat(10_000)])),
    ],
  ])("has room for %s, and counts what it leaves out", (_, changes) => {
    const comment = asMarkdown(of(changes, 3));
    expect(comment.length).toBeLessThanOrEqual(maxComment);
    expect(comment.startsWith(`${marker}\n`)).toBe(true);
    expect(comment.match(/<details>/g)?.length).toBe(comment.match(/<\/details>/g)?.length);
    const rows = comment.split("\n").filter((line) => line.startsWith("- ") && !line.startsWith("- and ")).length;
    const left = [...comment.matchAll(/^- and (\d+) more/gm)].reduce((sum, [, number]) => sum + Number(number), 0);
    expect(rows + left).toBe(changes.length);
    expect(comment).toContain("3 replacements are harmless");
  });

  test("says what goes in the open, and folds the rest", () => {
    const comment = asMarkdown(reviewed(textOf("null_resource", "removal")));
    const [open = "", folded = ""] = comment.split("<details>");
    expect(open).toContain("- `shares/wiped` `1 TiB`, `destroy`: its data is deleted");
    expect(open).toContain("### Shares: data goes 3, no longer managed 1, access closed 2");
    expect(folded).toContain("- `shares/kept` `1 TiB`, `retain`");
  });

  test.each([
    ["a fence", "a`b``c", "``` a`b``c ```"],
    ["the end of the fold", "</details> @all", "`</details> @all`"],
    ["lines", "a\n\n# b", "`a; # b`"],
    ["what a terminal obeys", "a\u001b[2Jb", "`a?[2Jb`"],
  ])("takes no markup from values: %s", (_, value, shown) => {
    expect(asMarkdown(of([rule("shares/a#b", [value])]))).toContain(`- \`shares/a#b\` ${shown} \`ro\``);
    expect(asText(of([rule("shares/a#b", [value])]), plain)).not.toContain("\u001b");
  });
});

// ---- the command -------------------------------------------------------------------------------------------------------------

describe("U-09: the command", () => {
  const work = mkdtempSync(join(tmpdir(), "sharewright-review-"));
  afterAll(() => rmSync(work, { recursive: true, force: true }));
  const run = (name: string, ...flags: string[]) =>
    runCli(["review", join(__dirname, "../fixtures/plans/null_resource", `${name}.json`), ...flags], {}, work);
  const given = async (text: string, ...flags: string[]) => {
    writeFileSync(join(work, "plan.json"), text);
    return runCli(["review", "plan.json", ...flags], { GITHUB_STEP_SUMMARY: "summary.md" }, work);
  };

  test.each<[string, Gate, number]>([
    ["removal-destroy", "data", 10],
    ["removal-trash", "data", 10],
    ["replace-claim", "data", 10],
    ["gluster-removal", "data", 10],
    ["removal-retain", "data", 0],
    ["file-system-gone", "data", 0],
    ["rule-removed", "data", 0],
    ["resize", "data", 0],
    ["rename", "data", 0],
    ["tainted-claim", "data", 0],
    ["removal-destroy", "access", 10],
    ["removal-retain", "access", 11],
    ["rule-added", "access", 11],
    ["rule-removed", "access", 11],
    ["rule-changed", "access", 11],
    ["rule-level", "access", 11],
    ["rule-secret", "access", 11],
    ["rule-unknown", "access", 11],
    ["create", "access", 11],
    ["resize", "access", 0],
    ["rename", "access", 0],
    ["no-change", "access", 0],
    ["destroy", "never", 0],
  ])("%s with --fail-on %s ends with %i", async (name, gate, exitCode) => {
    expect(await run(name, "--fail-on", gate)).toMatchObject({ exitCode, stderr: "" });
  });

  test("ends with 0 where no gate is asked for, and says it all in one line at the end", async () => {
    const { stdout, exitCode } = await run("resize");
    expect(exitCode).toBe(0);
    expect(stdout.trimEnd().split("\n").at(-1)).toBe("review: resized 1; 1 replacement is harmless");
  });

  test("reads standard input", async () => {
    async function* stdin() {
      yield textOf("terraform_data", "resize").slice(0, 1000);
      yield textOf("terraform_data", "resize").slice(1000);
    }
    const { stdout } = await runCli(["review", "-"], {}, work, undefined, stdin());
    expect(stdout).toContain("size 10 TiB -> 20 TiB");
  });

  test("has a document", async () => {
    expect(JSON.parse((await run("rule-changed", "--json")).stdout)).toEqual({
      format: 1,
      command: "review",
      changes: [
        {
          is: "closed",
          what: "rule",
          key: "shares/genomics#cpu",
          address: "null_resource.scratch_genomics_cpu_3870B946",
          who: ["10.1.0.0/24"],
          level: "rw",
        },
        expect.objectContaining({ is: "opened", who: ["10.1.0.0/25", "10.1.7.7"], level: "rw" }),
      ],
      harmless: 1,
      notes: [],
    });
  });

  test("appends the comment to the summary of the step", async () => {
    writeFileSync(join(work, "summary.md"), "before\n");
    const { stdout, exitCode } = await given(textOf("null_resource", "removal"), "--step-summary", "--fail-on", "data");
    expect(exitCode).toBe(10);
    expect(stdout).toContain("review: data goes 3");
    expect(readFileSync(join(work, "summary.md"), "utf8")).toBe(
      `before\n${asMarkdown(reviewed(textOf("null_resource", "removal")))}`,
    );
    expect(await run("removal", "--step-summary")).toMatchObject({
      exitCode: 2,
      stderr: expect.stringContaining("GITHUB_STEP_SUMMARY"),
    });
  });

  test("says so where nothing of ours is in the plan", async () => {
    const { stdout, exitCode } = await given(`{"format_version":"1.2","planned_values":{}}`, "--fail-on", "access");
    expect({ stdout, exitCode }).toEqual({ stdout: "review: nothing of sharewright is in this plan\n", exitCode: 0 });
  });

  test("notes a plan that is not the whole", async () => {
    const plan = (state: object) => JSON.stringify({ ...planOf("null_resource", "resize"), ...state });
    expect((await given(plan({ errored: true, complete: false }))).stdout).toMatch(/^note: the plan ended with an error/);
    expect((await given(plan({ complete: false }))).stdout).toMatch(/^note: the plan is not the whole/);
  });

  test.each([
    ["text", "Plan: 1 to add"],
    ["a plan as Terraform keeps it", "PK\u0003\u0004"],
    ["nothing", ""],
    ["a list", "[]"],
    ["a state", `{"format_version":"1.0","terraform_version":"1.11.4","values":{}}`],
    ["the messages of plan -json", `{"@level":"info"}\n{"@level":"info"}`],
  ])("refuses %s, with the way to a plan", async (_, text) => {
    const { stderr, exitCode } = await given(text);
    expect(exitCode).toBe(2);
    expect(stderr).toMatch(/error BAD_REQUEST[\s\S]*terraform show -json plan\.out/);
  });

  test.each<[string, number, () => Promise<{ exitCode: number; stderr: string }>]>([
    ["a file that is not there", 2, () => runCli(["review", "nowhere.json"], {}, work)],
    [
      "two forms at once",
      2,
      () => run("resize", "--json", "--markdown").then(({ exitCode, stdout }) => ({ exitCode, stderr: stdout })),
    ],
    ["another gate", 2, () => run("resize", "--fail-on", "everything")],
    ["a format to come", 8, () => given(textOf("null_resource", "resize").replace('"1.2"', '"2.0"'))],
    ["a kind to come", 8, () => given(textOf("null_resource", "resize").replaceAll("lustre.share", "lustre.tape"))],
  ])("refuses %s", async (_, exitCode, ended) => {
    expect(await ended()).toMatchObject({ exitCode, stderr: expect.stringMatching(/BAD_REQUEST|VERSION/) });
  });
});
