// `sharewright sandbox COMMAND`: everything an operator does with a sandbox. One table; --help comes from it.
import type { Io } from "./io";
import { badRequest, type OperatorCommand, Refusal } from "./operator";
import { type OptionSpec, parseOptions } from "./options";

const commands: Readonly<Record<string, () => Promise<OperatorCommand>>> = {
  start: async () => (await import("./admin/lifecycle.js")).start,
  stop: async () => (await import("./admin/lifecycle.js")).stop,
  reset: async () => (await import("./admin/lifecycle.js")).reset,
  env: async () => (await import("./admin/environment.js")).environment,
  status: async () => (await import("./admin/status.js")).status,
  "mount-as": async () => (await import("./admin/mount-as.js")).mountAs,
  mounts: async () => (await import("./admin/mounts.js")).mounts,
  unmount: async () => (await import("./admin/mounts.js")).unmount,
  write: async () => (await import("./admin/write.js")).write,
  fault: async () => (await import("./admin/fault.js")).fault,
  log: async () => (await import("./admin/log.js")).log,
  watch: async () => (await import("./admin/watch.js")).watch,
  target: async () => (await import("./admin/servers.js")).target,
  server: async () => (await import("./admin/servers.js")).server,
  gluster: async () => (await import("./admin/gluster.js")).gluster,
  param: async () => (await import("./admin/servers.js")).param,
};

const everywhere: readonly OptionSpec[] = [
  { name: "dir", long: "dir", argument: true },
  { name: "help", short: "h", long: "help" },
];

export async function sandboxCommand(argv: string[], io: Io): Promise<number> {
  const [name = "", ...args] = argv;
  const load = Object.hasOwn(commands, name) ? commands[name] : undefined;
  if (!load) return overview(name, io);
  const command = await load();
  const parsed = parseOptions(args, [...everywhere, ...(command.options ?? [])]);
  if (parsed.given.some((option) => option.name === "help")) {
    io.stdout(`${command.summary}\n\nusage: sharewright sandbox ${command.usage}\n`);
    return 0;
  }
  const wrong = parsed.unknown ?? parsed.lacksArgument;
  if (wrong !== undefined)
    return complain(
      io,
      `${parsed.unknown ? "unknown option" : "a value is missing for"} ${wrong}\nusage: sharewright sandbox ${command.usage}`,
      badRequest,
    );
  try {
    return await command.run({ io, parsed });
  } catch (error) {
    if (error instanceof Refusal) return complain(io, error.message, error.exit);
    throw error;
  }
}

async function overview(name: string, io: Io): Promise<number> {
  const asked = name === "" || name === "--help" || name === "-h" || name === "help";
  const lines = await Promise.all(Object.values(commands).map(async (load) => load()));
  const width = Math.max(...Object.keys(commands).map(({ length }) => length));
  const list = Object.keys(commands).map((command, index) => `  ${command.padEnd(width)}  ${lines[index]?.summary}`);
  const text = `Lustre and GlusterFS on a laptop: stand-ins for lfs, lctl and gluster that hold state and enforce what the real ones enforce.\n\nusage: sharewright sandbox COMMAND [--dir DIRECTORY] [--help]\n\n${list.join("\n")}\n`;
  if (asked) io.stdout(text);
  else io.stderr(`error  there is no sandbox command '${name}'\n\n${text}`);
  return asked ? 0 : badRequest;
}

function complain(io: Io, words: string, exit: number): number {
  io.stderr(`error  ${words}\n`);
  return exit;
}
