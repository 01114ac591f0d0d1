// Small faults that a source could have: each is one change of one place, found by rules in its syntax tree.
import { createHash } from "node:crypto";
import ts from "typescript";

export interface Mutant {
  file: string;
  line: number;
  /** What the change is, for people; the same as long as that place in that function stays. */
  key: string;
  start: number;
  end: number;
  replacement: string;
}

/** A change of a node: what is put in place of which part of the text. */
interface Change {
  node: ts.Node;
  replacement: string;
  /** Where it reaches beyond the node. */
  end?: number;
}

type Rule = (node: ts.Node, source: ts.SourceFile) => Change[];

const swapped: ReadonlyMap<ts.SyntaxKind, string> = new Map([
  [ts.SyntaxKind.LessThanToken, "<="],
  [ts.SyntaxKind.LessThanEqualsToken, "<"],
  [ts.SyntaxKind.GreaterThanToken, ">="],
  [ts.SyntaxKind.GreaterThanEqualsToken, ">"],
  [ts.SyntaxKind.AmpersandAmpersandToken, "||"],
  [ts.SyntaxKind.BarBarToken, "&&"],
  [ts.SyntaxKind.EqualsEqualsEqualsToken, "!=="],
  [ts.SyntaxKind.ExclamationEqualsEqualsToken, "==="],
]);

/** `a < b` becomes `a <= b`, `a && b` becomes `a || b`. */
const operator: Rule = (node) => {
  if (!ts.isBinaryExpression(node) || isCondition(node)) return [];
  const replacement = swapped.get(node.operatorToken.kind);
  return replacement === undefined ? [] : [{ node: node.operatorToken, replacement }];
};

/** `x + 1` becomes `x - 1`. */
const offByOne: Rule = (node) => {
  if (!ts.isBinaryExpression(node) || !/^1n?$/.test(node.right.getText())) return [];
  if (node.operatorToken.kind === ts.SyntaxKind.PlusToken) return [{ node: node.operatorToken, replacement: "-" }];
  if (node.operatorToken.kind === ts.SyntaxKind.MinusToken) return [{ node: node.operatorToken, replacement: "+" }];
  return [];
};

function isCondition(node: ts.Node): boolean {
  const { parent } = node;
  if (ts.isIfStatement(parent) || ts.isWhileStatement(parent)) return parent.expression === node;
  return (ts.isConditionalExpression(parent) || ts.isForStatement(parent)) && parent.condition === node;
}

const negation: Rule = (node) => {
  if (!isCondition(node)) return [];
  const isNot = ts.isPrefixUnaryExpression(node) && node.operator === ts.SyntaxKind.ExclamationToken;
  const border = ts.isBinaryExpression(node) ? operatorAtBorder(node) : [];
  return [{ node, replacement: isNot ? node.operand.getText() : `!(${node.getText()})` }, ...border];
};

/** The other half of a condition that is a comparison: `a < b` is more often wrong by its border than as a whole. */
function operatorAtBorder({ operatorToken }: ts.BinaryExpression): Change[] {
  const replacement = swapped.get(operatorToken.kind);
  const isEquality = replacement === "===" || replacement === "!==";
  return replacement === undefined || isEquality ? [] : [{ node: operatorToken, replacement }];
}

