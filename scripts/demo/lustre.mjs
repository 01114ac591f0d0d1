// The life of two shares on Lustre.
import { appendFileSync, existsSync, statSync } from "node:fs";
import { join } from "node:path";
import { check, heading, say, size, table } from "./text.mjs";

export const lustre = {
  title: "Shares on Lustre as code, without a Lustre",
  what: "a sandbox that answers as Lustre 2.17 does",
  sandbox: ["--bare"],
  storageOf,
  acts: [prepare, create, grow, drift, remove, destroy],
};

function storageOf(stage) {
  const mountPoint = stage.env.SHAREWRIGHT_SANDBOX_MOUNT;
  const status = () => stage.sandboxJson("status");
  return {
    mountPoint,
    share: (name) => status().shares.find(({ path }) => path === `/shares/${name}`),
    /** Of clients that access rules name. */
    nodemaps: () => status().nodemaps.filter(({ name }) => /^sw_[a-z2-7]{12}$/.test(name)),
    /** What a client with that NID gets when it mounts. */
    mountAs: (nid, location, ...more) => stage.sandboxJson("mount-as", nid, location, ...more),
    admin: (tool, ...words) => stage.storage(join(stage.sandbox, "bin", tool), ...words),
    synth: ({ genomicsTib, withClimate = true }) =>
      stage.synthesize("lustre-stack.ts", {
        outdir: stage.outdir,
        carrier: stage.carrier,
        mountPoint,
        genomicsTib,
        withClimate,
      }),
    show() {
      table(["ON THE STORAGE", "PROJECT", "LIMIT", "USED", "OWNER", "MODE"], status().shares.map(shareRow));
      table(["NODEMAP", "CLIENTS", "SEES", "LEVEL", "THEIR ROOT IS"], this.nodemaps().map(nodemapRow));
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

function prepare(stage, storage) {
  heading("0  A file system that nobody has prepared yet");
  storage.synth({ genomicsTib: 10 });
  const stranger = () => storage.mountAs("10.9.9.9@tcp", "10.0.0.1@tcp:/scratch");
  check("a stranger sees everything", stranger().root === "/");
  stage.tell(["bootstrap"], [9]);
  stage.tell(["bootstrap", "--apply"], [0]);
  check("a stranger is refused", stranger().exit !== 0);
  const server = storage.mountAs("10.0.0.1@tcp", "10.0.0.1@tcp:/scratch");
  check("the server itself sees everything, to write", server.root === "/" && server.access === "rw");
  // Lustre's MDS serves users that it knows: the shares' owners have accounts there.
  appendFileSync(join(stage.sandbox, "etc/passwd"), "bio:x:1000:1000::/:/bin/sh\nsky:x:2000:2000::/:/bin/sh\n");
}

function create(stage, storage) {
  heading("1  Two shares that do not exist yet (examples/lustre-share/stack.ts)");
  table(
    ["SHARE", "SIZE", "WHEN IT GOES", "ACCESS RULE", "CLIENTS", "LEVEL"],
    [
      ["genomics", "10 TiB", "retain", "cpu", "10.1.0.0/24", "rw"],
      ["climate", "5 TiB", "destroy", "gpu", "10.2.0.0/24", "rw"],
      ["", "", "", "viz", "10.3.0.7", "ro"],
    ],
  );
  stage.deploy();
  storage.show();
  const [genomics, climate] = [stage.output("genomics-export"), stage.output("climate-export")];
  const seen = storage.showClients([
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

function grow(stage, storage) {
  heading("2  genomics grows from 10 TiB to 20 TiB: one word in the code");
  const directory = join(storage.mountPoint, "shares/genomics");
  const location = stage.output("genomics-export");
  const { write } = storage.mountAs("10.1.0.5@tcp", location, "--write", "run-1.bam:3G", "--uid", "1000");
  check("a cpu node writes 3 GiB", write?.errno === 0);
  const before = statSync(directory);
  storage.synth({ genomicsTib: 20 });
  const changes = stage.deploy();
  const { limitKib, usedKib } = storage.share("genomics");
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

function drift(stage, storage) {
  heading("3  Somebody lowers the limit by hand");
  const { projectId } = storage.share("genomics");
  storage.admin("lfs", "setquota", "-p", String(projectId), "-B", "7T", storage.mountPoint);
  say(`lfs setquota -p ${projectId} -B 7T: the limit is ${size(storage.share("genomics").limitKib)} now.`);
  check("Terraform alone cannot see it: its plan is empty", stage.plansNothing());
  const found = stage.tell(["plan"], [9]);
  const [, address] = /apply -replace='?([^\s']+)/.exec(found) ?? [];
  check("sharewright plan names it, and the line that mends it through Terraform", address !== undefined);
  if (address) stage.deploy(`-replace=${address}`);
  check(`the limit is ${size(storage.share("genomics").limitKib)} again`, storage.share("genomics").limitKib === 20 * 2 ** 30);
  stage.tell(["status"], [0]);
}

function remove(stage, storage) {
  heading("4  climate is deleted from the code; its removal policy is destroy");
  const directory = join(storage.mountPoint, "shares/climate");
  const [before, location] = [storage.share("climate"), stage.output("climate-export")];
  storage.synth({ genomicsTib: 20, withClimate: false });
  stage.deploy();
  const quota = storage.admin("lfs", "quota", "-q", "-p", String(before.projectId), storage.mountPoint);
  check(`the directory ${before.path} is gone`, !existsSync(directory));
  check(`project ${before.projectId} has no limit any more`, quota.trim().split(/\s+/)[3] === "0");
  check(
    "its nodemaps are gone",
    storage.nodemaps().every(({ filesets }) => filesets.every(({ path }) => path !== before.path)),
  );
  check("a gpu node is refused", storage.mountAs("10.2.0.5@tcp", location).exit !== 0);
  check("genomics is as it was", storage.share("genomics").limitKib === 20 * 2 ** 30);
}

function destroy(stage, storage) {
  heading("5  terraform destroy; the removal policy of genomics is retain");
  const [{ path, limitKib }, location] = [storage.share("genomics"), stage.output("genomics-export")];
  stage.deploy("-destroy");
  check("nobody can mount it any more", storage.nodemaps().length === 0 && storage.mountAs("10.1.0.5@tcp", location).exit !== 0);
  check(
    `its data is kept, and its limit with it`,
    existsSync(join(storage.mountPoint, path, "run-1.bam")) && storage.share("genomics").limitKib === limitKib,
  );
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
