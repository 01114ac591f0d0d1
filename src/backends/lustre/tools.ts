// Whether the tools that we run are there. A tool that is missing is known by exit 127 alone, whatever it would have answered.
import type { Host } from "../../core/host";
import type { Check } from "./preflight";
import type { Site } from "./site";

const clientTools = [
  "lfs",
  "lctl",
  "flock",
  "stat",
  "find",
  "findmnt",
  "mkdir",
  "mv",
  "ln",
  "dd",
  "chown",
  "chmod",
  "rm",
  "rmdir",
  "df",
] as const;
const mgsTools = ["lctl", "flock"] as const;

export async function checkTools(site: Site): Promise<Check[]> {
  return [await checkHost(site.client, clientTools), await checkHost(site.mgs, mgsTools)];
}

async function checkHost(host: Host, tools: readonly string[]): Promise<Check> {
  const missing: string[] = [];
  for (const tool of tools) {
    const { exitCode } = await host.transport.run({ argv: [tool, "--version"], timeoutMs: 10_000 });
    if (exitCode === 127) missing.push(tool);
  }
  const common = { id: `tools-${host.role}`, about: `tools of the ${host.role}` };
  return missing.length === 0
    ? { ...common, verdict: "good", found: `${tools.length} found` }
    : {
        ...common,
        verdict: "bad",
        found: `missing: ${missing.join(", ")}`,
        fix: "install the Lustre client tools and coreutils there, or add their directory to the connection's path",
      };
}
