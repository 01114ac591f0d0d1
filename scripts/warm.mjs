// Leaves the compiled forms of the parts beside them, for the Node that runs this: hooks do their usual work in a sandbox, and what they have
// compiled is kept (src/core/part.ts).
import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

const key = "shares/warm";

/** `main`: the file that is started. */
export function warm(main) {
  const dir = join(mkdtempSync(join(tmpdir(), "sharewright-warm-")), "sandbox");
  const run = (args, env = process.env) => execFileSync(process.execPath, [main, ...args], { encoding: "utf8", env });
  try {
    run(["sandbox", "start", "--gluster", "--resident", "--hours", "0.1", "--dir", dir]);
    const env = { ...process.env, ...JSON.parse(run(["sandbox", "env", "--json", "--dir", dir])) };
    const hook = (kind, name, request, wire) =>
      run(["hook", kind, "apply", name], {
        ...env,
        ...Object.fromEntries(Object.entries(request).map(([variable, value]) => [variable, JSON.stringify(value)])),
        SHAREWRIGHT_SPEC: JSON.stringify({ claim: "warm", ...wire }),
      });
    const onLustre = { SHAREWRIGHT_FILE_SYSTEM: fileSystem(dir) };
    hook("lustre.share", key, onLustre, share);
    hook("lustre.access-rule", `${key}#rule`, onLustre, rule);
    hook("gluster.share", "warm", { SHAREWRIGHT_CLUSTERS: [cluster(dir)] }, volume);
    run(["sandbox", "stop", "--dir", dir]);
  } finally {
    rmSync(join(dir, ".."), { recursive: true, force: true });
  }
}

const fileSystem = (dir) => ({
  fsName: "scratch",
  mountPoint: join(dir, "mnt"),
  exportNids: ["10.0.0.1@tcp"],
  pathPrefix: "shares",
  projectIds: { start: 10000, end: 60000 },
  owner: "warm",
  lustreVersion: "2.17",
  revocation: "lazy",
  preflight: "enforce",
  client: { type: "local" },
  mgs: { type: "local" },
});

const share = {
  fileset: `/${key}`,
  path: "-",
  export_location: "-",
  mount_command: "-",
  fstab_entry: "-",
  size: "1 GiB",
  owner: "0:0",
  mode: "0770",
  removal_policy: "retain",
};

const rule = { share: key, fileset: `/${key}`, level: "rw", squash: "root", clients: "10.1.0.0/24" };

const cluster = (dir) => ({
  name: "warm",
  servers: ["gluster1-1", "gluster1-2", "gluster1-3"].map((host) => ({
    connection: { type: "local", path: [join(dir, "hosts", host, "bin")] },
    host,
  })),
  volumePattern: "pool-\\d+-#{size}G",
  mountPointBase: join(dir, "mounts"),
  exportHost: "gluster1-1",
  backupVolfileServers: [],
  owner: "warm",
  infrastructureNames: ["glusterfs-server*", "manila-host*"],
  preflight: "enforce",
});

const volume = { share: "warm", clusters: "warm", size: "1 GiB", provisioning: "pool", removal_policy: "destroy" };
