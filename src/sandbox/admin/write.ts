// sandbox write: a file of a given size, as a user, straight below the mount.
import { isServed } from "../accounts";
import { clientWrite } from "../client-write";
import { mountDirectory } from "../context";
import { EACCES, strerror } from "../errno";
import { parseBytes } from "../lfs/numbers";
import { existingSandbox, type Operation, type OperatorCommand, Refusal } from "../operator";
import { lastValue } from "../options";
import { changeState } from "../store";

export const userOptions = [
  { name: "uid", long: "uid", argument: true },
  { name: "gid", long: "gid", argument: true },
];

export function userOf({ parsed }: Operation): { uid: number; gid: number } {
  const uid = Number(lastValue(parsed, "uid") ?? 0);
  return { uid, gid: Number(lastValue(parsed, "gid") ?? uid) };
}

export function bytesOf(text: string): bigint {
  const bytes = parseBytes(text);
  if (bytes === undefined) throw new Refusal(`'${text}' is not a size: bytes, or 10M, 3GiB, 2T`);
  return bytes;
}

/** What --write PATH:SIZE asks for. */
export function writeRequest({ parsed }: Operation): { path: string; bytes: bigint } | undefined {
  const request = lastValue(parsed, "write");
  if (request === undefined) return undefined;
  const at = request.lastIndexOf(":");
  if (at < 1) throw new Refusal(`--write ${request}: as in data/file:10M`);
  return { path: request.slice(0, at), bytes: bytesOf(request.slice(at + 1)) };
}

export const write: OperatorCommand = {
  summary: "write a (sparse) file below the mount as a user; exit code is the errno",
  usage: "write PATH SIZE [--uid N] [--gid N] [--dir DIRECTORY]",
  options: userOptions,
  run: (operation) => {
    const dir = existingSandbox(operation);
    const [path = "", size = ""] = operation.parsed.operands;
    const root = mountDirectory(dir);
    const bytes = bytesOf(size);
    const relative = path.startsWith(`${root}/`) ? path.slice(root.length + 1) : path;
    const identity = userOf(operation);
    const errno = changeState(dir, (state) => {
      if (!isServed(state, dir, undefined, identity.uid)) return EACCES;
      return clientWrite(state, {
        fileSystemRoot: root,
        mountRoot: root,
        path: relative,
        bytes,
        identity,
        judges: [{ who: "server", user: identity, ownerOf: (owner) => owner }],
        mayIgnoreQuota: true,
      }).errno;
    });
    if (errno !== 0) operation.io.stderr(`write ${path}: ${strerror(errno)}\n`);
    return errno;
  },
};
