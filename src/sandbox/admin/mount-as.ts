// sandbox mount-as: what a client with this NID would see and may do.
import { readdirSync, statSync } from "node:fs";
import { join } from "node:path";
import { isServed } from "../accounts";
import { identityOf, identityWords, mayIgnoreQuota, ownerSeenBy, seesProjects } from "../client-identity";
import { type Mounted, mountAs as mount, mountMessage, type Refused } from "../client-mount";
import { clientWrite, type Judge } from "../client-write";
import { mountDirectory } from "../context";
import { EACCES, EROFS, strerror } from "../errno";
import { glusterOf } from "../gluster/call";
import { isGlusterExport } from "../gluster/client";
import { existingSandbox, type Operation, type OperatorCommand, Refusal } from "../operator";
import { has, lastValue } from "../options";
import type { State } from "../state";
import { statfs } from "../statfs";
import { changeState, readState } from "../store";
import { mountAsGluster } from "./mount-as-gluster";
import { size } from "./table";
import { userOf, userOptions, writeRequest } from "./write";

interface Report {
  nid: string;
  export: string;
  nodemap: string;
  exit: number;
  error: string;
  root?: string;
  access?: "rw" | "ro";
  identity?: string;
  df?: { kib: number; usedKib: number; inodes: number; usedInodes: number };
  entries?: string[];
  /** Of `mount -o remount,rw`. */
  remountExit?: number;
  /** `by`: whether the client's own kernel or the server refused it. */
  write?: { path: string; errno: number; error: string; by?: Judge["who"] };
}

export const mountAs: OperatorCommand = {
  summary: "say what a client with this NID or certificate would see and may do; exit code is that of mount",
  usage:
    "mount-as NID EXPORT | COMMON_NAME SERVER:/VOLUME [--authority NAME] [--client-pid -1] [--write PATH:SIZE [--uid N] [--gid N]] [--remount-rw] [--keep ID] [--json] [--dir DIRECTORY]",
  options: [
    { name: "json", long: "json" },
    { name: "write", long: "write", argument: true },
    { name: "remount", long: "remount-rw" },
    { name: "keep", long: "keep", argument: true },
    { name: "authority", long: "authority", argument: true },
    { name: "pid", long: "client-pid", argument: true },
    ...userOptions,
  ],
  run: (operation) => {
    const dir = existingSandbox(operation);
    const [nid, exported] = operation.parsed.operands;
    if (nid === undefined || exported === undefined)
      throw new Refusal("mount-as takes a NID and an export, as in 10.0.0.9@tcp 10.0.0.1@tcp:/scratch/shares/a");
    if (isGlusterExport(glusterOf(readState(dir)), exported)) return mountAsGluster(operation, dir, nid, exported);
    const report = changeState(dir, (state) => look(operation, state, dir, nid, exported));
    if (has(operation.parsed, "json")) operation.io.stdout(`${JSON.stringify(report, null, 2)}\n`);
    else print(operation, report);
    return report.exit || (report.remountExit ?? 0) || (report.write?.errno ?? 0);
  },
};

function look(operation: Operation, state: State, dir: string, nid: string, exported: string): Report {
  const fileSystemRoot = mountDirectory(dir);
  const answer = mount(state, fileSystemRoot, nid, exported);
  const report: Report = { nid, export: exported, nodemap: answer.nodemap?.name ?? "(not active)", exit: 0, error: "" };
  if (isRefused(answer)) return { ...report, exit: answer.exit, error: answer.said.trimEnd() };
  const readOnly = remount(operation, answer, report);
  const real = join(fileSystemRoot, answer.root);
  keep(operation, state, { nid, export: exported, root: answer.root, readOnly });
  return {
    ...report,
    root: answer.root,
    access: readOnly ? "ro" : "rw",
    identity: identityWords(answer.nodemap),
    ...written(operation, state, dir, answer, readOnly),
    df: statfs(state, fileSystemRoot, seesProjects(answer.nodemap) ? real : fileSystemRoot),
    entries: entriesOf(real),
  };
}

