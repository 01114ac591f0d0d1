// Secrets of connections, with the real Terraform: they are in nothing that it writes, keeps or prints.
import { randomBytes } from "node:crypto";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { filesBelow, leaks, type SecretHosts, startSecretHosts, variables } from "../executor/secrets";
import { describeWithSshd } from "../sshd/describe";
import { describing } from "./stacks";
import { connectionTo } from "./support/over-ssh";
import { makeWorkbench, type Workbench } from "./support/terraform";

const timeout = 600_000;

describeWithSshd("secrets of connections, through Terraform", "sshd and users", () => {
  let bench: Workbench;
  let hosts: SecretHosts;
  const passphrase = `passphrase${randomBytes(12).toString("hex")}`;
  beforeAll(async () => {
    bench = await makeWorkbench({
      reach: async (sandbox) => {
        hosts = await startSecretHosts(sandbox, passphrase, "secrets-e2e");
        const { client, mgs, mds } = hosts.connections;
        return {
          hosts: { client: connectionTo(client), mgs: connectionTo(mgs), mds: { connection: connectionTo(mds) } },
          stop: hosts.stop,
        };
      },
    });
  }, timeout);
  afterAll(() => bench?.remove());

  test("are in no plan, no state, no file of a stack, and nothing that Terraform or its hooks print", { timeout }, async () => {
    const marker = `m${randomBytes(8).toString("hex")}`;
    const build = describing({ shares: { [marker]: { rules: (share) => void share.grantReadWrite("cpu", ["10.1.0.1"]) } } });
    const stack = bench.stack();
    const wrong = `wrong${randomBytes(12).toString("hex")}`;
    Object.assign(bench.env, hosts.environment, { [variables.password]: wrong, SHAREWRIGHT_LOG: "debug" });
    const transcripts = join(bench.dir, "transcripts");
    bench.env["SHAREWRIGHT_RECORD"] = transcripts;
    await stack.plan(build);
    const refused = await stack.applyPlan();
    expect(refused.exitCode).not.toBe(0);
    expect(refused.stdout + refused.stderr).toContain("error AUTHENTICATION_FAILED");

    Object.assign(bench.env, hosts.environment);
    await stack.plan();
    const applied = await stack.applyPlan();
    expect(applied.exitCode, applied.stdout + applied.stderr).toBe(0);
    const plan = await stack.terraform("show", "-json", "tfplan");
    const state = await stack.terraform("show", "-json");
    const doctor = await bench.sharewright("doctor", stack.dir);
    const drift = await bench.sharewright("plan", stack.dir);
    // cdk.tf.json, the state and more; the plan's file is compressed, and looked at as JSON.
    const files = filesBelow(join(stack.dir, "../.."));
    const processes = hosts.watchProcesses();
    const destroyed = await stack.destroy();
    expect(destroyed.exitCode, destroyed.stdout + destroyed.stderr).toBe(0);
    const said = ({ stdout, stderr }: { stdout: string; stderr: string }) => stdout + stderr;
    const places = {
      "a refused apply": said(refused),
      "an apply": said(applied),
      "the plan": plan.stdout,
      "the state": state.stdout,
      "`sharewright doctor`": said(doctor),
      "`sharewright plan`": said(drift),
      "the files of the stack": files,
      "a destroy": said(destroyed),
      "the transcripts": filesBelow(transcripts),
      ...processes(),
      "sudo's log": hosts.sudoLog(),
    };
    const secrets = { ...hosts.secrets, wrong };
    expect(leaks(secrets, places)).toEqual([]);
    // The names of the variables may be seen; what is put everywhere on purpose is found by the same search.
    expect(leaks({ variable: variables.password }, places)).toContain("variable in the files of the stack");
    const marked = Object.keys(places).filter((place) => place !== "`sharewright doctor`");
    expect(leaks({ marker }, places)).toEqual(marked.map((place) => `marker in ${place}`));
    expect(places["`sharewright doctor`"]).toContain(`password from ${variables.password}`);
  });
});
