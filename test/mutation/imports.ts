// Which tests see a module: what each file imports when it runs, whatever is only a type left out.
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { basename, dirname, join } from "node:path/posix";
import ts from "typescript";

/** Tests that run the code in their own process, and end soon. Not those of the stand-ins, nor those of the package. */
const inProcess = [
  "test/backends",
  "test/core",
  "test/spec",
  "test/transports",
  "test/fronts",
  "test/lib",
  "test/executor/gluster",
];
const others = /\.sshd\.test\.ts$|\/crash-sweep\/|\/eleven\.test\.ts$/;

export function filesIn(root: string, folder: string): string[] {
  return readdirSync(join(root, folder), { recursive: true, encoding: "utf8" })
    .filter((name) => name.endsWith(".ts"))
    .map((name) => join(folder, name))
    .sort();
}

interface Seen {
  test: string;
  /** How many imports lie between; less for a test that is named like the module. */
  distance: number;
}

/** Of every module, the tests that import it, the nearest first. */
export function testsByModule(root: string): Map<string, string[]> {
  const tests = inProcess.flatMap((folder) => filesIn(root, folder)).filter((file) => file.endsWith(".test.ts"));
  const known = new Map<string, string[]>();
  const imports = (file: string) => {
    const found = known.get(file) ?? importsOf(root, file);
    known.set(file, found);
    return found;
  };
  const seen = new Map<string, Seen[]>();
  for (const test of tests.filter((file) => !others.test(file))) {
    for (const [file, imported] of distancesFrom(test, imports)) {
      const distance = isNamedLike(test, file) ? imported / 4 : imported;
      if (concerns(test, file)) seen.set(file, [...(seen.get(file) ?? []), { test, distance }]);
    }
  }
  const nearestFirst = (a: Seen, b: Seen) => a.distance - b.distance || (a.test < b.test ? -1 : 1);
  return new Map([...seen].map(([file, list]) => [file, list.sort(nearestFirst).map(({ test }) => test)]));
}

/** Every front can start every backend, but a test is about one of them. */
function concerns(test: string, file: string): boolean {
  if (file.startsWith("src/backends/gluster")) return test.includes("gluster");
  return !file.startsWith("src/backends/lustre") || !test.includes("gluster");
}

function isNamedLike(test: string, file: string): boolean {
  const words = (path: string) =>
    basename(path)
      .replace(/(\.test)?\.ts$/, "")
      .split("-");
  return words(file).some((word) => words(test).includes(word));
}

function distancesFrom(start: string, imports: (file: string) => string[]): Map<string, number> {
  const distances = new Map([[start, 0]]);
  // A map is gone through in the order in which it grows.
  for (const [file, distance] of distances) {
    for (const next of imports(file)) if (!distances.has(next)) distances.set(next, distance + 1);
  }
  return distances;
}

function importsOf(root: string, file: string): string[] {
  const source = ts.createSourceFile(file, readFileSync(join(root, file), "utf8"), ts.ScriptTarget.ES2022);
  const names: string[] = [];
  const visit = (node: ts.Node): void => {
    if (ts.isTypeNode(node)) return;
    const from = ts.isImportDeclaration(node) || ts.isExportDeclaration(node) ? node.moduleSpecifier : undefined;
    if (from && ts.isStringLiteral(from) && !isOnlyType(node)) names.push(from.text);
    if (ts.isCallExpression(node) && node.expression.kind === ts.SyntaxKind.ImportKeyword) {
      const [name] = node.arguments;
      if (name && ts.isStringLiteral(name)) names.push(name.text);
    }
    ts.forEachChild(node, visit);
  };
  visit(source);
  const relative = names.filter((name) => name.startsWith("."));
  return relative.flatMap((name) => {
    const path = join(dirname(file), name);
    return [`${path}.ts`, path, join(path, "index.ts")].filter((one) => one.endsWith(".ts") && existsSync(join(root, one)));
  });
}

function isOnlyType(node: ts.Node): boolean {
  if (ts.isExportDeclaration(node)) return node.isTypeOnly;
  if (!ts.isImportDeclaration(node)) return false;
  const { importClause: clause } = node;
  if (!clause) return false;
  const bindings = clause.namedBindings;
  const eachIsType = bindings !== undefined && ts.isNamedImports(bindings) && bindings.elements.every((one) => one.isTypeOnly);
  return clause.phaseModifier === ts.SyntaxKind.TypeKeyword || (clause.name === undefined && eachIsType);
}
