// Which folder may import what (docs/architecture.md). The folders are named for when their code runs, and this keeps it true.
import { readdirSync, readFileSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import ts from "typescript";
import { describe, expect, it } from "vitest";

const root = join(__dirname, "../..");

const parts = ["src/core", "src/spec", "src/transports", "@stricli/core", "node:", "package.json"];
/** Files of the fronts, and not their folders of systems. */
const fronts = readdirSync(join(root, "src/fronts"))
  .filter((name) => name.endsWith(".ts"))
  .map((name) => `src/fronts/${name.slice(0, -3)}`)
  .concat("src/fronts/commands");

// The first line that matches a file rules it. A folder may always import itself.
type Line = readonly [place: string, mayImport: readonly string[]];
const law: readonly Line[] = [
  ["lib/internal/framework", ["lib/internal", "cdktf", "cdktn", "@cdktf/provider-null", "constructs"]],
  ["lib/internal", ["src/spec", "constructs", "node:"]],
  ["lib", ["src/spec", "constructs"]],
  ["src/spec", ["zod/mini"]],
  ["src/core", ["src/spec", "node:"]],
  ["src/backends/gluster/parse", ["@rgrove/parse-xml"]],
  // Of node only what computes: a backend reaches the machine through its hosts.
  ["src/backends", ["src/core", "src/spec", "zod/mini", "node:path/posix", "node:crypto"]],
  ["src/transports", ["src/core", "src/spec", "node:", "ssh2"]],
  ["src/sandbox", ["src/spec", "node:"]],
  ["src/fronts/lustre", ["src/backends/lustre", ...parts, ...fronts]],
  ["src/fronts/gluster", ["src/backends/gluster", ...parts, ...fronts]],
  // What is common to all systems names none of them.
  ...["src/fronts/hook", "src/fronts/desks", "src/fronts/commands/routes"].map((file): Line => [file, ["src/fronts", ...parts]]),
  ...fronts.map((front): Line => [front, [...parts, ...fronts]]),
  ["src/main", ["src"]],
];

interface Import {
  readonly file: string;
  readonly target: string;
}

function importsOf(file: string): Import[] {
  const { importedFiles } = ts.preProcessFile(textOf(file), true, true);
  return importedFiles.map(({ fileName }) => ({
    file,
    target: fileName.startsWith(".") ? relative(root, join(root, dirname(file), fileName)) : fileName,
  }));
}

/**
 * What a file imports at once, also for its types. But public constructs may name each other in their types: a file system makes shares, and a share
 * says on which file system it lies. Types have a statement of their own, as the linter demands.
 */
function atOnceFrom(file: string): string[] {
  const text = textOf(file);
  const statements = [...text.matchAll(/^(?:import|export)( type)? [^;"]*?"(\.[^"]*)";/gm)];
  return statements.flatMap(([, type, path = ""]) => {
    const target = relative(root, join(root, dirname(file), path));
    return type && isConstruct(file) && isConstruct(`${target}.ts`) ? [] : [target];
  });
}

const textOf = (file: string) => readFileSync(join(root, file), "utf8");
const isConstruct = (file: string) => file.startsWith("lib/") && /^export class \w+ extends Construct /m.test(textOf(file));

const isWithin = (target: string, allowed: string) =>
  target === allowed || target.startsWith(allowed.endsWith(":") ? allowed : `${allowed}/`);

function isLawful({ file, target }: Import): boolean {
  const line = law.find(([place]) => isWithin(file.replace(/\.ts$/, ""), place));
  return line !== undefined && [line[0], ...line[1]].some((allowed) => isWithin(target, allowed));
}

const files = ["lib", "src"].flatMap((folder) =>
  readdirSync(join(root, folder), { recursive: true, encoding: "utf8" })
    .filter((name) => name.endsWith(".ts"))
    .map((name) => `${folder}/${name}`),
);
const imports = files.flatMap(importsOf);

describe("import law", () => {
  it("reads the sources", () => {
    expect(files.length).toBeGreaterThan(100);
    expect(imports).toContainEqual({ file: "src/main.ts", target: "src/fronts/hook" });
  });

  it("holds for every import of lib and src", () => {
    expect(imports.filter((one) => !isLawful(one))).toEqual([]);
  });

  it("sees an import that it forbids", () => {
    expect(isLawful({ file: "src/backends/lustre/share/plan.ts", target: "src/fronts/hook" })).toBe(false);
    expect(isLawful({ file: "lib/lustre/lustre-share.ts", target: "cdktf" })).toBe(false);
    expect(isLawful({ file: "lib/internal/claim-block.ts", target: "cdktn" })).toBe(false);
    expect(isLawful({ file: "src/sandbox/store.ts", target: "src/core/errors" })).toBe(false);
    expect(isLawful({ file: "src/fronts/commands/plan.ts", target: "src/backends/lustre/share/plan" })).toBe(false);
    expect(isLawful({ file: "src/fronts/commands/plan.ts", target: "src/fronts/lustre/survey" })).toBe(false);
    expect(isLawful({ file: "src/fronts/gluster/list.ts", target: "src/fronts/lustre/list" })).toBe(false);
  });

  it("leads nowhere in a circle", () => {
    const next = new Map(files.map((file) => [file.replace(/\.ts$/, ""), atOnceFrom(file)]));
    const circles = [...next.keys()].filter((file) => {
      const reached = new Set<string>();
      const open = [...(next.get(file) ?? [])];
      for (let at = open.pop(); at !== undefined; at = open.pop()) {
        if (reached.has(at)) continue;
        reached.add(at);
        open.push(...(next.get(at) ?? []));
      }
      return reached.has(file);
    });
    expect(circles).toEqual([]);
  });

  it("loads zod/mini only: all of zod costs every hook 26 ms of CPU", () => {
    expect(imports.filter(({ target }) => /^zod($|\/(?!mini$))/.test(target))).toEqual([]);
  });
});
