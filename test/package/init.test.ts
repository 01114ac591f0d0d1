// `sharewright init`: what it writes is installed, type-checked, tested and deployed, by the very lines of its pipelines, on a sandbox.
import { readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { terraformBinary } from "../../scripts/terraform.mjs";
import { type Ended, ended, thrift } from "../e2e/support/terraform";
import { pack, root } from "./packed";
import { type Project, project, unpack } from "./projects";

const packed = pack();
const unpacked = unpack(packed.tarball);
const { command: terraform } = terraformBinary() ?? { command: "terraform" };
let states: Server;
beforeAll(async () => {
  states = await stateServer();
});
afterAll(() => {
  states.close();
  packed.remove();
});

const tools = ["constructs", "tsx", "typescript", "vitest", "@types/node", "undici-types"];
const cases = [
  { flags: [], framework: "cdktf", pipeline: "github", share: "/shares/genomics", carriedBy: "npm" },
  { flags: ["--cdktn", "--gluster"], framework: "cdktn", pipeline: "gitlab", share: "pool-1-1G", carriedBy: "links" },
] as const;

describe.each(cases)("issue 14, init $flags:", ({ flags, framework, pipeline, share, carriedBy }) => {
  // The package that is asked to begin a project, and from which everything is taken that npm is not asked for.
  const from = project(unpacked, `${framework}-packages`, [framework, ...tools]);
  const folder = join(packed.folder, `${framework}-shares`);
  const bin = join(from.folder, "node_modules/sharewright/dist/sharewright.cjs");
  const sandbox = join(packed.folder, `${framework}-sandbox`);
  const state = () => `http://127.0.0.1:${(states.address() as AddressInfo).port}/${framework}`;
  // By hand at first: in CI vitest writes no snapshot.
  let env: NodeJS.ProcessEnv = { ...process.env, ...thrift, CHECKPOINT_DISABLE: "1", CI: "" };
  const run = (program: string, ...args: string[]): Promise<Ended> => ended(program, args, folder, env, 240_000);
  const npmRun = async (script: string) => {
    const { exitCode, stdout, stderr } = await run("npm", "run", "--silent", script);
    expect(exitCode, stdout + stderr).toBe(0);
  };
  afterAll(async () => {
    await run(process.execPath, bin, "sandbox", "stop", "--dir", sandbox);
  });

  it("writes a project and says the next three commands", () => {
    const { exitCode, said } = from.run(process.execPath, bin, "init", ...flags, folder);
    expect(exitCode, said).toBe(0);
    expect(said).toMatch(/next:\n {2}cd \S+ && npm install .*\n {2}npm test .*\n {2}npm run plan .*\n$/);
    expect(readFileSync(join(folder, "shares.ts"), "utf8")).toContain(`from "${framework}"`);
    expect(Object.keys(manifest().dependencies)).toEqual([framework, "constructs", "sharewright"]);
  });

  it("and not into a folder that holds anything", () => {
    const { exitCode, said } = from.run(process.execPath, bin, "init", ...flags, folder);
    expect(exitCode).toBe(2);
    expect(said).toContain("is not empty");
  });

  it("is installed", async () => {
    if (carriedBy === "links") return linkModules(from, folder);
    const written = manifest();
    // Not published under this version: the tarball is what npm would get.
    const tarball = { ...written, dependencies: { ...written.dependencies, sharewright: `file:${packed.tarball}` } };
    writeFileSync(join(folder, "package.json"), JSON.stringify(tarball));
    const quiet = ["--prefer-offline", "--no-audit", "--no-fund", "--ignore-scripts", "--loglevel", "warn"];
    const { exitCode, stdout, stderr } = await run("npm", "install", ...quiet);
    expect(exitCode, stdout + stderr).toBe(0);
    expect(stderr).not.toMatch(/ERESOLVE|peer/);
  });

  it("is type-checked and tested: the first run keeps a snapshot, a pipeline compares with it", async () => {
    await npmRun("typecheck");
    await npmRun("test");
    env = { ...env, CI: "true" };
    const snapshot = join(folder, "__snapshots__/shares.test.ts.snap");
    writeFileSync(snapshot, readFileSync(snapshot, "utf8").replaceAll("genomics", "genetics"));
    expect((await run("npm", "test")).exitCode).toBe(1);
    rmSync(join(folder, "__snapshots__"), { recursive: true });
  });

  it(`is deployed by its pipeline (${pipeline}), with its state where TF_HTTP_ADDRESS says, and planned again without a change`, async () => {
    expect((await run(process.execPath, bin, "sandbox", "start", "--gluster", "--resident", "--dir", sandbox)).exitCode).toBe(0);
    const exported = await run(process.execPath, bin, "sandbox", "env", "--json", "--dir", sandbox);
    const variables = { TF_HTTP_ADDRESS: state(), TF_IN_AUTOMATION: "1", TF_INPUT: "0", GATE: "data" };
    env = { ...env, ...(JSON.parse(exported.stdout) as object), ...variables };
    const summary = join(packed.folder, `${framework}-summary.md`);
    env = { ...env, GITHUB_STEP_SUMMARY: summary };
    for (const script of scripts(pipeline, readFileSync(join(folder, pipelineFile[pipeline]), "utf8"))) {
      // Installed already; Terraform or OpenTofu, whichever is here.
      const lines = script.replaceAll("npm ci\n", "").replace(/^terraform /gm, `${terraform} `);
      const { exitCode, stdout, stderr } = await run("bash", "-e", "-c", lines);
      expect(exitCode, lines + stdout + stderr).toBe(0);
    }
    expect((await run(process.execPath, bin, "sandbox", "status", "--json")).stdout).toContain(share);
    if (pipeline === "github") expect(readFileSync(summary, "utf8")).toContain("<!-- sharewright review -->");
    const again = await run("npm", "run", "--silent", "plan");
    expect(again.stdout).toContain("No changes.");
  });

  function manifest(): { dependencies: Record<string, string> } {
    return JSON.parse(readFileSync(join(folder, "package.json"), "utf8"));
  }
});

const pipelineFile = { github: ".github/workflows/shares.yml", gitlab: ".gitlab-ci.yml" };

/** What the job "apply" runs: the steps of GitHub, each in its folder, or the one script of GitLab. */
function scripts(pipeline: keyof typeof pipelineFile, text: string): string[] {
  const job = text.split(/^ *apply:\n/m)[1] ?? "";
  if (pipeline === "gitlab") return [(job.split("  script:\n")[1] ?? "").replace(/^ {4}- /gm, "")];
  return job
    .split(/^ {6}- /m)
    .filter((step) => step.startsWith("name:"))
    .map((step) => {
      const folder = /working-directory: (.*)/.exec(step)?.[1] ?? ".";
      const [, line = "", block = ""] = /run: (?:\|\n((?: {10}.*\n?)+)|(.*))/.exec(step) ?? [];
      return `cd ${folder}\n${(line || block).replace(/^ {10}/gm, "")}\n`;
    });
}

function linkModules(from: Project, folder: string): void {
  const { exitCode, said } = from.run("cp", "-r", join(from.folder, "node_modules"), folder);
  expect(exitCode, said).toBe(0);
  for (const [name, file] of Object.entries({
    tsx: "tsx/dist/cli.mjs",
    tsc: "typescript/bin/tsc",
    vitest: "vitest/vitest.mjs",
    sharewright: "sharewright/dist/sharewright.cjs",
  })) {
    const place = join(folder, "node_modules/.bin", name);
    writeFileSync(place, `#!/bin/sh\nexec node "${join(name === "sharewright" ? folder : root, "node_modules", file)}" "$@"\n`, {
      mode: 0o755,
    });
  }
}

/** Keeps states by their paths, as GitLab does; without locks, which one run does not need. */
async function stateServer(): Promise<Server> {
  const kept = new Map<string, string>();
  const server = createServer((request, response) => {
    const path = request.url?.split("?")[0] ?? "";
    let body = "";
    request.setEncoding("utf8").on("data", (text: string) => {
      body += text;
    });
    request.on("end", () => {
      if (request.method === "POST") kept.set(path, body);
      const found = kept.get(path);
      response.statusCode = found === undefined ? 404 : 200;
      response.end(request.method === "GET" ? found : "");
    });
  });
  await new Promise<void>((resolve) => {
    server.listen(0, "127.0.0.1", resolve);
  });
  return server;
}
