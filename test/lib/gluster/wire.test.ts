// Whatever valid properties say, the executor reads it, and reads the same.
import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { GlusterShare, GlusterTransport, Preflight, RemovalPolicy, Size, Volume } from "../../../lib";
import {
  commonNamePattern,
  type GlusterShareSpec,
  glusterRuleMessage,
  glusterShareMessage,
  glusterSnapshotMessage,
  isInfrastructureName,
} from "../../../src/spec/gluster";
import { isVolumeName, ruleKey, snapshotKey } from "../../../src/spec/name";
import { holds, hookOf, newStack, synth } from "../support";
import { clustersOf, newCluster, received, server } from "./support";

const volumeName = fc.stringMatching(/^[A-Za-z0-9][A-Za-z0-9_-]{0,20}$/).filter(isVolumeName);
const ruleName = fc.stringMatching(/^[A-Za-z0-9][A-Za-z0-9._-]{0,20}$/);
const commonName = fc
  .stringMatching(commonNamePattern)
  .filter((name) => !isInfrastructureName(name, ["glusterfs-server*", "manila-host*"]));

const layout = fc
  .record({
    kind: fc.constantFrom("distribute", "replica", "arbiter", "disperse"),
    count: fc.integer({ min: 3, max: 6 }),
    transport: fc.constantFrom(...Object.values(GlusterTransport)),
    force: fc.boolean(),
  })
  .map(({ kind, count, transport, force }) => ({
    ...(kind === "replica" ? { replica: count } : {}),
    ...(kind === "arbiter" ? { replica: 3, arbiter: true } : {}),
    ...(kind === "disperse" ? { disperse: count, redundancy: Math.floor((count - 1) / 2) } : {}),
    transport,
    force,
  }));

const share = fc.record({
  shareName: volumeName,
  size: fc.bigInt({ min: 1024n ** 2n, max: 2n ** 53n - 1n }),
  layout: fc.option(layout, { nil: undefined }),
  removalPolicy: fc.constantFrom(...Object.values(RemovalPolicy)),
  adopt: fc.boolean(),
  allowRestart: fc.boolean(),
  volumeOptions: fc.dictionary(
    fc.constantFrom("performance.cache-size", "performance.io-thread-count", "cluster.min-free-disk", "network.ping-timeout"),
    fc.stringMatching(/^[A-Za-z0-9._:%/@+,-]{1,10}$/),
    { maxKeys: 3, noNullPrototype: true },
  ),
});

const hosts = ["s1", "s2", "s3", "s4", "s5", "s6"];

describe("what the constructs send", () => {
  it("is the share that was described", () => {
    holds(
      fc.property(share, (given) => {
        const { shareName, layout: create, removalPolicy, adopt, allowRestart, volumeOptions } = given;
        const stack = newStack();
        new GlusterShare(stack, "s", {
          cluster: newCluster(stack, { servers: hosts.map(server), volumePattern: "pool of #{size}" }),
          size: Size.bytes(Number(given.size)),
          ...(create ? { provisioning: Volume.create(create) } : {}),
          ...{ shareName, removalPolicy, adopt, allowRestart, volumeOptions },
        });
        const wire = received(stack, "s");
        expect(hookOf(synth(stack), "s"), "U-04").toEqual(["gluster.share", adopt ? "adopt" : "apply"]);
        const { spec } = glusterShareMessage.triggers.parse(wire);
        const { provisioning, ...rest } = spec;
        expect(rest).toEqual({
          ...{ share: shareName, clusters: ["tank"], size: given.size },
          ...{ volumeOptions, removalPolicy, adopt: false, allowRestart },
        } satisfies Omit<GlusterShareSpec, "provisioning">);
        expect(provisioning).toMatchObject(create ? { kind: "create", layout: create } : { kind: "pool" });
        expect(wire).toMatchObject(glusterShareMessage.write(spec));
      }),
    );
  });

  it("is the access rule and the snapshot that were described", () => {
    const given = fc.record({ shareName: volumeName, ruleName, commonName, snapshotName: volumeName });
    holds(
      fc.property(given, (names) => {
        const stack = newStack();
        const clusters = [newCluster(stack), newCluster(stack, { servers: [server("t1")] }, "other")];
        const shared = new GlusterShare(stack, "s", { clusters, shareName: names.shareName, size: Size.gibibytes(1) });
        shared.grantReadWrite("r", names.commonName, { ruleName: names.ruleName });
        shared.addSnapshot("t", { snapshotName: names.snapshotName });
        const { resource, locals } = synth(stack);
        const idOf = (kind: string) =>
          Object.entries(resource["null_resource"] ?? {}).find(
            ([, { provisioner }]) => provisioner?.[0]?.["local-exec"].interpreter.slice(3).join() === `${kind},apply`,
          )?.[0] ?? "";
        const common = { share: names.shareName, clusters: ["tank", "other"] };
        const rule = glusterRuleMessage.triggers.parse(received(stack, idOf("gluster.access-rule")));
        expect(rule.spec).toEqual({ ...common, commonName: names.commonName, level: "rw", adopt: false });
        const snapshot = glusterSnapshotMessage.triggers.parse(received(stack, idOf("gluster.snapshot")));
        expect(snapshot.spec).toEqual({ ...common, snapshot: names.snapshotName, adopt: false });
        expect(locals).toMatchObject({
          gluster_share_claims: { [names.shareName]: {} },
          gluster_rule_claims: { [ruleKey(names.shareName, names.ruleName)]: {} },
          gluster_snapshot_claims: { [snapshotKey(names.shareName, names.snapshotName)]: {} },
        });
      }),
    );
  });

  it("is the cluster that was described", () => {
    const directory = fc.stringMatching(/^(\/[A-Za-z0-9_+@-]{1,8}){1,3}$/);
    const given = fc.record({
      clusterName: ruleName,
      // `${` and `%{` are Terraform's, backslashes and quotes JSON's.
      volumePattern: fc.stringMatching(/^[a-z$%{}"\\ -]{1,8}$/).map((text) => `${text.replace(/[\\${}]/g, "\\$&")}#{size}`),
      mountPointBase: directory,
      exportHost: fc.stringMatching(/^[A-Za-z0-9][A-Za-z0-9.-]{0,20}$/),
      owner: fc.stringMatching(/^[A-Za-z0-9][A-Za-z0-9 ._/@:-]{0,20}$/),
      certificateDirectory: directory,
      preflight: fc.constantFrom(...Object.values(Preflight)),
    });
    holds(
      fc.property(given, ({ clusterName, ...props }) => {
        const stack = newStack();
        newCluster(stack, { clusterName, ...props });
        for (const block of ["gluster_share_claims", "gluster_rule_claims", "gluster_snapshot_claims"]) {
          expect(clustersOf(stack, block)).toMatchObject([{ name: clusterName, ...props }]);
        }
      }),
    );
  });
});