/** A directory that nobody may enter shows nothing, to a sandbox whose user is not root either. */
function entriesOf(directory: string): string[] {
  return (statSync(directory).mode & 0o777) === 0 ? [] : readdirSync(directory).sort();
}

function isRefused(answer: Mounted | Refused): answer is Refused {
  return "exit" in answer;
}

/** Whether the mount is read-only in the end; notes the exit code of the remount (golden f020, f027, k002). */
function remount({ parsed }: Operation, { readOnly, mayRemountRw }: Mounted, report: Report): boolean {
  if (!has(parsed, "remount")) return readOnly;
  report.remountExit = mayRemountRw ? 0 : EROFS;
  if (!mayRemountRw) report.error = mountMessage(report.export, EROFS).trimEnd();
  return readOnly && !mayRemountRw;
}

function keep({ parsed }: Operation, state: State, mounted: Omit<State["mounts"][number], "id" | "uuid">): void {
  const id = lastValue(parsed, "keep");
  if (id === undefined) return;
  if (state.mounts.some((other) => other.id === id))
    throw new Refusal(`there is a mount '${id}' already; \`sandbox unmount ${id}\` ends it`);
  state.mounts.push({ id, ...mounted, uuid: crypto.randomUUID() });
}

function written(operation: Operation, state: State, dir: string, answer: Mounted, readOnly: boolean): Pick<Report, "write"> {
  const request = writeRequest(operation);
  if (request === undefined) return {};
  const { errno, by } = readOnly ? { errno: EROFS, by: undefined } : tryToWrite(operation, state, dir, answer, request);
  const error = errno === 0 ? "" : strerror(errno);
  return { write: { path: request.path, errno, error, ...(by ? { by } : {}) } };
}

function tryToWrite(
  operation: Operation,
  state: State,
  dir: string,
  { nodemap, root }: Mounted,
  request: { path: string; bytes: bigint },
): ReturnType<typeof clientWrite> {
  const fileSystemRoot = mountDirectory(dir);
  const user = userOf(operation);
  const identity = identityOf(nodemap, user);
  if (!identity || !isServed(state, dir, nodemap, identity.uid)) return { errno: EACCES, by: "server" };
  return clientWrite(state, {
    ...request,
    fileSystemRoot,
    mountRoot: join(fileSystemRoot, root),
    identity,
    judges: [
      { who: "client", user, ownerOf: (owner) => ownerSeenBy(nodemap, owner) },
      { who: "server", user: identity, ownerOf: (owner) => owner },
    ],
    mayIgnoreQuota: mayIgnoreQuota(state, nodemap),
  });
}

function print({ io }: Operation, report: Report): void {
  if (report.exit !== 0) {
    io.stderr(`${report.error}\n`);
    io.stdout(`nodemap   ${report.nodemap}\nmount     refused, exit ${report.exit}\n`);
    return;
  }
  const { df } = report;
  io.stdout(`nodemap   ${report.nodemap}\n`);
  io.stdout(`mount     let in, ${report.access}\n`);
  if (report.remountExit) io.stderr(`${report.error}\n`);
  io.stdout(`root      ${report.root}\n`);
  io.stdout(`identity  ${report.identity}\n`);
  if (df) {
    const inodes = `${df.usedInodes} of ${df.inodes} inodes`;
    io.stdout(`df        ${size(df.kib)}, ${size(df.usedKib)} used, ${size(df.kib - df.usedKib)} free; ${inodes}\n`);
  }
  if (report.write) io.stdout(`write     ${report.write.path}: ${outcomeOf(report.write)}\n`);
  io.stdout(`entries   ${report.entries?.join("  ") || "(none)"}\n`);
}

function outcomeOf({ error, by }: NonNullable<Report["write"]>): string {
  if (error === "") return "done";
  return by === undefined ? error : `${error}, says the ${by === "client" ? "client's own kernel" : by}`;
}
