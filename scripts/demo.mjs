// `npm run demo`: the life of two shares, on a sandbox and with the real Terraform or OpenTofu. What it claims is checked: a claim that
// does not hold makes the exit code 1. `--keep` leaves everything there to be looked at.
import { existsSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { makeStage, Stopped } from "./demo/stage.mjs";
import { heading, say, size, table } from "./demo/text.mjs";
import { findNullProvider } from "./null-provider.mjs";
import { terraformBinary } from "./terraform.mjs";

// Where hashicorp/null would have to be built first, the demo does not wait longer for it.
const providerDeadlineMs = 60_000;
const started = performance.now();
const keep = process.argv.includes("--keep");
const broken = [];

function check(claim, holds) {
  say(`${holds ? "yes" : "NO "}  ${claim}`);
  if (!holds) broken.push(claim);
}

function create(stage) {
  heading("1  Two shares that do not exist yet (examples/lustre-share/stack.ts)");
  table(
    ["SHARE", "SIZE", "WHEN IT GOES", "ACCESS RULE", "CLIENTS", "LEVEL"],
    [
      ["genomics", "10 TiB", "retain", "cpu", "10.1.0.0/24", "rw"],
      ["climate", "5 TiB", "destroy", "gpu", "10.2.0.0/24", "rw"],
      ["", "", "", "viz", "10.3.0.7", "ro"],
    ],
  );
  stage.synth({ genomicsTib: 10 });
  stage.deploy();
  stage.showStorage();
  const [genomics, climate] = [stage.output("genomics-export"), stage.output("climate-export")];
  const seen = stage.showClients([
    ["a cpu node", "10.1.0.5@tcp", genomics],
    ["a gpu node", "10.2.0.5@tcp", climate],
    ["the viz node", "10.3.0.7@tcp", climate],
    ["a gpu node", "10.2.0.5@tcp", genomics],
    ["a stranger", "10.9.9.9@tcp", genomics],
  ]);
  check(
    "every client sees its own share and no other",
    seen.join("; ") === "/shares/genomics, rw; /shares/climate, rw; /shares/climate, ro; refused; refused",
  );
  check("a second plan is empty", stage.plansNothing());
}

function grow(stage) {
  heading("2  genomics grows from 10 TiB to 20 TiB: one word in the code");
  const directory = join(stage.mountPoint, "shares/genomics");
  stage.mountAs("10.1.0.5@tcp", stage.output("genomics-export"), "--write", "run-1.bam:3G", "--uid", "1000");
  const before = statSync(directory);
  stage.synth({ genomicsTib: 20 });
  const changes = stage.deploy();
  const { limitKib, usedKib } = stage.share("genomics");
  check(
    "nothing but the applied resource was replaced; the claims, which own the data, were not touched",
    changes.length === 1 && !changes[0].address.includes("claims"),
  );
  check(`the limit is ${size(limitKib)}`, limitKib === 20 * 2 ** 30);
  check(
    `it is the same directory, with the same ${size(usedKib)} in it`,
    statSync(directory).ino === before.ino && existsSync(join(directory, "run-1.bam")),
  );
}

function drift(stage) {
  heading("3  Somebody lowers the limit by hand");
  const { projectId } = stage.share("genomics");
  stage.lustre("lfs", "setquota", "-p", String(projectId), "-B", "7T", stage.mountPoint);
  say(`lfs setquota -p ${projectId} -B 7T: the limit is ${size(stage.share("genomics").limitKib)} now.`);
  check("Terraform alone cannot see it: its plan is empty", stage.plansNothing());
  const found = stage.tell(["plan"], [9]);
  const [, address] = /apply -replace='?([^\s']+)/.exec(found) ?? [];
  check("sharewright plan names it, and the line that mends it through Terraform", address !== undefined);
  if (address) stage.deploy(`-replace=${address}`);
  check(`the limit is ${size(stage.share("genomics").limitKib)} again`, stage.share("genomics").limitKib === 20 * 2 ** 30);
  stage.tell(["status"], [0]);
}

function remove(stage) {
  heading("4  climate is deleted from the code; its removal policy is destroy");
  const directory = join(stage.mountPoint, "shares/climate");
  const [before, location] = [stage.share("climate"), stage.output("climate-export")];
  stage.synth({ genomicsTib: 20, withClimate: false });
  stage.deploy();
  const limit = stage.lustre("lfs", "quota", "-q", "-p", String(before.projectId), stage.mountPoint).trim().split(/\s+/)[3];
  check(`the directory ${before.path} is gone`, !existsSync(directory));
  check(`project ${before.projectId} has no limit any more`, limit === "0");
  check(
    "its nodemaps are gone",
    stage.nodemaps().every(({ filesets }) => filesets.every(({ path }) => path !== before.path)),
  );
  check("a gpu node is refused", stage.mountAs("10.2.0.5@tcp", location).exit !== 0);
  check("genomics is as it was", stage.share("genomics").limitKib === 20 * 2 ** 30);
}

function destroy(stage) {
  heading("5  terraform destroy; the removal policy of genomics is retain");
  const [{ path, limitKib }, location] = [stage.share("genomics"), stage.output("genomics-export")];
  stage.deploy("-destroy");
  check("nobody can mount it any more", stage.nodemaps().length === 0 && stage.mountAs("10.1.0.5@tcp", location).exit !== 0);
  check(
    `its data is kept, and its limit with it`,
    existsSync(join(stage.mountPoint, path, "run-1.bam")) && stage.share("genomics").limitKib === limitKib,
  );
}

function farewell(stage, provider) {
  const { version } = JSON.parse(readFileSync(new URL("../package.json", import.meta.url), "utf8"));
  heading(keep ? "Left running" : "Nothing is left behind");
  if (keep) {
    say(`the sandbox         eval "$(node dist/sharewright.cjs sandbox env --dir ${stage.sandbox})"`);
    say(`the stack           ${stage.stackDir}`);
    for (const [name, value] of Object.entries(provider.env)) say(`for Terraform       export ${name}=${value}`);
    say(`to end it           rm -r ${stage.work}`);
  }
  say(`sharewright ${version}, ${((performance.now() - started) / 1000).toFixed(0)} s`);
  if (broken.length > 0) say(`${broken.length} of the claims above did not hold`);
}

const terraform = terraformBinary();
if (!terraform) {
  console.error("The demo needs Terraform or OpenTofu on the PATH, or TERRAFORM_BINARY_NAME.");
  process.exit(8);
}
for (const signal of ["SIGINT", "SIGTERM"]) process.on(signal, () => process.exit(130));

try {
  const provider = await findNullProvider({ deadlineMs: providerDeadlineMs });
  const carrier = provider.available ? "null_resource" : "terraform_data";
  const stage = makeStage({ terraform, carrier, providerEnv: provider.env, keep });
  heading("Shares on Lustre as code, without a Lustre");
  say(`${terraform.name} ${terraform.version} on a sandbox that answers as Lustre 2.17 does, in a temporary folder.`);
  say(provider.available ? `Carrier: ${provider.how}.` : `Carrier: terraform_data, because ${provider.how}.`);
  for (const act of [create, grow, drift, remove, destroy, farewell]) act(stage, provider);
  process.exitCode = broken.length === 0 ? 0 : 1;
} catch (error) {
  if (!(error instanceof Stopped)) throw error;
  console.error(error.message);
  process.exitCode = 1;
}
