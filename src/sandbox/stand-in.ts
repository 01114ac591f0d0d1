// One command of a stand-in: TOOL HOST DIR ARGS... Modules are loaded when needed.
import { existsSync } from "node:fs";
import { join } from "node:path";
import { type Context, makeContext } from "./context";
import { forever } from "./forever";
import { hangs } from "./hang";
import { isHostName } from "./hosts";
import { type Io, processIo } from "./io";
import { files } from "./store";

export async function standIn(tool: string, argv: string[], io: Io = processIo()): Promise<number> {
  const [host = "", dir = "", ...args] = argv;
  if (!isHostName(host) || !existsSync(join(dir, files.marker))) {
    io.stderr(`${tool}: not a sandbox (any more): ${dir}\n`);
    return 127;
  }
  const context = makeContext(dir, host, io);
  if (!existsSync(join(dir, files.armed)) || io.env["SHAREWRIGHT_SANDBOX_QUIET"] === "1") return runTool(context, tool, args);
  const { runInstrumented } = await import("./instruments.js");
  return runInstrumented(context, { tool, args }, (run) => runTool(run, tool, args));
}

async function runTool(context: Context, tool: string, args: string[]): Promise<number> {
  if (hangs(context, tool, args)) return (context.io.hang ?? forever)();
  if (tool === "lfs") return (await import("./lfs/index.js")).lfs(context, args);
  if (tool === "lctl") return (await import("./lctl/index.js")).lctl(context, args);
  if (tool === "gluster") return (await import("./gluster/index.js")).gluster(context, args);
  const { tools } = await import("./posix/index.js");
  const own = Object.hasOwn(tools, tool) ? tools[tool] : undefined;
  if (own) return own(context, args);
  const { runReal } = await import("./posix/real-tool.js");
  return runReal(context, tool, args);
}
