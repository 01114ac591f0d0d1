// Which folder may import what (docs/architecture.md). The folders are named for when their code runs, and this keeps it true.
import { readdirSync, readFileSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import ts from "typescript";
import { describe, expect, it } from "vitest";

const root = join(__dirname, "../..");

// The first line that matches a file rules it. A folder may always import itself.
const law: readonly [folder: string, mayImport: readonly string[]][] = [
  ["lib/internal", ["lib", "src/spec", "cdktf", "@cdktf/provider-null", "constructs", "node:"]],
  ["lib", ["src/spec", "constructs"]],
  ["src/spec", ["zod/mini"]],
  ["src/core", ["src/spec", "node:"]],
  ["src/backends/gluster/parse.ts", ["@rgrove/parse-xml"]],
  // Of node only what computes: a backend reaches the machine through its hosts.
  ["src/backends", ["src/core", "src/spec", "zod/mini", "node:path/posix", "node:crypto"]],
  ["src/transports", ["src/core", "src/spec", "node:", "ssh2"]],
  ["src/sandbox", ["src/spec", "node:"]],
  ["src/fronts", ["src", "@stricli/core", "node:", "package.json"]],
  ["src/main.ts", ["src"]],
];

interface Import {
  readonly file: string;
  readonly target: string;
}

function importsOf(file: string): Import[] {
  const { importedFiles } = ts.preProcessFile(readFileSync(join(root, file), "utf8"), true, true);
  return importedFiles.map(({ fileName }) => ({
    file,
    target: fileName.startsWith(".") ? relative(root, join(root, dirname(file), fileName)) : fileName,
  }));
}

const isWithin = (target: string, allowed: string) =>
  target === allowed || target.startsWith(allowed.endsWith(":") ? allowed : `${allowed}/`);

function isLawful({ file, target }: Import): boolean {
  const line = law.find(([folder]) => isWithin(file, folder));
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
    expect(isLawful({ file: "src/backends/lustre/share-plan.ts", target: "src/fronts/hook" })).toBe(false);
    expect(isLawful({ file: "lib/lustre/lustre-share.ts", target: "cdktf" })).toBe(false);
    expect(isLawful({ file: "src/sandbox/store.ts", target: "src/core/errors" })).toBe(false);
  });

  it("loads zod/mini only: all of zod costs every hook 26 ms of CPU", () => {
    expect(imports.filter(({ target }) => /^zod($|\/(?!mini$))/.test(target))).toEqual([]);
  });
});
