// Whether the tools that we run are there. A tool that is missing is known by exit 127 alone, whatever it would have answered.
import type { Check } from "../../core/check";
import type { Host, Role } from "../../core/host";
import type { Site } from "./site";

const clientTools = [
  "lfs",
  "lctl",
  "flock",
  "tee",
  "cat",
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
  "touch",
  "df",
] as const;

/** Tools that run on the host of a role. */
export function toolsOf(role: Role): readonly string[] {
  switch (role) {
    case "client":
      return clientTools;
    case "mgs":
      return ["lctl", "flock", "tee", "cat", "mkdir"];
    case "mds":
      return ["lfs", "lctl", "flock", "tee", "cat", "find", "mkdir"];
    case "server":
      return ["lctl"];
  }
}

/** The hosts of a site on which tools are looked for: where the MDS is the client's host, its tools are the client's. */
export function toolHosts({ client, mds, mgs, servers }: Site): Host[] {
  return [client, mgs, ...(mds.transport === client.transport ? [] : [mds]), ...servers];
}

/** In one round trip. */
export async function checkTools(host: Host): Promise<Check> {
  const tools = toolsOf(host.role);
  const looks = tools.map((tool) => ({ argv: [tool, "--version"] as const, timeoutMs: 10_000 }));
  const results = await host.transport.runAll(looks, { as: "looks" });
  const common = { id: `tools-${host.role}`, about: `tools of the ${host.role}` };
  // No answer at all says nothing about the tool.
  const lost = results.find((result) => !result || (result.exitCode === null && !result.timedOut && !result.tooLong));
  if (lost) return { ...common, verdict: "unknown", found: lost.stderr.trim() || "the connection was lost" };
  const missing = tools.filter((_, index) => results[index]?.exitCode === 127);
  return missing.length === 0
    ? { ...common, verdict: "good", found: `${tools.length} found` }
    : {
        ...common,
        verdict: "bad",
        found: `missing: ${missing.join(", ")}`,
        fix: "install the Lustre client tools and coreutils there, or add their directory to the connection's path",
      };
}
