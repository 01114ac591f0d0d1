// Makes hashicorp/null available to Terraform for tests and demo: from wherever `terraform init` gets it, else built from the Go module
// proxy. Either way it is kept in a filesystem mirror, which any number of processes may read at once and which needs no network.
import { spawn, spawnSync } from "node:child_process";
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { terraformBinary } from "./terraform.mjs";

const root = fileURLToPath(new URL("..", import.meta.url));
const cache = join(root, ".cache");
const mirror = join(cache, "terraform-mirror");
// The version that the constructs ask for, whatever is filed under it.
const { version } = JSON.parse(readFileSync(join(root, "node_modules/@cdktf/provider-null/package.json"), "utf8")).cdktf.provider;

let answer;

/** Idempotent, safe under concurrent use, the search is done once. `deadlineMs` bounds the search, not what was found before. */
export function findNullProvider({ deadlineMs = 300_000 } = {}) {
  answer ??= find(Date.now() + deadlineMs);
  return answer;
}

async function find(deadline) {
  const binary = terraformBinary();
  if (!binary) return { available: false, how: "neither terraform nor tofu is installed", env: {} };
  try {
    const machine = { ...binary, registry: registryOf(binary.command) };
    const slot = slotOf(machine);
    if (!existsSync(slot.origin)) await locked(deadline, () => existsSync(slot.origin) || fill(machine, slot, deadline));
    // This folder may have been moved since: the configuration names the mirror by its whole path.
    if (readFileSync(slot.config, "utf8") !== cliConfig(machine.registry)) writeConfig(slot, machine.registry);
    return { available: true, how: readFileSync(slot.origin, "utf8").trim(), env: { TF_CLI_CONFIG_FILE: slot.config } };
  } catch (error) {
    return { available: false, how: `hashicorp/null cannot be had: ${error.message}`, env: {} };
  }
}

/** The host that the binary means by a source without one: mirrors are laid out by it. */
function registryOf(command) {
  const folder = mkdtempSync(join(tmpdir(), "null-provider-"));
  try {
    writeFileSync(
      join(folder, "main.tf.json"),
      JSON.stringify({ terraform: { required_providers: { null: { source: "null" } } } }),
    );
    const told = spawnSync(command, ["providers", "-no-color"], { cwd: folder, encoding: "utf8", timeout: 60_000 });
    const registry = /provider\[([^/\]]+)\/hashicorp\/null\]/.exec(told.stdout)?.[1];
    if (!registry) throw new Error(`${command} providers: ${told.stderr || told.stdout}`);
    return registry;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function slotOf({ registry, platform }) {
  return {
    folder: join(mirror, registry, "hashicorp/null", version, platform),
    origin: join(mirror, `${registry}-${version}-${platform}.txt`),
    config: join(mirror, `${registry}.tfrc`),
  };
}

async function fill(binary, slot, deadline) {
  rmSync(slot.folder, { recursive: true, force: true });
  mkdirSync(join(slot.folder, ".."), { recursive: true });
  const work = mkdtempSync(join(tmpdir(), "null-provider-"));
  try {
    const made = join(work, "provider");
    const how = (await fromInit(binary, work, made, deadline)) ?? (await fromModuleProxy(work, made, deadline));
    // A copy beside its place, then a rename: the temporary folder may be on another file system.
    cpSync(made, `${slot.folder}.new`, { recursive: true, dereference: true });
    renameSync(`${slot.folder}.new`, slot.folder);
    writeConfig(slot, binary.registry);
    writeFileSync(slot.origin, `${how}\n`);
  } finally {
    rmSync(work, { recursive: true, force: true });
  }
}

/** Whole at once: others may be reading it. */
function writeConfig({ config }, registry) {
  const temporary = `${config}.${process.pid}`;
  writeFileSync(temporary, cliConfig(registry));
  renameSync(temporary, config);
}

/** As `terraform init` finds it on this machine: the registry, or a mirror of the user. */
async function fromInit({ command, registry, platform }, work, made, deadline) {
  const stack = {
    terraform: { required_providers: { null: { source: "null", version } } },
    resource: { null_resource: { probe: {} } },
  };
  writeFileSync(join(work, "main.tf.json"), JSON.stringify(stack));
  const limit = Math.min(60_000, deadline - Date.now());
  const { ok } = await run(command, ["init", "-input=false", "-no-color"], {
    cwd: work,
    env: { CHECKPOINT_DISABLE: "1" },
    limit,
  });
  if (!ok) return undefined;
  cpSync(join(work, ".terraform/providers", registry, "hashicorp/null", version, platform), made, {
    recursive: true,
    dereference: true,
  });
  return `hashicorp/null ${version}, as \`${command} init\` finds it`;
}

async function fromModuleProxy(work, made, deadline) {
  if (!(await run("go", ["version"], { limit: 10_000 })).ok)
    throw new Error("terraform init does not find it, and there is no Go to build it with");
  mkdirSync(made);
  const target = join(made, `terraform-provider-null_v${version}${process.platform === "win32" ? ".exe" : ""}`);
  const cwd = join(work, "source");
  cpSync(join(root, "scripts/null-provider"), cwd, { recursive: true });
  const env = { GOFLAGS: "", GOWORK: "off", CGO_ENABLED: "0" };
  const build = await run("go", ["build", "-trimpath", "-ldflags=-s -w", "-o", target, "."], {
    cwd,
    env,
    limit: deadline - Date.now(),
  });
  if (!build.ok) throw new Error(`terraform init does not find it, and go build ended with: ${build.said}`);
  return "null_resource by hashicorp/null 1.0.0, built from the Go module proxy";
}

function cliConfig(registry) {
  const include = `["${registry}/hashicorp/null"]`;
  return `provider_installation {\n  filesystem_mirror {\n    path    = ${JSON.stringify(mirror)}\n    include = ${include}\n  }\n  direct {\n    exclude = ${include}\n  }\n}\n`;
}

function run(command, args, { cwd = root, env = {}, limit }) {
  return new Promise((resolve) => {
    const child = spawn(command, args, {
      cwd,
      env: { ...process.env, ...env },
      stdio: ["ignore", "pipe", "pipe"],
      timeout: Math.max(limit, 1),
    });
    let said = "";
    const hear = (text) => {
      said = `${said}${text}`.slice(-2000);
    };
    child.stdout.on("data", hear);
    child.stderr.on("data", hear);
    child.on("error", (error) => resolve({ ok: false, said: error.message }));
    child.on("close", (code, signal) =>
      resolve({ ok: code === 0, said: signal ? `${signal} at the deadline` : said.trim().split("\n").at(-1) }),
    );
  });
}

/** A folder is the lock; one whose owner is gone is taken over. */
async function locked(deadline, work) {
  const folder = join(cache, "null-provider.lock");
  const owner = join(folder, "pid");
  mkdirSync(cache, { recursive: true });
  while (!take(folder, owner)) {
    if (Date.now() > deadline) throw new Error("another process is still making it");
    if (isAbandoned(folder, owner)) rmSync(folder, { recursive: true, force: true });
    else await sleep(200);
  }
  try {
    await work();
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function take(folder, owner) {
  try {
    mkdirSync(folder);
  } catch (error) {
    if (error.code === "EEXIST") return false;
    throw error;
  }
  writeFileSync(owner, String(process.pid));
  return true;
}

function isAbandoned(folder, owner) {
  try {
    if (!readdirSync(folder).includes("pid")) return Date.now() - statSync(folder).mtimeMs > 10_000;
    process.kill(Number(readFileSync(owner, "utf8")), 0);
    return false;
  } catch (error) {
    return error.code === "ESRCH";
  }
}
