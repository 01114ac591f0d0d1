// What goes wrong around Terraform, and what is moved about: each ends in the storage that the code describes. All of it is carried by
// terraform_data on this machine; what may differ by how a carrier triggers and destroys its hooks also by null_resource, and what comes from the
// hosts, an error of theirs and a look at them, also over SSH. The rest of carrier and way is in the life of a share, which is told for each.
import { cpSync, existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { AccessLevel, LustreAccessRule, LustreFileSystem, LustreShare, RemovalPolicy, Size } from "../../lib";
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
  status,
  type Where,
  workbenchWith,
} from "./cases";
import { describing } from "./stacks";
import { directlyOverSsh } from "./support/over-ssh";
import type { BuildStack, CarrierName, StackBench, Workbench } from "./support/terraform";

const overSsh: Where = "on three hosts over SSH";

describeCarriers("mishaps and moves", (carrier, where) => {
  let bench: Workbench | undefined;
  beforeAll(async () => {
    bench = await workbenchWith(carrier, where, directlyOverSsh);
  }, 600_000);
  afterAll(() => bench?.remove());

  // Each starts on an empty file system, with stacks of its own.
  let number = 0;
  const here = where === overSsh ? where : carrier;
  type Run = (bench: Workbench, stack: (name: string, carrier?: CarrierName) => StackBench) => Promise<void>;
  const freshOn = (places: readonly (typeof here)[]) => (title: string, run: Run) => {
    if (!places.includes(here)) return;
    test(title, async (context) => {
      if (!bench) return context.skip();
      const own = bench;
      expect((await own.sharewright("sandbox", "reset")).exitCode).toBe(0);
      number += 1;
      const prefix = `case${number}`;
      await run(own, (name, other = carrier) => own.stack(`${prefix}-${name}`, other));
    });
  };
  const fresh = freshOn(["terraform_data"]);
  const freshOnBoth = freshOn(["terraform_data", "null_resource"]);
  const freshByEitherWay = freshOn(["terraform_data", overSsh]);

  const rules = {
    rules: (share: { grantReadWrite(id: string, clients: string[]): unknown }) =>
      void share.grantReadWrite("cpu", ["10.1.0.0/24"]),
  };
  const one = describing({ shares: { a: rules } });
  const leftOvers = (own: Workbench) =>
    ["shares", "rules", "projects", "nodemaps", "staging", "trash"].flatMap((folder) =>
      readdirSync(join(own.mountPoint, ".sharewright", folder)).filter((name) => !name.startsWith("last-")),
    );
  const failOnce = async (own: Workbench, match: string) =>
    expect(
      (
        await own.sharewright(
          "sandbox",
          "fault",
          "set",
          JSON.stringify({ match, do: "fail", exit: 110, stderr: "Connection timed out" }),
        )
      ).exitCode,
    ).toBe(0);

  freshByEitherWay("a failed create shows what failed; the next apply goes on from there", async (own, stack) => {
    const it = stack("stack");
    await failOnce(own, "lfs setquota");
    const failed = await it.apply(one);
    expect(failed.exitCode).toBe(1);
    expect(failed.stdout + failed.stderr).toMatch(/error COMMAND_FAILED[\s\S]*lfs setquota[\s\S]*Connection timed out/);
    expect(await limits(own)).not.toHaveProperty(["/shares/a"]);
    await applied(it, one);
    expect(await limits(own)).toEqual({ "/shares/a": 1024 });
    expect((await it.plan()).stdout).toContain(noChanges);
  });

  freshOnBoth("a failed create that is then removed from the code leaves nothing, X-L13", async (own, stack) => {
    const it = stack("stack");
    await failOnce(own, "lfs setquota");
    expect((await it.apply(one)).exitCode).toBe(1);
    await applied(it, describing({}));
    expect(leftOvers(own)).toEqual([]);
    const { shares, nodemaps } = await status(own);
    const ours = nodemaps.filter(({ name }) => name.startsWith("sw_") && name !== "sw_trusted");
    expect({ shares, ours }).toEqual({ shares: [], ours: [] });
  });

  fresh("a failed rule is retried, and removed without a trace", async (own, stack) => {
    const it = stack("stack");
    await failOnce(own, "lctl nodemap_add_range");
    expect((await it.apply(one)).exitCode).toBe(1);
    await applied(it, one);
    expect(await grants(own)).toEqual({ "/shares/a": ["10.1.0.0-10.1.0.255@tcp rw"] });
    await applied(it, describing({ shares: { a: {} } }));
    expect(await grants(own)).toEqual({});
    expect((await status(own)).nodemaps.map(({ name }) => name)).toEqual(["default", "sw_trusted"]);
  });

  freshOnBoth("share removed from the code: its hook runs, by the policy that was applied last, X-L23", async (own, stack) => {
    const it = stack("stack");
    const build = (removalPolicy: RemovalPolicy) =>
      describing({ shares: { a: { removalPolicy, ...rules }, b: { removalPolicy: RemovalPolicy.TRASH } } });
    await applied(it, build(RemovalPolicy.RETAIN));
    fill(own, "shares/a");
    fill(own, "shares/b");
    const changed = await appliedAsPlanned(it, build(RemovalPolicy.DESTROY));
    const claims = Object.entries(changed.actions).filter(([address]) => address.includes("_claims["));
    const shown = carrier === "terraform_data" ? [[`${carrier}.scratch_share_claims["shares/a"]`, "update"]] : [];
    expect(claims, "U-10 a changed policy runs no hook of a claim").toEqual(shown);
    const done = await applied(it, describing({}));
    expect(done.stdout, "U-10 the plan shows how they go").toMatch(
      carrier === "terraform_data"
        ? /- input += \{\s+- removal_policy = "destroy"/
        : /- scratch_share_removal_policies = \{\s+- "shares\/a" = "destroy"\s+- "shares\/b" = "trash"/,
    );
    expect(done.stdout).toContain("6 destroyed");
    expect(existsSync(join(own.mountPoint, "shares/a"))).toBe(false);
    expect(existsSync(join(own.mountPoint, "shares/b"))).toBe(false);
    const trash = join(own.mountPoint, ".sharewright/trash");
    const [folder = ""] = readdirSync(trash).filter((name) => !name.endsWith(".json"));
    expect(folder).toMatch(/^shares:b\.\d+$/);
    expect(readFileSync(join(trash, folder, "data"), "utf8")).toBe("data of shares/b");
    // Its limit and id stay with it: nobody else gets that id.
    expect(await limits(own)).toEqual({ [`/.sharewright/trash/${folder}`]: 1024 });
  });

  fresh("file-system construct renamed, shares defined in the stack: the plan is empty", async (own, stack) => {
    const it = stack("stack");
    const build =
      (id: string): BuildStack =>
      (terraformStack, mountPoint, hosts) => {
        const props = { fsName: "scratch", exportNids: ["10.0.0.1@tcp"], mountPoint, ...hosts };
        const fileSystem = new LustreFileSystem(terraformStack, id, props);
        const owner = { uid: 1000, gid: 1000 };
        const share = new LustreShare(terraformStack, "a", { fileSystem, size: Size.tebibytes(1), owner });
        new LustreAccessRule(terraformStack, "cpu", { share, clients: ["10.1.0.1"], level: AccessLevel.READ_WRITE });
      };
    await applied(it, build("scratch"));
    const planned = await it.plan(build("renamed"));
    expect(planned.stdout).toContain(noChanges);
    expect(await grants(own)).toEqual({ "/shares/a": ["10.1.0.1@tcp rw"] });
  });

  freshOnBoth("U-11 package upgrade: the plan is empty, and later hooks run the new executor", async (own, stack) => {
    const it = stack("stack");
    it.synth(one);
    // As versions up to 0.1.0 wrote it: the executor in a folder of its version, the file system on every resource, claims that show no policy.
    const json = join(it.dir, "cdk.tf.json");
    const text = readFileSync(json, "utf8");
    const written = JSON.parse(text);
    const [reference, fileSystem] = Object.entries<string>(written.locals.sharewright_file_systems).map(([key, value]) => [
      `\${local.sharewright_file_systems["${key}"]}`,
      value,
    ])[0] as [string, string];
    delete written.locals.sharewright_file_systems;
    delete written.resource[carrier].scratch_deletion_protection;
    delete written.resource[carrier].scratch_share_claims.input;
    const before = JSON.stringify(written, (_name, value) => (value === reference ? fileSystem : value));
    const executor = join(it.dir, "assets/sharewright");
    const older = join(executor, "0.1.0");
    cpSync(executor, `${executor}.older`, { recursive: true });
    rmSync(executor, { recursive: true });
    cpSync(`${executor}.older`, older, { recursive: true });
    writeFileSync(json, before.replaceAll("assets/sharewright/sharewright.cjs", "assets/sharewright/0.1.0/sharewright.cjs"));
    await applied(it);
    const done = await appliedAsPlanned(it, one);
    const shown = carrier === "terraform_data" ? { [`${carrier}.scratch_share_claims["shares/a"]`]: "update" } : {};
    expect(done.actions, "U-10 claims show their policy from now on, and no hook runs").toEqual(shown);
    expect(done.stdout).not.toContain("Provisioning with");
    expect((await it.plan()).stdout).toContain(noChanges);
    expect(readFileSync(json, "utf8")).toBe(text);
    expect(existsSync(older)).toBe(false);
    expect((await it.destroy()).exitCode).toBe(0);
    expect(await grants(own)).toEqual({});
  });

  fresh("a share moves to another stack: the new one adopts first, the old one then lets go", async (own, stack) => {
    const [from, to] = [stack("from"), stack("to")];
    await applied(from, describing({ shares: { a: { ...rules, removalPolicy: RemovalPolicy.DESTROY } } }));
    fill(own, "shares/a");
    const before = [identity(own, "shares/a"), await limits(own), await grants(own)];
    await applied(to, describing({ shares: { a: { ...rules, adopt: true } } }));
    const left = await applied(from, describing({}));
    expect(left.stdout).toMatch(/managed elsewhere/);
    expect([identity(own, "shares/a"), await limits(own), await grants(own)]).toEqual(before);
    expect((await to.plan(describing({ shares: { a: rules } }))).stdout, "U-04 adopt is taken out").toContain(noChanges);
    const looked = await own.sharewright("plan", to.dir);
    expect(looked.exitCode, `U-04 ${looked.stdout}${looked.stderr}`).toBe(0);
  });

  fresh("a share moves to another stack: the old one lets go first, the new one then adopts", async (own, stack) => {
    const [from, to] = [stack("from"), stack("to")];
    await applied(from, one);
    fill(own, "shares/a");
    const before = [identity(own, "shares/a"), await limits(own), await grants(own)];
    await applied(from, describing({}));
    expect(await grants(own)).toEqual({});
    const refused = await to.apply(one);
    expect(refused.exitCode).toBe(1);
    expect(refused.stdout + refused.stderr).toContain("set adopt: true");
    await applied(to, describing({ shares: { a: { ...rules, adopt: true } } }));
    expect([identity(own, "shares/a"), await limits(own), await grants(own)]).toEqual(before);
  });

  fresh("state lost: refused until adopt is set, then taken over with its data", async (own, stack) => {
    const it = stack("stack");
    await applied(it, one);
    fill(own, "shares/a");
    const before = [identity(own, "shares/a"), await limits(own), await grants(own)];
    rmSync(join(it.dir, "../../terraform.tfstate"));
    const refused = await it.apply(one);
    expect(refused.exitCode).toBe(1);
    expect(refused.stdout + refused.stderr).toContain("error MANAGED_ELSEWHERE");
    await applied(it, describing({ shares: { a: { ...rules, adopt: true } } }));
    expect([identity(own, "shares/a"), await limits(own), await grants(own)]).toEqual(before);
  });

  freshOnBoth(
    "S-10 a claim that is tainted: the next apply goes on with the share, and its removal removes it",
    async (own, stack) => {
      const it = stack("stack");
      const build = describing({ shares: { a: { removalPolicy: RemovalPolicy.DESTROY } } });
      await applied(it, build);
      fill(own, "shares/a");
      const before = [identity(own, "shares/a"), await limits(own)];
      expect((await it.terraform("taint", `${carrier}.scratch_share_claims["shares/a"]`)).exitCode).toBe(0);
      const done = await applied(it, build);
      expect(done.stdout).toContain("take it over from claim");
      expect([identity(own, "shares/a"), await limits(own)]).toEqual(before);
      await applied(it, describing({}));
      expect(existsSync(join(own.mountPoint, "shares/a"))).toBe(false);
    },
  );

  if (carrier === "null_resource") {
    freshOnBoth(
      "carrier switched to terraform_data: everything has moved, no hook runs, later removals do",
      async (own, stack) => {
        await applied(stack("stack"), one);
        const after = stack("stack", "terraform_data");
        await own.sharewright("sandbox", "log", "on");
        const done = await appliedAsPlanned(after, one);
        expect(done.stdout).toContain("0 added, 1 changed, 0 destroyed");
        expect(done.actions, "U-10 the claim shows its policy").toEqual({
          'terraform_data.scratch_share_claims["shares/a"]': "update",
        });
        expect(await commands(own)).toEqual([]);
        await applied(after, describing({ shares: { a: {} } }));
        expect(await grants(own)).toEqual({});
      },
    );

    freshOnBoth(
      "carrier switched to null_resource: no hook runs for the old claims, the new ones adopt, nothing on the storage changes",
      async (own, stack) => {
        const before = stack("stack", "terraform_data");
        await applied(before, describing({ shares: { a: { ...rules, removalPolicy: RemovalPolicy.DESTROY } } }));
        fill(own, "shares/a");
        const was = [identity(own, "shares/a"), await limits(own), await grants(own)];
        const after = stack("stack", "null_resource");
        const build = describing({ shares: { a: { ...rules, removalPolicy: RemovalPolicy.DESTROY, adopt: true } } });
        await applied(after, build);
        expect([identity(own, "shares/a"), await limits(own), await grants(own)]).toEqual(was);
        const cleared = describing({ shares: { a: { ...rules, removalPolicy: RemovalPolicy.DESTROY } } });
        expect((await after.plan(cleared)).stdout, "U-04 adopt is taken out").toContain(noChanges);
      },
    );
  }

  freshByEitherWay(
    "a limit changed by hand: Terraform sees nothing, `sharewright plan` shows it with the line that mends it, X-L24",
    async (own, stack) => {
      const it = stack("stack");
      await applied(it, describing({ shares: { a: { size: Size.tebibytes(1) } } }));
      const { projectId = 0 } = (await status(own)).shares[0] ?? {};
      const { ended } = await import("./support/terraform");
      expect(
        (await ended("lfs", ["setquota", "-p", String(projectId), "-B", "5G", own.mountPoint], own.dir, own.env)).exitCode,
      ).toBe(0);
      expect((await it.plan()).stdout).toContain(noChanges);
      const drift = await own.sharewright("plan", it.dir);
      expect(drift.exitCode, drift.stdout + drift.stderr).toBe(9);
      const replace = /-replace=(\S+)/.exec(drift.stdout)?.[1]?.replaceAll("'", "") ?? "";
      expect(drift.stdout).toContain("-replace=");
      await applied(it, undefined, `-replace=${replace}`);
      expect(await limits(own)).toEqual({ "/shares/a": 1024 });
      expect((await own.sharewright("plan", it.dir)).exitCode).toBe(0);
    },
  );
});
