// lctl conf_param FS.quota.{mdt,ost}=ugp: enforcement for good, as it was set before set_param -P (golden c007, c008, h000 to h002, e012).
import type { Context } from "../context";
import { EINVAL, strerror } from "../errno";
import { setPersistent } from "../pending";
import { maySteer } from "./failure";
import { notTheMgs } from "./set-param";

export function confParam(context: Context, args: string[]): number {
  if (!maySteer(context)) return notTheMgs(context, "conf_param");
  const match = /^(\w+)\.quota\.(mdt|ost)=(none|[ugp]+)$/.exec(args[0] ?? "");
  const { fsName } = context.state();
  if (!match || match[1] !== fsName) {
    context.err(`error: conf_param: ${strerror(EINVAL)}\n`);
    return EINVAL;
  }
  const [, , kind = "", value = ""] = match;
  context.change((state) => {
    const name = `osd-ldiskfs.${fsName}-${kind.toUpperCase()}*.quota_slave.enabled`;
    setPersistent(state, name, value, Date.now());
  });
  return 0;
}
