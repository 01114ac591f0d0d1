import { chmodSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Command, Result } from "../../src/core/command";
import { localTransport } from "../../src/transports/local";
import { transportContract } from "./contract";

const source = pathToFileURL(join(process.cwd(), "src/transports/local.ts")).href;

transportContract("local", {
  make: () => localTransport(),
  moduleText: `const { localTransport } = await import(${JSON.stringify(source)});\nconst make = () => localTransport();`,
});

describe("local", () => {
  let directory = "";
  beforeAll(() => {
    directory = mkdtempSync(join(tmpdir(), "local-"));
    writeFileSync(join(directory, "mytool"), "#!/bin/sh\nprintf mine\n");
    chmodSync(join(directory, "mytool"), 0o755);
    writeFileSync(join(directory, "plain"), "no program");
  });
  afterAll(() => rmSync(directory, { recursive: true, force: true }));

  test("finds tools in the connection's path before the PATH", async () => {
    expect(await localTransport({ path: [directory] }).run({ argv: ["mytool"] })).toMatchObject({ exitCode: 0, stdout: "mine" });
    expect((await localTransport().run({ argv: ["mytool"] })).exitCode).toBe(127);
  });

  test("a file that cannot be run is exit 126", async () => {
    expect((await localTransport().run({ argv: [join(directory, "plain")] })).exitCode).toBe(126);
  });

  test("says where its locks may live", () => {
    expect(localTransport({ environment: {} }).runDirectory).toBe("/run/sharewright");
    expect(localTransport({ environment: { SHAREWRIGHT_RUN_DIR: "/tmp/x" } }).runDirectory).toBe("/tmp/x");
  });

  test("tells of every command that ended", async () => {
    const ended: [Command, Result][] = [];
    const transport = localTransport({ onEnd: (command, result) => ended.push([command, result]) });
    const result = await transport.run({ argv: ["/bin/sh", "-c", "exit 7"] });
    expect(ended).toEqual([[{ argv: ["/bin/sh", "-c", "exit 7"] }, result]]);
  });
});
