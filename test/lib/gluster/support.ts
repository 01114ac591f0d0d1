// A cluster that tests of the GlusterFS constructs start from, and what the executor reads of a stack.
import type { TerraformStack } from "cdktf";
import type { Construct } from "constructs";
import { Connection, GlusterCluster, type GlusterClusterProps, type GlusterServer, Size } from "../../../lib";
import type { ClusterSpec } from "../../../src/spec/gluster";
import { clustersSchema } from "../../../src/spec/gluster";
import { hookVariable, type Synthesized, synth } from "../support";

export const tenGibibytes = Size.gibibytes(10);

export const pool = "pool-\\d+-#{size}G";

export function server(host: string): GlusterServer {
  return { connection: Connection.local(), host };
}

export function newCluster(scope: Construct, props: Partial<GlusterClusterProps> = {}, id = "tank"): GlusterCluster {
  return new GlusterCluster(scope, id, {
    servers: [server("s1"), server("s2"), server("s3")],
    volumePattern: pool,
    brickRoots: ["/data/a", "/data/b"],
    ...props,
  });
}

/** The clusters that a resource hands to its hook, as the executor reads them. */
export function clustersOf(stack: TerraformStack, logicalId: string): ClusterSpec[] {
  const synthesized = synth(stack);
  return clustersSchema.parse(JSON.parse(hookVariable(synthesized, resourceOf(synthesized, logicalId), "SHAREWRIGHT_CLUSTERS")));
}

export function resourceOf({ resource }: Synthesized, logicalId: string) {
  return resource["null_resource"]?.[logicalId];
}

/** Triggers as the hook gets them: references to triggers of other resources are what those are, the id of a claim is some number. */
export function received(stack: TerraformStack, logicalId: string): Record<string, string> {
  const { resource } = synth(stack);
  const triggers = (id: string) => resource["null_resource"]?.[id]?.triggers ?? {};
  const value = (text: string): string =>
    unescaped(
      text
        .replace(/\$\{local\.\w+_claims_ids\["[^"]+"\]\}/g, "4711")
        .replace(/\$\{null_resource\.([\w-]+)\.triggers\["(\w+)"\]\}/g, (_all, id, name) => value(triggers(id)[name] ?? "")),
    );
  return Object.fromEntries(Object.entries(triggers(logicalId)).map(([name, text]) => [name, value(text)]));
}

/** What Terraform makes of a text without expressions; `$${` and `%%{` are its escapes. */
function unescaped(text: string): string {
  return text.replace(/\$\$\{/g, "${").replace(/%%\{/g, "%{");
}
