// sharewright bootstrap: prepares a file system. A dry run unless --apply is given; says first whom it would shut out.
import { bootstrap as apply, observeSite, planBootstrap, type SeenSite } from "../../backends/lustre/bootstrap";
import { fileSystemName } from "../../spec/lustre";
import { type Answer, answering, type CommonFlags, type Context } from "../commands/answer";
import { stepDocument } from "../commands/objects";
import { driftExit } from "../commands/plan";
import { openConfig, stackNamed } from "../commands/site";
import { count } from "../commands/table";
import { onFileSystem } from "./on-file-system";

interface BootstrapFlags extends CommonFlags {
  readonly apply?: boolean;
  readonly fileSystem?: string;
}

async function bootstrap(context: Context, flags: BootstrapFlags, directory?: string): Promise<Answer> {
  const config = await openConfig(context, stackNamed(flags, directory));
  return onFileSystem(context, config, flags, async (site) => {
    context.terminal.progress("looking at the servers");
    const seen = await observeSite(site);
    const warning = cutText(context, seen);
    const common = {
      fileSystem: fileSystemName(site.fileSystem),
      exposed: seen.defaultClosed ? [] : seen.exposed,
      unverified: unverified(seen),
    };
    if (!flags.apply) {
      const steps = planBootstrap(site, seen);
      return {
        text: [...warning, ...notes(seen), ...dryRun(steps)].join("\n"),
        document: { ...common, applied: false, steps: steps.map(stepDocument) },
        exitCode: steps.length > 0 ? driftExit : 0,
      };
    }
    if (!flags.json && warning.length > 0) context.terminal.stdout(`${warning.join("\n")}\n`);
    context.terminal.progress("setting what is missing, and waiting until it holds");
    const done = await apply(site);
    const said =
      done.length === 0 ? "nothing was missing" : `${count(done.length, "step")} done, and looked at again: all of it holds`;
    return { text: [...notes(seen), said].join("\n"), document: { ...common, applied: true, steps: done.map(stepDocument) } };
  });
}

function dryRun(steps: ReturnType<typeof planBootstrap>): string[] {
  if (steps.length === 0) return ["nothing is missing"];
  return [
    "would, in this order:",
    ...steps.map(({ say }) => `  + ${say}`),
    "",
    "nothing has been changed; `sharewright bootstrap --apply` does it",
  ];
}

/** Clients that lose the way in when `default` is closed; they come before everything else. */
function cutText({ terminal }: Context, { exposed, defaultClosed }: SeenSite): string[] {
  if (defaultClosed) return [];
  if (exposed.length === 0) return ["no connected client is in no nodemap: closing `default` shuts nobody out", ""];
  const heading = `closing \`default\` shuts out ${count(exposed.length, "connected client")} that no nodemap names:`;
  return [
    terminal.paint("red", heading),
    ...exposed.map((nid) => `  - ${nid}`),
    "what they have mounted stays usable until they unmount, as the squashed user of `default`; they cannot mount again",
    "",
  ];
}

function unverified({ quota }: SeenSite): string[] {
  return quota.filter(({ verdict }) => verdict === "unknown").map(({ about, found }) => `${about}: ${found}`);
}

function notes(seen: SeenSite): string[] {
  return unverified(seen).map((text) => `not verified: ${text}`);
}

export default answering("bootstrap", bootstrap);
