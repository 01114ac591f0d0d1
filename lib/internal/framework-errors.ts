// What synthesis says where neither cdktf nor cdktn can be used, or both at once are.
import { ShareSynthesisError } from "./synthesis-error";

const property = "cdktf or cdktn";

export function noFramework(reasons: readonly string[]): ShareSynthesisError {
  return new ShareSynthesisError({
    property,
    value: reasons.join("; "),
    problem: "is needed, and neither is installed where sharewright finds it",
    fix: "`npm install cdktn constructs`, or `npm install cdktf constructs`, in the project that has sharewright; one of the two is enough",
  });
}

export function stackNotLoadable(path: string, name: string, reason: string): ShareSynthesisError {
  return new ShareSynthesisError({
    path,
    property,
    value: reason,
    problem: `is not found: the stack is one of ${name}, which sharewright cannot load`,
    fix: `install ${name} and sharewright in the same project; where the app is bundled, bundle both or name both as external (--external:${name} --external:sharewright)`,
  });
}

export function frameworksMixed(path: string, ofStack: string, ofApp: string): ShareSynthesisError {
  return new ShareSynthesisError({
    path,
    property,
    problem: `are mixed: the stack is one of ${ofStack}, its app is one of ${ofApp}`,
    fix: `take all from one package: in the file that makes the stack write \`import { TerraformStack } from "${ofApp}"\` in place of "${ofStack}"`,
  });
}

/** `path`: of the element. */
export function elementMixed(path: string, ofElement: string, ofStack: string): ShareSynthesisError {
  return new ShareSynthesisError({
    path,
    property,
    problem: `are mixed: this is made of ${ofElement}, its stack of ${ofStack}`,
    fix: `import what makes it from "${ofStack}" in place of "${ofElement}", or from a package of providers that is made for ${ofStack}`,
  });
}

export function frameworkMocked(path: string, name: string): ShareSynthesisError {
  return new ShareSynthesisError({
    path,
    property,
    problem: `is mocked: the stack is one of ${name}, and what sharewright loads by that name is not`,
    fix: `do not mock ${name} where shares are synthesized (\`jest.unmock("${name}")\`): \`Testing.app()\` needs no mock`,
  });
}

export function stackUnknown(path: string): ShareSynthesisError {
  return new ShareSynthesisError({
    path,
    property,
    problem: "is what a stack is made of, and the class of this one comes from neither: perhaps from a mock",
    fix: 'make it of `TerraformStack` from "cdktf" or "cdktn", and do not mock these packages: `Testing.app()` needs no mock',
  });
}
