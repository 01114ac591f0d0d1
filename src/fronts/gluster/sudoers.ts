// What `sharewright sudoers` says of GlusterFS: why it has no rules.
import type { StackConfig } from "../stack-config";
import { type Without, wayOf } from "../without-rules";
import { clustersIn } from "./choose";

const amountsToRoot =
  "no rules are printed, since they would amount to root however they are restricted: whoever runs `gluster` opens any volume to anybody and makes one of any directory. Run there: gluster, mount, umount, find -delete and rm -rf in volumes and bricks; chown, chmod and setfattr of their roots; mkdir, rmdir, touch, tee, findmnt, mount.glusterfs, df, stat, getfattr, test, cat, id, flock. Allow this user everything (`NOPASSWD: ALL`), or log in as root";

export function withoutRules(config: StackConfig, role: string | undefined): Without[] {
  const posts = clustersIn(config).flatMap(({ servers, client }) => [
    ...servers.map(({ connection, host }) => ({ role: "server", name: `server ${host}`, connection })),
    ...(client ? [{ role: "client", name: "client", connection: client }] : []),
  ]);
  const asked = posts.filter((post) => role === undefined || post.role === role);
  const byWhy = new Map<string, Without>();
  for (const { name, connection } of asked) {
    const why = `GlusterFS, ${wayOf(connection)}`;
    const rules = connection.type === "ssh" && connection.sudo ? { rules: amountsToRoot } : {};
    const known = byWhy.get(why);
    byWhy.set(why, { roles: [...new Set([...(known?.roles ?? []), name])], why, ...rules });
  }
  return [...byWhy.values()];
}
