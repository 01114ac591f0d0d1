// `npm run demo`: the life of shares, on a sandbox and with the real Terraform or OpenTofu; of GlusterFS with `npm run demo -- gluster`. What it
// claims is checked: a claim that does not hold makes the exit code 1. `--keep` leaves everything there to be looked at; `--stand-ins` takes no real
// GlusterFS where one is installed.
import { readFileSync } from "node:fs";
import { gluster } from "./demo/gluster.mjs";
import { lustre } from "./demo/lustre.mjs";
import { makeStage, Stopped } from "./demo/stage.mjs";
import { broken, heading, say } from "./demo/text.mjs";
import { findNullProvider } from "./null-provider.mjs";
import { terraformBinary } from "./terraform.mjs";

// Where hashicorp/null would have to be built first, the demo does not wait longer for it.
const providerDeadlineMs = 60_000;
const started = performance.now();
const stories = { lustre: () => lustre, gluster };
const options = ["--keep", "--stand-ins"];
const words = process.argv.slice(2).filter((word) => !options.includes(word));
const [keep, standIns] = options.map((option) => process.argv.includes(option));

function farewell(stage, provider) {
  const { version } = JSON.parse(readFileSync(new URL("../package.json", import.meta.url), "utf8"));
  heading(keep ? "Left running" : "Nothing is left behind");
  if (keep) {
    say(`the sandbox         eval "$(node dist/sharewright.cjs sandbox env --dir ${stage.sandbox})"`);
    say(`the stack           ${stage.stackDir}`);
    for (const [name, value] of Object.entries(provider.env)) say(`for Terraform       export ${name}=${value}`);
    say(`to end it           node dist/sharewright.cjs sandbox stop --dir ${stage.sandbox}; rm -r ${stage.work}`);
  }
  say(`sharewright ${version}, ${((performance.now() - started) / 1000).toFixed(0)} s`);
  if (broken.length > 0) say(`${broken.length} of the claims above did not hold`);
}

const [word = "lustre", ...more] = words;
if (!Object.hasOwn(stories, word) || more.length > 0) {
  console.error(`npm run demo [-- ${Object.keys(stories).join("|")}] [--keep] [--stand-ins]`);
  process.exit(2);
}
const terraform = terraformBinary();
if (!terraform) {
  console.error("The demo needs Terraform or OpenTofu on the PATH, or TERRAFORM_BINARY_NAME.");
  process.exit(8);
}
for (const signal of ["SIGINT", "SIGTERM"]) process.on(signal, () => process.exit(130));

try {
  const { title, what, sandbox, storageOf, acts } = stories[word]({ standIns });
  const provider = await findNullProvider({ deadlineMs: providerDeadlineMs });
  const carrier = provider.available ? "null_resource" : "terraform_data";
  heading(title);
  say(`${terraform.name} ${terraform.version} on ${what}, in a temporary folder.`);
  say(provider.available ? `Carrier: ${provider.how}.` : `Carrier: terraform_data, because ${provider.how}.`);
  const stage = makeStage({ terraform, carrier, providerEnv: provider.env, keep, sandbox });
  const storage = storageOf(stage);
  for (const act of acts) act(stage, storage);
  farewell(stage, provider);
  process.exitCode = broken.length === 0 ? 0 : 1;
} catch (error) {
  if (!(error instanceof Stopped)) throw error;
  console.error(error.message);
  process.exitCode = 1;
}
