// gluster(8) 10.3 and, as far as it is another, 11.1: global options anywhere on the line, then words.
import type { Context } from "../context";
import type { Answer } from "./answer";
import { type Call, glusterOf, type Handler, releaseOf, serverOf } from "./call";
import { create } from "./create";
import { info, list } from "./info";
import { deleteVolume, start, stop } from "./lifecycle";
import { get, reset, set } from "./options";
import { peerStatus, poolList, uuid } from "./pool";
import { quota } from "./quota";
import { snapshot } from "./snapshot";
import { status } from "./status";
import { unrecognized, version, welcome } from "./texts";

/** Those that only look take no lock of the state. */
const looks: Readonly<Record<string, Handler>> = {
  "volume info": info,
  "volume list": list,
  "volume get": get,
  "pool list": poolList,
  "peer status": peerStatus,
  "system:: uuid get": uuid,
};

const works: Readonly<Record<string, Handler>> = {
  "volume create": create,
  "volume delete": deleteVolume,
  "volume start": start,
  "volume stop": stop,
  "volume set": set,
  "volume reset": reset,
  "volume quota": quota,
  "volume status": status,
  ...Object.fromEntries(Object.entries(snapshot).map(([name, handler]) => [`snapshot ${name}`, handler])),
};

export function gluster(context: Context, args: readonly string[]): number {
  const { exit, stdout = "", stderr = "" } = answerOf(context, args);
  if (stdout !== "") context.out(stdout);
  if (stderr !== "") context.err(stderr);
  return exit;
}

function answerOf(context: Context, args: readonly string[]): Answer {
  const words = args.filter((word) => !globalOption.test(word));
  if (args.includes("--version") || args.includes("-V")) return { exit: 0, stdout: version(releaseOf(context)) };
  if (words.length === 0) return { exit: 0, stderr: welcome };
  const found = match(looks, words) ?? match(works, words);
  if (!found) return { exit: 1, stdout: unrecognized(words) };
  const run = (state: Call["state"]): Answer => {
    const gluster = glusterOf(state);
    const place = serverOf(gluster, context);
    if (!place?.server.isUp) return { exit: 1, stdout: "Connection failed. Please check if gluster daemon is operational.\n" };
    const isScript = args.includes("--mode=script");
    return found.handler({ dir: context.dir, isXml: args.includes("--xml"), isScript, state, gluster, ...place }, found.rest);
  };
  return found.isLook ? run(context.state()) : context.change(run);
}

const globalOption = /^--(xml|version|wignore|mode=.*|timeout=.*|log-file=.*|log-level=.*|glusterd-sock=.*|remote-host=.*)$|^-V$/;

function match(
  table: Readonly<Record<string, Handler>>,
  words: readonly string[],
): { handler: Handler; rest: string[]; isLook: boolean } | undefined {
  for (const [name, handler] of Object.entries(table)) {
    const begin = name.split(" ");
    if (begin.every((word, index) => words[index] === word))
      return { handler, rest: words.slice(begin.length), isLook: table === looks };
  }
  return undefined;
}
