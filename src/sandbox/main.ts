// Entry of the sandbox's bundle. A stand-in starts it by itself, `sharewright-sandbox.cjs TOOL HOST DIR ARGS...`: hundreds of times a test,
// so nothing of the executor is read on the way. `sharewright-sandbox.cjs --serve DIR SECONDS` is the server of a resident sandbox.
import { standIn } from "./stand-in";

export { sandboxCommand } from "./commands";

if (require.main === module) {
  const [tool = "", ...args] = process.argv.slice(2);
  const work = tool === "--serve" ? import("./serve.js").then(({ serve }) => serve(args)) : standIn(tool, args);
  work.then(
    (exitCode) => {
      process.exitCode = exitCode;
    },
    (error: unknown) => {
      process.stderr.write(`${tool}: the sandbox failed: ${error instanceof Error ? error.stack : error}\n`);
      process.exitCode = 1;
    },
  );
}
