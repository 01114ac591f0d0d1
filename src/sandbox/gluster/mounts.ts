// Who may mount a volume, and what becomes of the mounts when it stops, starts or closes. TLS decides by the certificate's common name and by
// who signed it, compared as fnmatch(3) does (reference: TLS).
import { existsSync, lstatSync, renameSync, symlinkSync, unlinkSync } from "node:fs";
import { join } from "node:path";
import type { Call } from "./call";
import { dataPath } from "./files";
import { type Cluster, type Gluster, type GlusterMount, type Identity, isOn, optionOf, ourAuthority, type Volume } from "./state";

/** Why a client is turned away; undefined if it is let in. */
export function turnedAway(volume: Volume, { commonName, authority }: Identity): string | undefined {
  if (volume.status !== "Started" || !volume.bricks.some(({ isUp }) => isUp)) return "the volume is not served";
  const speaksTls = isOn(optionOf(volume, "client.ssl"));
  if (speaksTls !== volume.servesTls)
    return `the bricks ${volume.servesTls ? "speak" : "do not speak"} TLS, the client does not agree`;
  if (!speaksTls) return undefined;
  if (authority !== ourAuthority) return "its certificate is signed by another authority";
  return isAllowed(volume, commonName) ? undefined : `${commonName} is not in auth.ssl-allow`;
}

/** Unset, everyone with a certificate of the authority is. */
function isAllowed(volume: Volume, commonName: string): boolean {
  const allowed = optionOf(volume, "auth.ssl-allow");
  return allowed === undefined || allowed.split(",").some((pattern) => fnmatch(pattern, commonName));
}

export function fnmatch(pattern: string, text: string): boolean {
  const source = pattern.replace(/\[!?[^\]]+\]|\\.|[^A-Za-z0-9]/g, (part) => {
    if (part === "*") return ".*";
    if (part === "?") return ".";
    if (part.length > 2) return part.replace(/^\[!/, "[^");
    return part.length === 2 ? `\\${part.charAt(1)}` : `\\${part}`;
  });
  return new RegExp(`^${source}$`, "s").test(text);
}

/**
 * After each change of a volume. Whom it does not admit any more is cut: at once, unless server.dynamic-auth is off, and in any case when the
 * bricks start anew. A stopped volume keeps its mounts, and nothing answers there.
 */
export function settleMounts(call: Pick<Call, "dir" | "gluster" | "cluster">, volume: Volume, begins = false): void {
  const { dir, gluster, cluster } = call;
  const isChecked = isOn(optionOf(volume, "server.dynamic-auth") ?? "on");
  for (const mount of gluster.mounts.filter((one) => one.cluster === cluster.name && one.volume === volume.name)) {
    const isCut = begins
      ? turnedAway(volume, mount.identity) !== undefined
      : isChecked && volume.servesTls && !isAllowed(volume, mount.identity.commonName);
    if (volume.status !== "Started") point(mount, nowhere(dir));
    else if (isCut) endMount(gluster, mount);
    else point(mount, dataPath(dir, cluster, volume));
  }
}

/** What a mount shows whose volume is stopped: nothing, not even a directory. */
function nowhere(dir: string): string {
  return join(dir, "gluster-not-connected");
}

function point({ target }: GlusterMount, to: string): void {
  if (target === undefined) return;
  const next = `${target}.next`;
  symlinkSync(to, next);
  renameSync(next, target);
}

/** A mount is a symbolic link in place of its directory, which waits beside it. */
const below = (target: string) => `${target}.below`;

export function beginMount(dir: string, cluster: Cluster, volume: Volume, target: string): void {
  renameSync(target, below(target));
  symlinkSync(dataPath(dir, cluster, volume), target);
}

export function endMount(gluster: Gluster, mount: GlusterMount): void {
  gluster.mounts = gluster.mounts.filter((other) => other !== mount);
  const { target } = mount;
  if (target === undefined) return;
  if (lstatSync(target, { throwIfNoEntry: false })?.isSymbolicLink()) unlinkSync(target);
  if (!existsSync(target) && existsSync(below(target))) renameSync(below(target), target);
}
