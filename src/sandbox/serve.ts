// The server of `sandbox start --resident`: a process that ends with its sandbox, and after its time.
import { existsSync } from "node:fs";
import { join } from "node:path";
import { serveResident } from "./resident";
import { startTool } from "./start";
import { files } from "./store";

const lookEveryMs = 500;

export function serve([dir = "", seconds = ""]: readonly string[]): Promise<number> {
  const server = serveResident(dir, startTool(dir, __filename));
  const deadline = Date.now() + Number(seconds) * 1000;
  return new Promise((resolve) => {
    const timer = setInterval(() => {
      if (existsSync(join(dir, files.marker)) && Date.now() < deadline) return;
      clearInterval(timer);
      server.close();
      resolve(0);
      // A command that hangs on demand would keep the process.
      setImmediate(() => process.exit(0));
    }, lookEveryMs);
  });
}
