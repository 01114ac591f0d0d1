// lctl nodemap_set_sepol, nodemap_set_cap: kept and shown, not applied to anyone (golden d166 to d169, d182, y094 to y101, y115, y116).
import type { Context } from "../context";
import { EINVAL, ENOENT, strerror } from "../errno";
import { findNodemap } from "../nodemaps";
import { lastValue, parseOptions } from "../options";
import type { Nodemap } from "../state";
import { failed, maySteer, misused, notOnMgs, refusedByKernel } from "./failure";

const nameOption = { name: "name", short: "n", long: "name", argument: true };

/** `mode:name:ver:hash`; '' clears (golden d166, d168, d169). Not for `default` (y101). */
export function setSepol(context: Context, args: string[]): number {
  const command = "nodemap_set_sepol";
  if (!maySteer(context)) return notOnMgs(context, command);
  const parsed = parseOptions(args, [nameOption, { name: "sepol", long: "sepol", argument: true }]);
  const sepol = lastValue(parsed, "sepol") ?? "";
  return context.change((state) => {
    const nodemap = findNodemap(state, lastValue(parsed, "name") ?? "");
    if (!nodemap) return failed(context, command, ENOENT);
    const isValid = sepol === "" || /^[01]:[^:]+:\d+:[0-9a-f]+$/.test(sepol);
    if (!isValid || nodemap.name === "default") return failed(context, command, EINVAL);
    nodemap.sepol = sepol;
    return 0;
  });
}

/** What the kernel lets a nodemap have: CAP_FS_SET and one more (nodemap_set_capabilities of 2.17.0), in the order in which it prints them. */
const known = [
  "cap_chown",
  "cap_dac_override",
  "cap_dac_read_search",
  "cap_fowner",
  "cap_fsetid",
  "cap_linux_immutable",
  "cap_sys_resource",
  "cap_mknod",
  "cap_mac_override",
];

export function setCapabilities(context: Context, args: string[]): number {
  const command = "nodemap_set_cap";
  const parsed = parseOptions(args, [
    nameOption,
    { name: "caps", short: "c", long: "caps", argument: true },
    { name: "type", short: "t", long: "type", argument: true },
  ]);
  const [name, type, caps] = ["name", "type", "caps"].map((word) => lastValue(parsed, word));
  if (name === undefined) return misused(context, command, `${command}: missing nodemap name`);
  if (type === undefined) return misused(context, command, `${command}: missing caps type`);
  if (caps === undefined && type !== "off") return misused(context, command, `${command}: missing capabilities`);
  return context.change((state) => {
    const errno = maySteer(context) ? setOn(findNodemap(state, name), type, caps) : EINVAL;
    if (errno === 0) return 0;
    if (maySteer(context)) refusedByKernel(context, command, errno);
    context.err(`error: ${command}: cannot set capabilities '${caps ?? "(null)"}' on nodemap '${name}': ${strerror(errno)}\n`);
    return errno;
  });
}

function setOn(nodemap: Nodemap | undefined, type: string, caps: string | undefined): number {
  if (!nodemap) return ENOENT;
  const words = caps === undefined || caps === "0" ? [] : caps.split(",");
  if (!["mask", "set", "off"].includes(type) || !words.every((word) => known.includes(word))) return EINVAL;
  const printed = known.filter((word) => words.includes(word)).join(",");
  nodemap.capabilities = type === "off" ? "" : `type: ${type}\ncaps: ${printed}`;
  return 0;
}
