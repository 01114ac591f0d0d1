// What the executor's bundle may weigh, and what a hook may load of it: Terraform starts one process for every hook.
import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, extname, join, relative } from "node:path";
import { build, type Plugin } from "esbuild";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { bundles } from "../../scripts/bundle.mjs";
import { hookEnvironment } from "./hook";

const root = join(__dirname, "../..");
const work = mkdtempSync(join(tmpdir(), "sharewright-bundle-"));
// Raise them knowingly: they are little above what was measured.
const ceilingsKb = {
  "sharewright.cjs": 13,
  "sharewright-lustre.cjs": 272,
  "sharewright-gluster.cjs": 242,
  "sharewright-commands.cjs": 753,
  "sharewright-ssh.cjs": 425,
  "sharewright-sandbox.cjs": 340,
};

afterAll(() => rmSync(work, { recursive: true, force: true }));

it.each(Object.entries(ceilingsKb))("dist/%s is at most %i KB", (file, ceilingKb) => {
  expect(statSync(join(root, "dist", file)).size / 1000).toBeLessThan(ceilingKb);
});

describe("what a process evaluates", () => {
  const bundle = join(work, "sharewright.cjs");

  beforeAll(async () => {
    for (const [file, options] of Object.entries(bundles(root, work))) {
      const plugins = [...(options.plugins ?? []), tellWhatIsEvaluated];
      await build({ ...options, outfile: join(work, file), metafile: false, plugins });
    }
  });

  // The hook starts stand-ins, which note what they evaluate as well: only its own list counts.
  function evaluatedBy(args: readonly string[], env: NodeJS.ProcessEnv = {}, file = bundle): { modules: string[]; said: string } {
    const lists = join(work, "evaluated-by-");
    const { pid, stdout, stderr } = spawnSync(process.execPath, [file, ...args], {
      encoding: "utf8",
      env: { ...process.env, ...env, EVALUATED: lists },
    });
    return { modules: readFileSync(`${lists}${pid}`, "utf8").trim().split("\n"), said: `${stdout}${stderr}` };
  }

  it("a local hook of Lustre: no ssh2, no command line, no sandbox, nothing of GlusterFS", () => {
    const sandbox = join(work, "sandbox");
    evaluatedBy(["sandbox", "start", "--dir", sandbox]);
    const { modules, said } = evaluatedBy(["hook", "lustre.share", "apply", "shares/genomics"], hookEnvironment(sandbox));
    expect(said).toContain("lustre.share shares/genomics: as described");
    expect(modules).toContain("src/transports/local.ts");
    expect(modules.filter((module) => /ssh2|stricli|^src\/sandbox|^src\/fronts\/(cli|commands)/.test(module))).toEqual([]);
    expect(modules.filter((module) => /gluster|parse-xml/.test(module))).toEqual([]);
  });

  it("a local hook of GlusterFS: nothing of Lustre", () => {
    const { modules, said } = evaluatedBy(["hook", "gluster.share", "apply", "genomics"]);
    expect(said).toContain("SHAREWRIGHT_CLUSTERS is not set");
    expect(modules).toContain("src/fronts/gluster/hooks.ts");
    expect(modules.filter((module) => /lustre|ssh2|stricli|^src\/sandbox|^src\/fronts\/(cli|commands)/.test(module))).toEqual([]);
  });

  it("a stand-in of the sandbox: nothing of the executor", () => {
    const file = join(work, "sharewright-sandbox.cjs");
    const { modules } = evaluatedBy(["lfs", "client", join(work, "sandbox"), "--version"], {}, file);
    expect(modules).toContain("src/sandbox/stand-in.ts");
    expect(modules.filter((module) => /ssh2|stricli|^src\/(backends|fronts|transports)/.test(module))).toEqual([]);
  });
});

/** Has every module write its name down when it is evaluated, not merely contained. */
const tellWhatIsEvaluated: Plugin = {
  name: "tell what is evaluated",
  setup({ onLoad }) {
    onLoad({ filter: /\.[cm]?[jt]s$/ }, ({ path }) => {
      const tell = `require("node:fs").appendFileSync(process.env.EVALUATED + process.pid, ${JSON.stringify(`${relative(root, path)}\n`)});`;
      return {
        contents: `${readFileSync(path, "utf8")}\n;${tell}\n`,
        loader: extname(path) === ".ts" ? "ts" : "js",
        resolveDir: dirname(path),
      };
    });
  },
};
