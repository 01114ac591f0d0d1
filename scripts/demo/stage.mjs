// What the acts of the demo play on: a temporary folder with a sandbox, the synthesized stack, and Terraform.
import { spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { fileURLToPath } from "node:url";
import { require as requireTypeScript } from "tsx/cjs/api";
import { command, say, table } from "./text.mjs";

const root = fileURLToPath(new URL("../..", import.meta.url));
const bundle = join(root, "dist/sharewright.cjs");

/** A module of this folder that is TypeScript. */
export const load = (name) => requireTypeScript(`./${name}`, fileURLToPath(import.meta.url));

/** A program failed that must not: the demo ends. */
export class Stopped extends Error {}

/** `sandbox`: options of `sandbox start`. */
export function makeStage({ terraform, carrier, providerEnv, keep, sandbox: options = [] }) {
  const work = mkdtempSync(join(tmpdir(), "sharewright-demo-"));
  const sandbox = join(work, "sandbox");
  const outdir = join(work, "cdktf.out");
  const stackDir = join(outdir, "stacks/demo");
  let env = { ...process.env, ...providerEnv, CHECKPOINT_DISABLE: "1", TF_IN_AUTOMATION: "1", TF_INPUT: "0" };
  // Every hook would read and parse the certificates, and needs none.
  env.NODE_EXTRA_CA_CERTS = "";

  process.on("exit", () => {
    if (keep) return;
    // Ends servers, where there are any.
    if (existsSync(sandbox)) spawnSync(process.execPath, [bundle, "sandbox", "stop", "--dir", sandbox], { timeout: 60_000 });
    rmSync(work, { recursive: true, force: true });
  });

  function run(file, args, { cwd = stackDir, allow = [0] } = {}) {
    const result = spawnSync(file, args, { cwd, env, encoding: "utf8", maxBuffer: 1 << 26 });
    if (allow.includes(result.status)) return result;
    throw new Stopped(`${file} ${args.join(" ")}: exit ${result.status ?? result.signal}\n${result.stdout}${result.stderr}`);
  }

  const sharewright = (args, options) => run(process.execPath, [bundle, ...args], { cwd: work, ...options });
  const tf = (...args) => run(terraform.command, args).stdout;

  const { stdout: started } = sharewright(["sandbox", "start", "--resident", "--hours", "1", "--dir", sandbox, ...options]);
  env = { ...env, ...JSON.parse(sharewright(["sandbox", "env", "--dir", sandbox, "--json"]).stdout) };

  return {
    work,
    sandbox,
    stackDir,
    outdir,
    carrier,
    env,
    keep,
    /** What `sandbox start` said. */
    started,
    output: (name) => JSON.parse(tf("output", "-json"))[name]?.value,
    /** What a command of the sandbox says, whatever mount or write ended with. */
    sandboxJson: (...args) => JSON.parse(sharewright(["sandbox", ...args, "--json"], { allow: [0, 1, 2, 13, 30, 122] }).stdout),
    /** A command of the storage, as an administrator types it. */
    storage: (path, ...words) => run(path, words, { cwd: work }).stdout,
    /** A command of sharewright on the synthesized stack, as a document. */
    document: (...args) => JSON.parse(sharewright([...args, "--json", stackDir]).stdout),
    /** A command of sharewright on the synthesized stack; its words are the story. */
    tell(args, allow) {
      command(`sharewright ${args.join(" ")}`);
      const { status: exitCode, stdout } = sharewright([...args, stackDir], { allow });
      say(stdout.replaceAll(stackDir, "cdktf.out/stacks/demo").trimEnd());
      say(`(exit ${exitCode})`);
      return stdout;
    },
    /** Makes a version of the code into what Terraform reads: `synthesize` of a module of this folder. */
    synthesize(name, version) {
      load(name).synthesize(version);
      if (!existsSync(join(stackDir, ".terraform"))) tf("init", "-no-color");
    },
    /** Plans, shows the plan, applies it, shows what the hooks said. Returns the changes. */
    deploy(...planArgs) {
      command([basename(terraform.command), "apply", ...planArgs].join(" "));
      tf("plan", "-no-color", "-out=tfplan", ...planArgs);
      const plan = JSON.parse(tf("show", "-json", "tfplan"));
      const changes = plan.resource_changes.filter(({ change }) => change.actions.join() !== "no-op");
      table(["TERRAFORM PLANS", "ACTION", "BECAUSE"], changes.map(planRow));
      const since = performance.now();
      const said = tf("apply", "-no-color", "tfplan");
      for (const [, line] of said.matchAll(/\(local-exec\): ((?:lustre|gluster)\.\S+ .*)/g)) say(line);
      say(`applied in ${((performance.now() - since) / 1000).toFixed(0)} s`);
      return changes;
    },
    plansNothing: () => run(terraform.command, ["plan", "-no-color", "-detailed-exitcode"], { allow: [0, 2] }).status === 0,
  };
}

const triggersOf = (value) => value?.triggers ?? value?.triggers_replace ?? {};

function planRow({ address, change: { actions, before, after } }) {
  const name = address.slice(address.indexOf(".") + 1);
  if (actions.length === 1) return [name, actions[0], ""];
  const [old, now] = [triggersOf(before), triggersOf(after)];
  const changed = Object.keys(now).filter((key) => old[key] !== now[key]);
  return [name, "replace", changed.map((key) => `${key} = "${old[key]}" -> "${now[key]}"`).join(", ") || "asked for"];
}
