// Which functions each test runs, so that a mutant is tried by just those tests that can see it.
import ts from "typescript";

/** "src/a.ts#3": its fourth function. Undefined for what is in none, which runs when the module is read. */
export function functionAt(file: string, text: string, position: number): string | undefined {
  const around = functionsOf(file, text).findLastIndex((one) => one.getStart() <= position && position < one.getEnd());
  return around < 0 ? undefined : `${file}#${around}`;
}

/** The source with a mark at the start of each function, which tells whoever has put a set there that it ran. */
export function marked(file: string, text: string): string {
  let changed = text;
  const marks = functionsOf(file, text).flatMap(({ body }, index) => {
    const mark = `globalThis.__ran?.add("${file}#${index}")`;
    if (!body) return [];
    if (ts.isBlock(body)) return [{ at: body.getStart() + 1, put: `${mark};` }];
    return [
      { at: body.getStart(), put: `(${mark}, ` },
      { at: body.getEnd(), put: ")" },
    ];
  });
  for (const { at, put } of marks.sort((a, b) => b.at - a.at)) changed = changed.slice(0, at) + put + changed.slice(at);
  return changed;
}

type WithBody = ts.FunctionLikeDeclaration & { body?: ts.Node };

function functionsOf(file: string, text: string): WithBody[] {
  const source = ts.createSourceFile(file, text, ts.ScriptTarget.ES2022, true);
  const found: WithBody[] = [];
  const visit = (node: ts.Node): void => {
    if (ts.isFunctionLike(node) && "body" in node && node.body) found.push(node as WithBody);
    ts.forEachChild(node, visit);
  };
  visit(source);
  return found;
}
