import { existsSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { describe } from "vitest";
import type { SshConnectionSpec } from "../../../src/spec/connection";
import { sshTransport } from "../../../src/transports/ssh";
import { transportContract } from "../contract";
import { localPool } from "./local-channel";

const spec: SshConnectionSpec = { type: "ssh", hosts: ["here"] };
const module = (path: string) => JSON.stringify(pathToFileURL(join(process.cwd(), path)).href);

const shells: Record<string, readonly string[]> = {
  dash: ["/usr/bin/dash"],
  bash: ["/usr/bin/bash", "--posix"],
  busybox: ["/usr/bin/busybox", "sh"],
};

for (const [name, shell] of Object.entries(shells))
  describe.skipIf(!existsSync(shell[0] ?? ""))(name, () => {
    transportContract(`a shell of ${name}`, {
      make: () => sshTransport(spec, { pool: localPool({ shell }) }),
      moduleText: `const { sshTransport } = await import(${module("src/transports/ssh.ts")});
const { localPool } = await import(${module("test/transports/ssh/local-channel.ts")});
const make = () => sshTransport(${JSON.stringify(spec)}, { pool: localPool({ shell: ${JSON.stringify(shell)} }) });`,
    });
  });
