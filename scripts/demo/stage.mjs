// What the acts of the demo play on: a temporary folder with a sandbox, the synthesized stack, Terraform, and looks at the storage.
import { spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { fileURLToPath } from "node:url";
import { command, say, size, table } from "./text.mjs";

const root = fileURLToPath(new URL("../..", import.meta.url));
const bundle = join(root, "dist/sharewright.cjs");

/** A program failed that must not: the demo ends. */
export class Stopped extends Error {}

export function makeStage({ terraform, carrier, providerEnv, keep }) {
  const work = mkdtempSync(join(tmpdir(), "sharewright-demo-"));
  const sandbox = join(work, "sandbox");
  const outdir = join(work, "cdktf.out");
  const stackDir = join(outdir, "stacks/demo");
  let env = { ...process.env, ...providerEnv, CHECKPOINT_DISABLE: "1", TF_IN_AUTOMATION: "1", TF_INPUT: "0" };
  process.on("exit", () => keep || rmSync(work, { recursive: true, force: true }));

  function run(file, args, { cwd = stackDir, allow = [0] } = {}) {
    const result = spawnSync(file, args, { cwd, env, encoding: "utf8", maxBuffer: 1 << 26 });
    if (allow.includes(result.status)) return result;
    throw new Stopped(`${file} ${args.join(" ")}: exit ${result.status ?? result.signal}\n${result.stdout}${result.stderr}`);
  }

  const sharewright = (args, options) => run(process.execPath, [bundle, ...args], { cwd: work, ...options });
  const tf = (...args) => run(terraform.command, args).stdout;
  const sandboxJson = (...args) =>
    JSON.parse(sharewright(["sandbox", ...args, "--json"], { allow: [0, 1, 2, 13, 30, 122] }).stdout);
  const status = () => sandboxJson("status");

  sharewright(["sandbox", "start", "--dir", sandbox]);
  env = { ...env, ...JSON.parse(sharewright(["sandbox", "env", "--dir", sandbox, "--json"]).stdout) };
  const mountPoint = env.SHAREWRIGHT_SANDBOX_MOUNT;

  return {
    work,
    sandbox,
    stackDir,
    mountPoint,
    share: (name) => status().shares.find(({ path }) => path === `/shares/${name}`),
    nodemaps: () => status().nodemaps.filter(({ name }) => name.startsWith("sw_")),
    output: (name) => JSON.parse(tf("output", "-json"))[name]?.value,
    /** What a client with that NID gets when it mounts. */
    mountAs: (nid, location, ...more) => sandboxJson("mount-as", nid, location, ...more),
    /** A command of the storage, as an administrator types it. */
    lustre: (...argv) => run(join(sandbox, "bin", argv[0]), argv.slice(1), { cwd: work }).stdout,
    /** A command of sharewright on the synthesized stack; its words are the story. */
    tell(args, allow) {
      command(`sharewright ${args.join(" ")}`);
      const { status: exitCode, stdout } = sharewright([...args, stackDir], { allow });
      say(stdout.replaceAll(stackDir, "cdktf.out/stacks/demo").trimEnd());
      say(`(exit ${exitCode})`);
      return stdout;
    },
    synth({ genomicsTib, withClimate = true }) {
      const script = join(root, "scripts/demo/stack.ts");
      const code = [outdir, carrier, mountPoint, String(genomicsTib), String(withClimate)];
      run(process.execPath, ["--import", "tsx", script, ...code], { cwd: root });
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
      for (const [, line] of said.matchAll(/\(local-exec\): (lustre\.\S+ .*)/g)) say(line);
      say(`applied in ${((performance.now() - since) / 1000).toFixed(0)} s`);
      return changes;
    },
    plansNothing: () => run(terraform.command, ["plan", "-no-color", "-detailed-exitcode"], { allow: [0, 2] }).status === 0,
    showStorage() {
      table(["ON THE STORAGE", "PROJECT", "LIMIT", "USED", "OWNER", "MODE"], status().shares.map(shareRow));
      const nodemaps = this.nodemaps().map(nodemapRow);
      table(["NODEMAP", "CLIENTS", "SEES", "LEVEL", "THEIR ROOT IS"], nodemaps);
    },
    showClients(clients) {
      const rows = clients.map(([who, nid, location]) => {
        const seen = this.mountAs(nid, location);
        return [who, nid, location, seen.exit === 0 ? `${seen.root}, ${seen.access}` : "refused"];
      });
      table(["CLIENT", "NID", "MOUNTS", "AND SEES"], rows);
      return rows.map((row) => row[3]);
    },
  };
}

const shareRow = ({ path, projectId, limitKib, usedKib, owner, mode }) => [
  path,
  projectId,
  limitKib === 0 ? "none" : size(limitKib),
  size(usedKib),
  owner,
  mode,
];

const nodemapRow = ({ name, ranges, filesets, level, admin }) => [
  name,
  ranges.join(" "),
  filesets.map(({ path }) => path).join(" "),
  level,
  admin ? "root" : "nobody",
];

const triggersOf = (value) => value?.triggers ?? value?.triggers_replace ?? {};

function planRow({ address, change: { actions, before, after } }) {
  const name = address.slice(address.indexOf(".") + 1);
  if (actions.length === 1) return [name, actions[0], ""];
  const [old, now] = [triggersOf(before), triggersOf(after)];
  const changed = Object.keys(now).filter((key) => old[key] !== now[key]);
  return [name, "replace", changed.map((key) => `${key} = "${old[key]}" -> "${now[key]}"`).join(", ") || "asked for"];
}
