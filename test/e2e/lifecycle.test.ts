// The life of shares on the real Terraform or OpenTofu: what plans show, and what becomes of the storage.
import { existsSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { Token } from "cdktf";
import { afterAll, beforeAll, expect, test } from "vitest";
import { RemovalPolicy, Size } from "../../lib";
import {
  applied,
  appliedAsPlanned,
  commands,
  describeCarriers,
  fill,
  grants,
  identity,
  limits,
  noChanges,
  workbenchWith,
} from "./cases";
import { describing } from "./stacks";
import type { StackBench, Workbench } from "./support/terraform";

/** Of Terraform, as far as it is looked at here. */
interface State {
  readonly resources: readonly {
    readonly name: string;
    readonly instances: readonly { readonly dependencies?: readonly string[] }[];
  }[];
}

describeCarriers("life of a share", (carrier, where) => {
  let bench: Workbench | undefined;
  let stack: StackBench;
  beforeAll(async () => {
    bench = await workbenchWith(carrier, where);
    if (bench) stack = bench.stack();
  }, 600_000);
  afterAll(() => bench?.remove());

  // One stack lives through all of them, in this order, as a user's does.
  const step = (title: string, run: (bench: Workbench) => Promise<void>) =>
    test(title, async (context) => (bench ? run(bench) : context.skip()));
  /**
   * About addresses and order in Terraform, and rules and claims that come and go in one apply: it is all one how hosts are reached. That each
   * hook does its work over SSH is seen in the others, what it does there in test/executor.
   */
  const stepHere: typeof step = (title, run) => {
    if (where === "on this machine") step(title, run);
  };

  const cpu = {
    rules: (share: Parameters<NonNullable<NonNullable<Parameters<typeof describing>[0]["shares"]>[string]["rules"]>>[0]) =>
      void share.grantReadWrite("cpu", ["10.1.0.0/24"]),
  };
  const shareClaim = (key: string) => `${carrier}.scratch_share_claims["${key}"]`;
  const appliedAt = (id: string) => `${carrier}.scratch_${id}`;
  const appliedAddress = async (noun: string): Promise<string> => {
    const { stdout } = await stack.terraform("state", "list");
    const found = stdout.split("\n").find((line) => line.startsWith(appliedAt(noun)));
    expect(found, stdout).toBeDefined();
    return found ?? "";
  };
  /** Where the share is in the end. */
  const lastPlace = where === "on this machine" ? "projects/b" : "shares/b";
  let claimId = "";
  const idOf = async (address: string) =>
    (await stack.terraform("state", "show", "-no-color", address)).stdout.match(/\bid\s+= "([^"]+)"/)?.[1] ?? "";

  /** What `sharewright review` says of the plan that was made last. */
  const reviewed = async (own: Workbench, ...flags: string[]) => {
    const file = join(stack.dir, "plan.json");
    writeFileSync(file, (await stack.terraform("show", "-json", "tfplan")).stdout);
    const { stdout, stderr, exitCode } = await own.sharewright("review", file, ...flags);
    return { stdout: stdout + stderr, exitCode };
  };

  step("create: the hooks make share and access", async (bench) => {
    const done = await appliedAsPlanned(stack, describing({ shares: { a: { ...cpu, removalPolicy: RemovalPolicy.DESTROY } } }));
    expect(Object.values(done.actions)).toEqual(Array(5).fill("create"));
    expect(await limits(bench)).toEqual({ "/shares/a": 1024 });
    expect(await grants(bench)).toEqual({ "/shares/a": ["10.1.0.0-10.1.0.255@tcp rw"] });
    fill(bench, "shares/a");
    claimId = await idOf(shareClaim("shares/a"));
    expect(claimId).not.toBe("");
  });

  stepHere("claims of rules go before those of shares, as Terraform keeps it", async () => {
    const { resources } = JSON.parse((await stack.terraform("state", "pull")).stdout) as State;
    const claims = resources.find(({ name }) => name === "scratch_rule_claims");
    expect(claims?.instances.map(({ dependencies }) => dependencies)).toEqual([[`${carrier}.scratch_share_claims`]]);
  });

  step("the plan after it is empty", async () => {
    expect((await stack.plan()).stdout).toContain(noChanges);
  });

  step("resize: only the applied share is replaced, claim and rule untouched, same inode and data", async (bench) => {
    const before = identity(bench, "shares/a");
    const done = await appliedAsPlanned(
      stack,
      describing({ shares: { a: { ...cpu, size: Size.tebibytes(2), removalPolicy: RemovalPolicy.DESTROY } } }),
    );
    expect(done.actions).toEqual({ [await appliedAddress("a_")]: "delete+create" });
    expect(done.stdout).toContain("1 added, 0 changed, 1 destroyed");
    expect(await limits(bench)).toEqual({ "/shares/a": 2048 });
    expect(identity(bench, "shares/a")).toEqual(before);
    expect(await idOf(shareClaim("shares/a"))).toBe(claimId);
  });

  stepHere("construct id changed with shareName kept: the storage sees no change", async (bench) => {
    const before = identity(bench, "shares/a");
    await bench.sharewright("sandbox", "log", "on");
    const options = { ...cpu, shareName: "a", size: Size.tebibytes(2), removalPolicy: RemovalPolicy.DESTROY };
    const done = await appliedAsPlanned(stack, describing({ shares: { renamed: options } }));
    expect(Object.keys(done.actions).filter((address) => address.includes("claims"))).toEqual([]);
    expect((await commands(bench)).filter(changesStorage)).toEqual([]);
    await bench.sharewright("sandbox", "log", "off");
    expect(identity(bench, "shares/a")).toEqual(before);
    expect((await stack.plan()).stdout).toContain(noChanges);
  });

  stepHere("file-system construct renamed: no claim changes, and the storage sees no change", async (bench) => {
    const options = { ...cpu, shareName: "a", size: Size.tebibytes(2), removalPolicy: RemovalPolicy.DESTROY };
    await bench.sharewright("sandbox", "log", "clear");
    await bench.sharewright("sandbox", "log", "on");
    const done = await appliedAsPlanned(stack, describing({ fileSystemId: "other", shares: { renamed: options } }));
    expect(Object.keys(done.actions).filter((address) => address.includes("claims"))).toEqual([]);
    expect((await commands(bench)).filter(changesStorage)).toEqual([]);
    await bench.sharewright("sandbox", "log", "off");
    await applied(stack, describing({ shares: { a: options } }));
  });

  step("shareName changed: the plan shows the old claim go and a new one come; the old goes by its policy", async (bench) => {
    const build = describing({ shares: { a: { ...cpu, shareName: "b" } } });
    if (where === "on this machine") {
      await stack.plan(build);
      const review = await reviewed(bench, "--fail-on", "data");
      expect(review, "U-09").toMatchObject({
        exitCode: 10,
        stdout: expect.stringMatching(/data goes \(1\)\n {2}shares\/a {2}2 TiB, destroy/),
      });
      expect(review.stdout).toMatch(/access closed \(1\)\n {2}shares\/a#cpu {2}10\.1\.0\.0\/24 rw/);
    }
    const done = await appliedAsPlanned(stack, build);
    expect(done.actions).toMatchObject({ [shareClaim("shares/a")]: "delete", [shareClaim("shares/b")]: "create" });
    expect(await limits(bench)).toEqual({ "/shares/b": 1024 });
    expect(existsSync(join(bench.mountPoint, "shares/a"))).toBe(false);
    expect(existsSync(join(bench.mountPoint, "shares/b/data"))).toBe(false);
    expect(await grants(bench)).toEqual({ "/shares/b": ["10.1.0.0-10.1.0.255@tcp rw"] });
    fill(bench, "shares/b");
  });

  stepHere("rule added, level changed, renamed, removed", async (bench) => {
    const withRules = (rules: NonNullable<typeof cpu.rules>) => describing({ shares: { a: { shareName: "b", rules } } });
    await applied(
      stack,
      withRules((share) => {
        share.grantReadWrite("cpu", ["10.1.0.0/24"]);
        share.grantRead("viz", ["10.3.0.7"]);
      }),
    );
    expect(await grants(bench)).toEqual({ "/shares/b": ["10.1.0.0-10.1.0.255@tcp rw", "10.3.0.7@tcp ro"] });
    await applied(
      stack,
      withRules((share) => {
        share.grantReadWrite("cpu", ["10.1.0.0/24"]);
        share.grantReadWrite("viz", ["10.3.0.7"]);
      }),
    );
    expect(await grants(bench)).toEqual({ "/shares/b": ["10.1.0.0-10.1.0.255@tcp rw", "10.3.0.7@tcp rw"] });
    await applied(
      stack,
      withRules((share) => {
        share.grantReadWrite("cpu", ["10.1.0.0/24"]);
        share.grantReadWrite("viewer", ["10.3.0.7"]);
      }),
    );
    expect(await grants(bench)).toEqual({ "/shares/b": ["10.1.0.0-10.1.0.255@tcp rw", "10.3.0.7@tcp rw"] });
    const removed = await appliedAsPlanned(
      stack,
      describing({ shares: { a: { ...cpu, shareName: "b", deletionProtection: true } } }),
    );
    expect(removed.actions).toMatchObject({ [`${carrier}.scratch_rule_claims["shares/b#viewer"]`]: "delete" });
    expect(removed.actions, "U-10").toMatchObject({ [`${carrier}.scratch_deletion_protection["shares/b"]`]: "create" });
    expect(await grants(bench)).toEqual({ "/shares/b": ["10.1.0.0-10.1.0.255@tcp rw"] });
  });

  stepHere(
    "U-10 a protected share: its removal fails the plan, and the hook where that is evaded; false lifts it",
    async (bench) => {
      const gone = await stack.plan(describing({}));
      expect([gone.exitCode, gone.stdout + gone.stderr]).toEqual([1, expect.stringContaining("Instance cannot be destroyed")]);
      expect(gone.stdout + gone.stderr).toContain('scratch_deletion_protection["shares/b"]');
      const evaded = await stack.apply(undefined, `-target=${shareClaim("shares/b")}`);
      expect([evaded.exitCode, evaded.stdout + evaded.stderr]).toEqual([1, expect.stringContaining("error DELETION_PROTECTED")]);
      expect(existsSync(join(bench.mountPoint, "shares/b"))).toBe(true);
      const options = { ...cpu, shareName: "b", deletionProtection: false };
      const { actions } = await appliedAsPlanned(stack, describing({ shares: { a: options } }));
      expect(Object.keys(actions).filter((address) => address.includes("share_claims"))).toEqual([]);
      expect(actions).toMatchObject({ [`${carrier}.scratch_deletion_protection_lifted["shares/b"]`]: "delete" });
    },
  );

  stepHere("pathPrefix changed: the old share is found and closed, the new one is empty", async (bench) => {
    const done = await appliedAsPlanned(
      stack,
      describing({ fileSystem: { pathPrefix: "projects" }, shares: { a: { ...cpu, shareName: "b" } } }),
    );
    expect(done.actions).toMatchObject({ [shareClaim("shares/b")]: "delete", [shareClaim("projects/b")]: "create" });
    expect(await grants(bench)).toEqual({ "/projects/b": ["10.1.0.0-10.1.0.255@tcp rw"] });
    expect(await limits(bench)).toEqual({ "/projects/b": 1024, "/shares/b": 1024 });
    expect(existsSync(join(bench.mountPoint, "shares/b/data"))).toBe(true);
  });

  stepHere("-replace of a claim: the share is retained, then taken up again with its data", async (bench) => {
    fill(bench, "projects/b");
    const before = identity(bench, "projects/b");
    await stack.plan(undefined, `-replace=${shareClaim("projects/b")}`);
    expect(await reviewed(bench, "--fail-on", "data"), "U-09").toMatchObject({
      exitCode: 0,
      stdout: expect.stringContaining("projects/b  1 TiB, retain: its data stays, and is taken up again"),
    });
    expect((await stack.applyPlan()).exitCode).toBe(0);
    expect(identity(bench, "projects/b")).toEqual(before);
    expect(await grants(bench)).toEqual({ "/projects/b": ["10.1.0.0-10.1.0.255@tcp rw"] });
    expect((await stack.plan()).stdout).toContain(noChanges);
  });

  stepHere("a dependent with create_before_destroy does not keep the hook from running", async (bench) => {
    const withDependent =
      (size: Size): Parameters<typeof stack.apply>[0] =>
      (terraformStack, mountPoint, hosts) => {
        describing({ fileSystem: { pathPrefix: "projects" }, shares: { a: { ...cpu, shareName: "b", size } } })(
          terraformStack,
          mountPoint,
          hosts,
        );
        const share = terraformStack.node.findAll().find((construct) => construct.node.id === "a") as unknown as {
          path: string;
          exportLocation: string;
        };
        terraformStack.addOverride("resource.terraform_data.user", {
          input: Token.asString(share.exportLocation),
          lifecycle: { create_before_destroy: true },
        });
      };
    await applied(stack, withDependent(Size.tebibytes(1)));
    const done = await appliedAsPlanned(stack, withDependent(Size.tebibytes(3)));
    expect(Object.keys(done.actions).filter((address) => address.endsWith(".user"))).toEqual([]);
    expect((await limits(bench))["/projects/b"]).toBe(3072);
  });

  step("a directory deleted by hand: Terraform sees nothing, `sharewright plan` exits 9 and names it", async (bench) => {
    rmSync(join(bench.mountPoint, lastPlace), { recursive: true });
    expect((await stack.plan()).stdout).toContain(noChanges);
    const drift = await bench.sharewright("plan", stack.dir);
    expect(drift.exitCode, drift.stdout + drift.stderr).toBe(9);
    expect(drift.stdout).toContain(lastPlace);
  });

  step("terraform destroy: all of it goes by its policy", async (bench) => {
    const ended = await stack.destroy();
    expect(ended.exitCode, ended.stderr).toBe(0);
    expect(await grants(bench)).toEqual({});
    // What was left behind under the old prefix.
    expect(await limits(bench)).toEqual(lastPlace === "shares/b" ? {} : { "/shares/b": 1024 });
  });
});

function changesStorage(command: string): boolean {
  return /^(lfs (setquota|setstripe|project -p)|lctl (nodemap_(add|del|modify|fileset|banlist)|set_param)|mkdir|rm|rmdir|mv .*\/(shares|projects)\/|chown|chmod|ln)/.test(
    command,
  );
}
