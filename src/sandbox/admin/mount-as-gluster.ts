// sandbox mount-as COMMON_NAME SERVER:/VOLUME: what a client with this certificate would see and may do.
import { glusterOf } from "../gluster/call";
import { type GlusterView, type Look, viewAs } from "../gluster/client";
import { ourAuthority } from "../gluster/state";
import { type Operation, Refusal } from "../operator";
import { has, lastValue } from "../options";
import { changeState } from "../store";
import { size } from "./table";
import { writeRequest } from "./write";

export function mountAsGluster(operation: Operation, dir: string, commonName: string, source: string): number {
  const { io, parsed } = operation;
  const view = changeState(dir, (state) => {
    const gluster = glusterOf(state);
    const keep = lastValue(parsed, "keep");
    if (keep !== undefined && gluster.mounts.some(({ id }) => id === keep))
      throw new Refusal(`there is a mount '${keep}' already; \`sandbox unmount ${keep}\` ends it`);
    const write = writeRequest(operation);
    const look: Look = {
      source,
      identity: { commonName, authority: lastValue(parsed, "authority") ?? ourAuthority },
      ...(write ? { write } : {}),
      ...(keep === undefined ? {} : { keep }),
      isInternal: lastValue(parsed, "pid") === "-1",
    };
    return viewAs(dir, gluster, look);
  });
  if (has(parsed, "json")) io.stdout(`${JSON.stringify(view, null, 2)}\n`);
  else print(operation, view);
  return view.exit || (view.write?.errno ?? 0);
}

function print({ io }: Operation, { exit, error, df, write, entries }: GlusterView): void {
  if (exit !== 0) io.stderr(`${error}\n`);
  io.stdout(`mount     ${exit === 0 ? "let in, rw" : `refused, exit ${exit}`}\n`);
  if (df) io.stdout(`df        ${size(df.kib)}, ${size(df.usedKib)} used, ${size(df.kib - df.usedKib)} free\n`);
  if (write) io.stdout(`write     ${write.path}: ${write.error || "done"}\n`);
  if (entries) io.stdout(`entries   ${entries.join("  ") || "(none)"}\n`);
}
