// Shares of one name on clusters of two sites, in one stack: commands keep them apart.
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type GlusterStack, stackOn } from "../executor/gluster/stack";
import type { Managed } from "../executor/support";
import { type GlusterBench, glusterStackDocument, glusterStateDocument, startGlusterBench } from "./gluster-support";
import type { Document } from "./support";

let bench: GlusterBench;
beforeAll(async () => {
  bench = await startGlusterBench([1, 2]);
  const parent = join(bench.directory, "../../../..");
  const place = { dir: join(parent, "sandbox"), mounts: join(parent, "mounts") };
  const [east, west] = [1, 2].map((number) => stackOn(place, { clusters: [number] })) as [GlusterStack, GlusterStack];
  const production = [east.share("genomics"), east.rule("genomics", "cpu", { common_name: "alice" })];
  const staging = [west.share("genomics", { claim: "staging-genomics" })];
  for (const { apply } of [...production, ...staging]) expect((await bench.hook(apply)).exitCode).toBe(0);
  const documentOf = ({ clusters }: GlusterStack, objects: Managed[]) => glusterStackDocument(clusters, objects) as Document;
  const renamed = (document: Document) =>
    JSON.parse(
      JSON.stringify(document)
        .replaceAll(/gluster_(share|rule|snapshot)_claims/g, "gluster-staging_$1_claims")
        .replaceAll('"genomics":{"triggers"', '"staging_genomics":{"triggers"')
        .replaceAll('"name":"genomics"', '"name":"staging_genomics"'),
    );
  const [one, two] = [documentOf(east, production), renamed(documentOf(west, staging))];
  bench.writeDocument({
    ...one,
    locals: {
      ...one.locals,
      ...two.locals,
      sharewright_clusters: { ...one.locals.sharewright_clusters, ...two.locals.sharewright_clusters },
    },
    resource: { null_resource: { ...one.resource.null_resource, ...two.resource.null_resource } },
  });
  const [state, other] = [glusterStateDocument(production), renamed(glusterStateDocument(staging))] as [Document, Document];
  writeFileSync(
    join(bench.directory, "state.json"),
    JSON.stringify({ ...state, resources: [...state.resources, ...other.resources] }),
  );
});
afterAll(() => bench.remove());

test("U-01 each share is compared with its own cluster, and told with it", async () => {
  const { document, exitCode } = await bench.json("status");
  expect(exitCode).toBe(0);
  expect(document.shares.map(({ key, at, claim, cluster }: Document) => [key, at, claim, cluster])).toEqual([
    ["genomics", "east", "stack-genomics", "east"],
    ["genomics", "west", "staging-genomics", "west"],
  ]);
});

test("U-01 what is let go has to be said where both have it, and the other one stays", async () => {
  const { document } = await bench.json("release", "genomics");
  expect(document.error).toMatchObject({ code: "BAD_REQUEST", fix: "say on which cluster: --cluster east | west" });
  expect((await bench.json("release", "genomics", "--cluster", "west")).exitCode).toBe(0);
  const { fileSystems: _, clusters } = (await bench.json("list")).document;
  expect(clusters.map(({ shares: [share] }: Document) => share.claim)).toEqual(["stack-genomics", undefined]);
});
