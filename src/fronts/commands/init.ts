// sharewright init: a small project that works, from the files in templates/, which the package brings.
import { existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { basename, dirname, join, relative, resolve } from "node:path";
import { fault } from "../../core/errors";
import { quoteWord } from "../../core/quote";
import { type Answer, answering, type Context, type JsonFlags } from "./answer";

interface InitFlags extends JsonFlags {
  readonly cdktn?: boolean;
  readonly lustre?: boolean;
  readonly gluster?: boolean;
}

/** What the package says of itself. */
interface Own {
  version: string;
  peerDependencies: Record<string, string>;
  devDependencies: Record<string, string>;
}

/** Where each template goes. */
const places: Readonly<Record<string, string>> = {
  "main.ts": "main.ts",
  "shares.ts": "shares.ts",
  "shares.test.ts": "shares.test.ts",
  "tsconfig.json": "tsconfig.json",
  "cdktf.json": "cdktf.json",
  gitignore: ".gitignore",
  "github.yml": ".github/workflows/shares.yml",
  "gitlab.yml": ".gitlab-ci.yml",
};

async function init(context: Context, flags: InitFlags, named: string): Promise<Answer> {
  if (flags.lustre && flags.gluster)
    throw fault("BAD_REQUEST", {
      summary: "--lustre and --gluster are two projects",
      fix: "choose the one to begin with; a stack may hold both",
    });
  const directory = resolve(context.workingDirectory, named);
  requireEmpty(directory);
  const root = packageRoot(__dirname);
  const framework = flags.cdktn ? "cdktn" : "cdktf";
  const files = { "package.json": manifest(root, basename(directory), framework) };
  for (const [template, place] of Object.entries(places)) {
    const source = flags.gluster && template === "shares.ts" ? "shares.gluster.ts" : template;
    const text = readFileSync(join(root, "templates", source), "utf8");
    Object.assign(files, { [place]: text.replaceAll('from "cdktf"', `from "${framework}"`) });
  }
  for (const [place, text] of Object.entries(files)) {
    mkdirSync(dirname(join(directory, place)), { recursive: true });
    writeFileSync(join(directory, place), text, { flag: "wx" });
  }
  const next = nextCommands(relative(context.workingDirectory, directory) || ".");
  const width = Math.max(...next.map(({ command }) => command.length));
  const lines = next.map(({ command, what }) => `  ${command.padEnd(width)}  ${what}`);
  return {
    text: [`made ${named}: ${Object.keys(files).join(", ")}`, "", "next:", ...lines].join("\n"),
    document: { directory, framework, files: Object.keys(files), next: next.map(({ command }) => command) },
  };
}

const nextCommands = (directory: string) => [
  { command: `${directory === "." ? "" : `cd ${quoteWord(directory)} && `}npm install`, what: "then commit package-lock.json" },
  { command: "npm test", what: "keeps what is synthesized as a snapshot: commit it, too" },
  { command: "npm run plan", what: "what Terraform would do, and what becomes of data; `npm run apply` does it" },
];

/** @throws BAD_REQUEST for anything that a file would have to be written over or beside */
function requireEmpty(directory: string): void {
  if (!existsSync(directory)) return;
  const holds = statSync(directory).isDirectory() ? readdirSync(directory)[0] : "no directory";
  if (holds === undefined) return;
  throw fault("BAD_REQUEST", {
    summary: `${directory} is not empty: ${holds}`,
    fix: "name a new directory; what is there is not touched",
  });
}

function packageRoot(from: string): string {
  if (existsSync(join(from, "templates", "shares.ts"))) return from;
  if (dirname(from) !== from) return packageRoot(dirname(from));
  throw fault("BAD_REQUEST", {
    summary: `there are no templates beside ${__dirname}`,
    fix: "a copy of the executor alone cannot do this: `npx sharewright init`",
  });
}

function manifest(root: string, name: string, framework: "cdktf" | "cdktn"): string {
  const { version, peerDependencies, devDependencies } = JSON.parse(readFileSync(join(root, "package.json"), "utf8")) as Own;
  const terraform = "${TERRAFORM_BINARY_NAME:-terraform}";
  const project = {
    name:
      name
        .toLowerCase()
        .replace(/[^a-z0-9-]+/g, "-")
        .replace(/^-+|-+$/g, "") || "shares",
    private: true,
    scripts: {
      synth: "tsx main.ts",
      test: "vitest run",
      typecheck: "tsc",
      plan: `npm run --silent synth && cd cdktf.out/stacks/shares && ${terraform} init && ${terraform} plan -out=plan.out && ${terraform} show -json plan.out | sharewright review -`,
      apply: `cd cdktf.out/stacks/shares && ${terraform} apply plan.out`,
    },
    dependencies: {
      [framework]: peerDependencies[framework],
      constructs: framework === "cdktn" ? ">=10.6.0 <10.8.0" : peerDependencies["constructs"],
      sharewright: `^${version}`,
    },
    devDependencies: Object.fromEntries(
      ["@types/node", "tsx", "typescript", "vitest"].map((tool) => [tool, devDependencies[tool]]),
    ),
  };
  return `${JSON.stringify(project, null, 2)}\n`;
}

export default answering("init", init);
