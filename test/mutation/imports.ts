// What each test imports when it runs, whatever is only a type left out.
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path/posix";
import ts from "typescript";

/** Tests that run the code in their own process. */
const inProcess = /^test\/(backends|core|executor|fronts|lib|spec|transports)\//;
/** What of these starts processes or needs an sshd. */
const startsProcesses =
  /\.sshd\.test\.ts$|\/crash-sweep\/(processes|ssh-)|\/eleven\.test|\/executor\/(concurrency|plain-tools|ssh-)|\/transports\/ssh(-quoting)?\.test|\/user-config-as-ssh|\/ssh-site/;

const isAsked = (test: string) => test.endsWith(".test.ts") && inProcess.test(test) && !startsProcesses.test(test);

export function filesIn(root: string, folder: string): string[] {
  return readdirSync(join(root, folder), { recursive: true, encoding: "utf8" })
    .filter((name) => name.endsWith(".ts"))
    .map((name) => join(folder, name))
    .sort();
}

/** Of every test that is asked, all that it is made of, itself included. */
export function importsByTest(root: string): Map<string, string[]> {
  const tests = filesIn(root, "test").filter(isAsked);
  const known = new Map<string, string[]>();
  const imports = (file: string) => {
    const found = known.get(file) ?? importsOf(root, file);
    known.set(file, found);
    return found;
  };
  const reached = (test: string) => {
    const files = new Set([test]);
    // A set is gone through in the order in which it grows.
    for (const file of files) for (const next of imports(file)) files.add(next);
    return [...files].sort();
  };
  return new Map(tests.map((test) => [test, reached(test)]));
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
