// Terraform's state of a stack: pulled by Terraform itself, so that it does not matter where it is kept.
import { existsSync } from "node:fs";
import { join } from "node:path";
import { type Command, type Result, succeeded } from "../core/command";
import { fault } from "../core/errors";
import { quote } from "../core/quote";
import { defined } from "../spec/defined";
import { stackResource } from "../spec/request";
import { localTransport } from "../transports/local";
import { triggerArguments } from "./stack-config";

export interface StateInstance {
  /** Of `for_each`. */
  key?: string;
  id: string;
  triggers: Record<string, string>;
  /** Its last apply failed. */
  tainted: boolean;
}

export interface StackState {
  instances(type: string, name: string): StateInstance[];
  /** Blocks that carry claims, by the form of their triggers. */
  claimBlocks(): { name: string; address: string; keys: string[] }[];
  /** The random id of the stack. */
  stackId: string | undefined;
  /** The binary that read it, and that people are to call: terraform or tofu. */
  binary: string;
  notes: string[];
}

interface StateResource {
  mode: string;
  type: string;
  name: string;
  instances: { index_key?: string; status?: string; attributes?: Record<string, unknown> }[];
}

/** @param shown the directory as people are told it */
export async function readState(directory: string, environment: NodeJS.ProcessEnv, shown: string): Promise<StackState> {
  if (!existsSync(join(directory, ".terraform"))) {
    const note =
      "Terraform has not been initialised in this stack (`terraform init`), so no state was read: every object counts as not applied yet";
    return parseState("", [note], terraformBinaries(environment)[0]);
  }
  const { binary, result } = await pull(directory, environment, shown);
  const notes = result.stdout.trim() === "" ? ["there is no Terraform state: nothing of this stack has been applied yet"] : [];
  return parseState(result.stdout, notes, binary);
}

/** The binary that people use here: what TERRAFORM_BINARY_NAME says, else terraform, else tofu. */
export function terraformBinaries(environment: NodeJS.ProcessEnv): string[] {
  const named = environment["TERRAFORM_BINARY_NAME"];
  return named ? [named] : ["terraform", "tofu"];
}

async function pull(
  directory: string,
  environment: NodeJS.ProcessEnv,
  shown: string,
): Promise<{ binary: string; result: Result }> {
  const transport = localTransport({ environment: { ...environment, CHECKPOINT_DISABLE: "1" } });
  for (const binary of terraformBinaries(environment)) {
    const command: Command = { argv: [binary, `-chdir=${directory}`, "state", "pull", "-no-color"], timeoutMs: 120_000 };
    const result = await transport.run(command);
    if (result.exitCode === 127) continue;
    if (succeeded(result)) return { binary, result };
    throw fault(result.timedOut ? "DEADLINE" : "COMMAND_FAILED", {
      summary: "the state of the stack cannot be read",
      command: command.argv,
      said: diagnosisOf(result.stderr),
      fix: `see what it said; \`${quote([binary, `-chdir=${shown}`, "init"])}\` prepares the folder`,
    });
  }
  throw fault("TOOL_MISSING", {
    summary: `none of ${terraformBinaries(environment).join(", ")} is on the PATH`,
    fix: "install Terraform or OpenTofu, or name it in TERRAFORM_BINARY_NAME",
  });
}

/** What Terraform says is wrong, without its frame and the warnings before it. */
function diagnosisOf(stderr: string): string {
  const lines = stderr.split("\n").map((line) => line.replace(/^[╷│╵] ?/u, ""));
  const first = lines.findIndex((line) => line.startsWith("Error:"));
  return lines.slice(Math.max(0, first)).join("\n").trim();
}

/** Pure. Version 4 of the state format, which Terraform since 0.12 and OpenTofu write. */
export function parseState(text: string, notes: string[] = [], binary = "terraform"): StackState {
  const resources = text.trim() === "" ? [] : resourcesOf(text);
  const named = (type: string, name: string) =>
    resources.filter((resource) => resource.type === type && resource.name === name).flatMap(instancesOf);
  return {
    binary,
    notes,
    instances(type, name) {
      const found = named(type, name);
      // A stack whose carrier is being switched still has its objects under the old address: a `moved` block takes them along.
      return found.length > 0 || type !== "terraform_data" ? found : named("null_resource", name);
    },
    stackId: Object.keys(triggerArguments).flatMap((type) => named(type, stackResource))[0]?.id,
    claimBlocks: () =>
      resources
        .map((resource) => ({
          name: resource.name,
          address: `${resource.type}.${resource.name}`,
          claims: instancesOf(resource).filter(isClaim),
        }))
        .filter(({ claims }) => claims.length > 0)
        .map(({ name, address, claims }) => ({ name, address, keys: claims.map(({ key = "" }) => key) })),
  };
}

function resourcesOf(text: string): StateResource[] {
  const state = JSON.parse(text) as { version?: number; resources?: StateResource[] };
  if (state.version !== 4)
    throw fault("VERSION", {
      summary: `the state has format ${state.version}, not 4`,
      fix: "use a Terraform or OpenTofu that sharewright knows",
    });
  return (state.resources ?? []).filter(({ mode, type }) => mode === "managed" && type in triggerArguments);
}

function instancesOf({ type, instances }: StateResource): StateInstance[] {
  return instances.map(({ index_key, status, attributes = {} }) => ({
    ...defined({ key: index_key }),
    id: String(attributes["id"] ?? ""),
    triggers: triggersOf(attributes[triggerArguments[type] ?? ""]),
    tainted: status === "tainted",
  }));
}

/** `terraform_data` keeps a value of any type together with its type. */
function triggersOf(value: unknown): Record<string, string> {
  if (typeof value !== "object" || value === null) return {};
  if ("value" in value && "type" in value && Array.isArray(value.type)) return triggersOf(value.value);
  return value as Record<string, string>;
}

/** The one trigger of a claim is its own key. */
function isClaim({ key, triggers }: StateInstance): boolean {
  const [name = "", ...others] = Object.keys(triggers);
  return others.length === 0 && ["share", "rule", "snapshot"].includes(name) && triggers[name] === key;
}
