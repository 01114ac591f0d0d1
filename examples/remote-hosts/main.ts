// Client, MDS and MGS are hosts behind a bastion, reached over SSH as an ordinary user with sudo.
import { App, LocalBackend, TerraformOutput, TerraformStack } from "cdktf";
import { Connection, LustreFileSystem, Size, type SshConnectionOptions } from "sharewright";

const app = new App();
const stack = new TerraformStack(app, "remote-hosts");
new LocalBackend(stack, { path: "../../../terraform.remote-hosts.tfstate" });

// The passphrase of the key is in that environment variable when Terraform runs; neither is ever in the synthesized stack.
const login = {
  user: "sharewright",
  privateKeyPath: "~/.ssh/sharewright",
  passphraseFromEnv: "SHAREWRIGHT_PASSPHRASE",
} satisfies SshConnectionOptions;

// Its key is pinned; those of the hosts behind it are looked up in known_hosts.
const bastion = Connection.ssh({
  ...login,
  host: "bastion.example.org",
  port: 2222,
  hostKey: "SHA256:7tEn4QQtSmZ3yVB7oPrTVXYCqJ9rOaXhYyuYBTvF6h8",
});
const behindBastion = { ...login, jump: bastion, sudo: "sudo -n" } satisfies SshConnectionOptions;

const scratch = new LustreFileSystem(stack, "scratch", {
  fsName: "scratch",
  exportNids: ["10.0.0.1@tcp", "10.0.0.2@tcp"],
  // Any host that has the file system mounted will do: the next one is asked when the first is down or has lost its mount.
  client: Connection.ssh({ ...behindBastion, hosts: ["login1", "login2"] }),
  // A fail-over pair: the one that has the MGS device up now is used.
  mgs: Connection.ssh({ ...behindBastion, hosts: ["mgs1", "mgs2"] }),
  mds: { connection: Connection.ssh({ ...behindBastion, host: "mds1", commandTimeout: 120 }), mountPoint: "/mnt/scratch" },
  // Asked whether quotas are enforced.
  servers: ["oss1", "oss2"].map((host) => Connection.ssh({ ...behindBastion, host })),
});

const genomics = scratch.addShare("genomics", { size: Size.tebibytes(10), owner: { uid: 1000, gid: 1000 } });
genomics.grantReadWrite("cpu", ["10.1.0.0/24"]);
new TerraformOutput(stack, "mount", { value: genomics.mountCommand });

app.synth();
