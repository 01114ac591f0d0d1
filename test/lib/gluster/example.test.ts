// What only Terraform can say: references between our resources form no circle, and are literals for the executor when it is started.
import { execFile } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { Testing } from "cdktf";
import { afterAll, expect, it } from "vitest";
import { buildStack } from "../../../examples/gluster-share/stack";
import { glusterRuleMessage, glusterShareMessage, glusterSnapshotMessage } from "../../../src/spec/gluster";
import { server } from "./support";

const run = promisify(execFile);
const folder = mkdtempSync(join(tmpdir(), "sharewright-gluster-"));
afterAll(() => rmSync(folder, { recursive: true }));

it("the example with its snapshot is planned as the executor reads it", async () => {
  const app = Testing.app({ context: { "sharewright:carrier": "terraform_data" } });
  const stack = buildStack(app, "gluster-share", { servers: ["s1", "s2", "s3"].map(server), withSnapshot: true });
  const { terraform: settings, ...json } = JSON.parse(Testing.synth(stack, true));
  expect(settings.backend).toBeDefined();
  writeFileSync(join(folder, "cdk.tf.json"), JSON.stringify(json));
  const terraform = process.env["TERRAFORM_BINARY_NAME"] ?? "terraform";
  const options = { cwd: folder, env: { ...process.env, CHECKPOINT_DISABLE: "1" }, maxBuffer: 2 ** 26 };
  await run(terraform, ["init", "-no-color"], options);
  await run(terraform, ["plan", "-no-color", "-out=plan"], options);
  const { stdout } = await run(terraform, ["show", "-json", "plan"], options);
  // The claim's id alone is not known before it is made.
  const planned: Record<string, string>[] = JSON.parse(stdout)
    .resource_changes.map(
      (resource: { change: { after: { triggers_replace?: object } } }) => resource.change.after.triggers_replace,
    )
    .filter((triggers: object | undefined) => triggers && "clusters" in triggers)
    .map((triggers: object) => ({ ...triggers, claim: "4711" }));
  const shares = planned
    .filter((triggers) => "size" in triggers)
    .map((triggers) => glusterShareMessage.triggers.parse(triggers).spec);
  expect(shares.map(({ share, provisioning }) => `${share}: ${provisioning.kind}`).sort()).toEqual([
    "climate: create",
    "experiment: clone",
    "genomics: pool",
  ]);
  const rules = planned
    .filter((triggers) => "level" in triggers)
    .map((triggers) => glusterRuleMessage.triggers.parse(triggers).spec);
  expect(rules.map(({ share, commonName }) => `${share}: ${commonName}`).sort()).toEqual([
    "climate: gpu.example.org",
    "experiment: gpu.example.org",
    "genomics: cpu.example.org",
    "genomics: viz.example.org",
  ]);
  const snapshots = planned
    .filter((triggers) => "key" in triggers)
    .map((triggers) => glusterSnapshotMessage.triggers.parse(triggers));
  expect(snapshots).toEqual([
    { claim: "4711", spec: { share: "climate", clusters: ["tank"], snapshot: "climate-monday", adopt: false } },
  ]);
}, 60_000);
