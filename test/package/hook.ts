// A hook that makes a share in a sandbox, as Terraform would start it: `hook lustre.share apply shares/genomics`.
import { join } from "node:path";
import { Testing } from "cdktf";
import { Size } from "../../lib";
import { hookVariable, newFileSystem, newStack, type Synthesized } from "../lib/support";

/** The environment that Terraform would give it. */
export function hookEnvironment(sandbox: string): NodeJS.ProcessEnv {
  const stack = newStack();
  newFileSystem(stack, { mountPoint: join(sandbox, "mnt") }).addShare("genomics", {
    size: Size.tebibytes(1),
    owner: { uid: 1000, gid: 1000 },
  });
  const synthesized = JSON.parse(Testing.synth(stack)) as Synthesized;
  const applied = Object.values(synthesized.resource["null_resource"] ?? {}).find(
    ({ triggers }) => triggers?.["size"] !== undefined,
  );
  return {
    ...applied?.provisioner[0]?.["local-exec"].environment,
    // As Terraform puts them in place of its expressions.
    SHAREWRIGHT_FILE_SYSTEM: hookVariable(synthesized, applied, "SHAREWRIGHT_FILE_SYSTEM"),
    SHAREWRIGHT_SPEC: JSON.stringify({ ...applied?.triggers, claim: "1" }),
    SHAREWRIGHT_STACK: "1234567890123456789",
    SHAREWRIGHT_SANDBOX: sandbox,
    SHAREWRIGHT_RUN_DIR: join(sandbox, "run"),
    PATH: `${join(sandbox, "bin")}:${process.env["PATH"]}`,
  };
}