const droppedStatement: Rule = (node, source) => {
  if (ts.isThrowStatement(node)) return [{ node, replacement: ";" }];
  if (!ts.isExpressionStatement(node)) return [];
  const { expression } = node;
  const call = ts.isAwaitExpression(expression) ? expression.expression : expression;
  const isTalk = /\blog\.debug\(/.test(call.getText(source));
  return ts.isCallExpression(call) && !isTalk ? [{ node, replacement: ";" }] : [];
};

/** One step, one word, one part less. */
const droppedElement: Rule = (node) => {
  if (!ts.isArrayLiteralExpression(node) || node.elements.length < 2 || isPattern(node) || !isInFunction(node)) return [];
  return node.elements.map((element, index) => {
    const next = node.elements[index + 1];
    return { node: element, replacement: "", ...(next ? { end: next.getStart() } : {}) };
  });
};

function isPattern({ parent }: ts.Node): boolean {
  return (ts.isBinaryExpression(parent) && parent.operatorToken.kind === ts.SyntaxKind.EqualsToken) || ts.isAsExpression(parent);
}

function isInFunction(node: ts.Node): boolean {
  return ts.findAncestor(node, ts.isFunctionLike) !== undefined;
}

const emptied: Rule = (node) => {
  if (ts.isArrayLiteralExpression(node) && node.elements.length === 1 && !isPattern(node) && isInFunction(node))
    return [{ node, replacement: "[]" }];
  if (!ts.isStringLiteral(node) || node.text === "" || !isAskedFor(node)) return [];
  return [{ node, replacement: '""' }];
};

/** A text that something is compared with; others are words for people, or are seen in a list. */
function isAskedFor({ parent }: ts.Node): boolean {
  if (ts.isBinaryExpression(parent)) return /^[!=]==$/.test(parent.operatorToken.getText());
  if (!ts.isCallExpression(parent) || !ts.isPropertyAccessExpression(parent.expression)) return false;
  return ["includes", "startsWith", "endsWith", "has", "get"].includes(parent.expression.name.text);
}

const flipped: Rule = (node) => {
  if (node.kind === ts.SyntaxKind.TrueKeyword) return [{ node, replacement: "false" }];
  if (node.kind === ts.SyntaxKind.FalseKeyword) return [{ node, replacement: "true" }];
  if (!ts.isIdentifier(node) || !ts.isPropertyAccessExpression(node.parent) || node.parent.name !== node) return [];
  if (node.text === "some") return [{ node, replacement: "every" }];
  return node.text === "every" ? [{ node, replacement: "some" }] : [];
};

const rules: readonly Rule[] = [operator, offByOne, negation, droppedStatement, droppedElement, emptied, flipped];

/** Every mutant of a source, in the order of the text. */
export function mutantsOf(file: string, text: string): Mutant[] {
  const source = ts.createSourceFile(file, text, ts.ScriptTarget.ES2022, true);
  const found: Mutant[] = [];
  const seen = new Map<string, number>();
  const visit = (node: ts.Node): void => {
    if (ts.isTypeNode(node) || ts.isImportDeclaration(node) || ts.isInterfaceDeclaration(node) || ts.isTypeAliasDeclaration(node))
      return;
    for (const change of rules.flatMap((rule) => rule(node, source))) {
      const mutant = mutantOf(source, text, change);
      const times = (seen.get(mutant.key) ?? 0) + 1;
      seen.set(mutant.key, times);
      found.push(times === 1 ? mutant : { ...mutant, key: `${mutant.key} (${times})` });
    }
    ts.forEachChild(node, visit);
  };
  ts.forEachChild(source, visit);
  return found;
}

function mutantOf(source: ts.SourceFile, text: string, { node, replacement, end = node.getEnd() }: Change): Mutant {
  const start = node.getStart(source);
  const shown = text.slice(start, end);
  // A word or an operator says little without its sides.
  const isWord = (ts.isToken(node) || ts.isIdentifier(node)) && !isCondition(node);
  const around = isWord ? node.parent : node;
  const before = around.getText(source);
  const at = start - around.getStart(source);
  const after = around === node ? replacement : before.slice(0, at) + replacement + before.slice(at + shown.length);
  return {
    file: source.fileName,
    line: source.getLineAndCharacterOfPosition(start).line + 1,
    key: `${source.fileName} ${placeOf(node)}: ${brief(before)} -> ${brief(after)}`,
    start,
    end,
    replacement,
  };
}

function brief(text: string): string {
  const line = text.replace(/\s+/g, " ").trim();
  if (line === "" || line === ";") return "(dropped)";
  return line.length > 100 ? `${line.slice(0, 97)}...` : line;
}

/** The function that it is in, and what that is in. */
function placeOf(node: ts.Node): string {
  const names: string[] = [];
  for (let at = node.parent; at; at = at.parent) {
    const name = isNamed(at) ? at.name : undefined;
    if (name && ts.isIdentifier(name)) names.unshift(name.text);
  }
  return names.join(".") || "(module)";
}

function isNamed(node: ts.Node): node is ts.FunctionDeclaration | ts.MethodDeclaration | ts.VariableDeclaration {
  return ts.isFunctionDeclaration(node) || ts.isMethodDeclaration(node) || ts.isVariableDeclaration(node);
}

function parses(file: string, text: string): boolean {
  const source = ts.createSourceFile(file, text, ts.ScriptTarget.ES2022);
  return (source as unknown as { parseDiagnostics: unknown[] }).parseDiagnostics.length === 0;
}

export function mutated(text: string, { start, end, replacement }: Mutant): string {
  return text.slice(0, start) + replacement + text.slice(end);
}

const seed = "sharewright 1";
const linesForOne = 100;

/** So many for so many lines, the same ones as long as their places stay. */
export function sampleOf(file: string, text: string): Mutant[] {
  const rank = ({ key }: Mutant) => createHash("sha256").update(`${seed}\n${key}`).digest("hex");
  const ranked = mutantsOf(file, text).map((mutant) => ({ mutant, at: rank(mutant) }));
  const wanted = Math.max(1, Math.round(text.split("\n").length / linesForOne));
  const chosen: Mutant[] = [];
  for (const { mutant } of ranked.sort((a, b) => (a.at < b.at ? -1 : 1)))
    if (chosen.length < wanted && parses(file, mutated(text, mutant))) chosen.push(mutant);
  return chosen.sort((a, b) => a.start - b.start);
}
