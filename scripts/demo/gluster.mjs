// The life of a share on GlusterFS: on the real one where it is installed, else on stand-ins.
import { glusterSite, realGluster } from "./gluster-site.mjs";
import { check, heading, say, size, table } from "./text.mjs";

const cpu = "cpu.example.org";
const viz = "viz.example.org";
const friend = "friend.example.org";
const stranger = "stranger.example.org";

export function gluster({ standIns }) {
  const { version, why } = standIns ? { why: "not asked for" } : realGluster();
  return {
    title: "Shares on GlusterFS as code",
    what: version ? `real servers of ${version} on this machine` : `stand-ins of GlusterFS (no real one: ${why})`,
    // Longer than any demo: what is left of one that was killed ends by itself.
    sandbox: version ? ["--real-gluster", "--hours", "0.5"] : ["--gluster"],
    storageOf: (stage) => glusterSite(stage, { isReal: version !== undefined, commonNames: [cpu, viz, friend, stranger] }),
    acts: [create, grow, drift, withdraw, destroy],
  };
}

function create(stage, storage) {
  heading("1  A share that does not exist yet, on a volume of the pool (scripts/demo/gluster-stack.ts)");
  table(
    ["SHARE", "SIZE", "WHEN IT GOES", "ACCESS RULE", "COMMON NAME OF THE CERTIFICATE"],
    [
      ["genomics", "64 MiB", "destroy", "cpu", cpu],
      ["", "", "", "viz", viz],
    ],
  );
  storage.synth({ mebibytes: 64 });
  stage.deploy();
  stage.tell(["list"], [0]);
  const share = storage.share();
  say();
  say(`sharewright list --json tells what Terraform cannot know before: ${share.mountCommand}`);
  const seen = storage.showClients([
    ["a cpu node", cpu],
    ["the viz node", viz],
    ["a stranger with a certificate of the same CA", stranger],
  ]);
  check("both clients are let in and see 64 MiB, the stranger is refused", seen.join("; ") === "64 MiB; 64 MiB; refused");
  check("a second plan is empty", stage.plansNothing());
}

function grow(stage, storage) {
  heading("2  genomics grows from 64 MiB to 128 MiB: one word in the code");
  storage.mountAs(cpu, { write: ["run-1.bam", 48], keep: "cpu-1" });
  storage.mountAs(viz, { keep: "viz-1" });
  const tooMuch = storage.mountAs(cpu, { write: ["run-2.bam", 48] });
  check(`with 48 MiB in it, 48 MiB more do not fit into 64 MiB: ${tooMuch.writeError}`, tooMuch.writeError !== "");
  storage.mountAs(cpu, { write: ["run-2.bam", 0] });
  storage.synth({ mebibytes: 128 });
  const changes = stage.deploy();
  check(
    "nothing but the applied resource was replaced; the claims, which own the data, were not touched",
    changes.length === 1 && !changes[0].address.includes("claims"),
  );
  const now = storage.mountAs(cpu, { write: ["run-2.bam", 48] });
  check(`now they do, and a client sees ${size(now.limitKib)}`, now.writeError === "" && now.limitKib === 128 * 1024);
  check("both clients stayed mounted", storage.alive() === "cpu-1,viz-1");
}

function drift(stage, storage) {
  heading("3  Somebody lets a friend in by hand");
  const { volume } = storage.share();
  const names = storage.optionsOf(volume)["auth.ssl-allow"];
  storage.admin("volume", "set", volume, "auth.ssl-allow", `${names},${friend}`);
  say(`gluster volume set ${volume} auth.ssl-allow ...,${friend}`);
  check("the friend is in", storage.mountAs(friend).letIn);
  check("Terraform alone cannot see it: its plan is empty", stage.plansNothing());
  const found = stage.tell(["plan"], [9]);
  const [, address] = /apply -replace='?([^\s']+)/.exec(found) ?? [];
  check("sharewright plan names it, and the line that mends it through Terraform", address !== undefined);
  if (address) stage.deploy(`-replace=${address}`);
  check("the friend is refused", !storage.mountAs(friend).letIn);
  check("both clients stayed mounted", storage.alive() === "cpu-1,viz-1");
  stage.tell(["status"], [0]);
}

function withdraw(stage, storage) {
  heading("4  The access rule viz is deleted from the code");
  storage.synth({ mebibytes: 128, withViz: false });
  stage.deploy();
  check("the viz node is cut off at once, the cpu node is not", storage.alive() === "cpu-1");
  check("a new mount of the viz node is refused", !storage.mountAs(viz).letIn);
}

function destroy(stage, storage) {
  heading("5  genomics is deleted from the code; its removal policy is destroy");
  const { volume } = storage.share();
  storage.synth({ withShare: false });
  stage.deploy();
  check("the cpu node is cut off", storage.alive() === "");
  check(`its data is gone: the bricks of ${volume} hold no file`, storage.filesOf(volume).length === 0);
  check("the volume has the options that it had, and is free again", storage.isAsBefore(volume));
  stage.tell(["list"], [0]);
}
