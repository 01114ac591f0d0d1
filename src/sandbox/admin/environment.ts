// sandbox env: what to export so that commands, and sharewright, meet the sandbox.
import { delimiter, join } from "node:path";
import { existingSandbox, type OperatorCommand } from "../operator";
import { has } from "../options";
import { outsideSandboxes } from "../posix/real-tool";
import { quote } from "../shell-text";
import { files } from "../store";

export const environment: OperatorCommand = {
  summary: "print what to export: PATH and the sandbox's directories",
  usage: "env [--dir DIRECTORY] [--shell|--json]",
  options: [
    { name: "shell", long: "shell" },
    { name: "json", long: "json" },
  ],
  run: (operation) => {
    const { io, parsed } = operation;
    const variables = environmentOf(existingSandbox(operation), io.env["PATH"] ?? "");
    if (has(parsed, "json")) io.stdout(`${JSON.stringify(variables, null, 2)}\n`);
    else for (const [name, value] of Object.entries(variables)) io.stdout(`export ${name}=${quote(value)}\n`);
    return 0;
  },
};

function environmentOf(dir: string, path: string): Record<string, string> {
  const bin = join(dir, files.bin);
  return {
    PATH: [bin, outsideSandboxes(path)].join(delimiter),
    SHAREWRIGHT_RUN_DIR: join(dir, files.run),
    SHAREWRIGHT_SANDBOX: dir,
    SHAREWRIGHT_SANDBOX_MOUNT: join(dir, files.mnt),
  };
}
