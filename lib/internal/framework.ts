// The one file that names cdktf and cdktn. A construct is made of the framework that its stack is of: an app of either finds its own, also in a
// process that has both, and whatever it imports first.
import type * as cdktf from "cdktf";
import type { IConstruct } from "constructs";
import { elementMixed, frameworkMocked, frameworksMixed, noFramework, stackNotLoadable, stackUnknown } from "./framework-errors";

export type {
  ISynthesisSession,
  ITerraformDependable,
  LocalExecProvisioner,
  TerraformElement,
  TerraformLocal,
  TerraformProvider,
  TerraformProviderGeneratorMetadata,
  TerraformResource,
  TerraformStack,
} from "cdktf";

/** What both give: the classes of cdktn have all that those of cdktf have. */
export type Framework = typeof cdktf;
type Stack = cdktf.TerraformStack;

type Name = "cdktf" | "cdktn";
type Loaded = { readonly framework: Framework } | { readonly why: string };

// Each is named in a `try` of its own, so that a bundler takes along what is there and does without what is not.
const loaders: Readonly<Record<Name, () => Loaded>> = {
  cdktf() {
    try {
      return { framework: require("cdktf") as Framework };
    } catch (error) {
      return { why: firstLine(error) };
    }
  },
  cdktn() {
    try {
      return { framework: require("cdktn") as Framework };
    } catch (error) {
      return { why: firstLine(error) };
    }
  },
};
const names = Object.keys(loaders) as Name[];

/** The NullProvider that users of cdktf have; undefined where it is not installed. */
export function installedNullProvider(): typeof import("@cdktf/provider-null/lib/provider").NullProvider | undefined {
  try {
    return require("@cdktf/provider-null/lib/provider").NullProvider;
  } catch {
    return undefined;
  }
}

const byStack = new WeakMap<Stack, Framework>();

/** The framework of the stack that a construct is in. @throws ShareSynthesisError where that cannot be used */
export function frameworkOf(construct: IConstruct): Framework {
  const stack = stackOf(construct);
  const found = byStack.get(stack) ?? frameworkOfStack(stack);
  byStack.set(stack, found);
  return found;
}

function frameworkOfStack(stack: Stack): Framework {
  const { path, root } = stack.node;
  const name = originOf(stack);
  if (name === undefined) throw stackUnknown(path);
  const ofApp = originOf(root);
  if (ofApp !== undefined && ofApp !== name) throw frameworksMixed(path, name, ofApp);
  if (name === "cdktn") refuseElementsOfCdktf(stack);
  const loaded = loaders[name]();
  if ("why" in loaded) throw stackNotLoadable(path, name, loaded.why);
  if (originOfClass(loaded.framework.TerraformStack) !== name) throw frameworkMocked(path, name);
  return loaded.framework;
}

let some: Framework | undefined;

/** For what has no scope: tokens, which both keep in the same place. That which the app has loaded, as far as that can be seen. */
export function anyFramework(): Framework {
  some ??= firstOf(names.filter(isLoaded)) ?? firstOf(names);
  if (some === undefined) throw noFramework(whyNot());
  return some;
}

function firstOf(candidates: readonly Name[]): Framework | undefined {
  return candidates.flatMap((name) => {
    const loaded = loaders[name]();
    return "framework" in loaded ? [loaded.framework] : [];
  })[0];
}

function whyNot(): string[] {
  return names.map((name) => loaders[name]()).flatMap((loaded) => ("why" in loaded ? [loaded.why] : []));
}

function isLoaded(name: Name): boolean {
  const folder = new RegExp(`[\\\\/]node_modules[\\\\/]${name}[\\\\/]`);
  return Object.keys(require.cache ?? {}).some((file) => folder.test(file));
}

/** Something made of a framework, once for each: classes that extend its own. */
export function perFramework<T>(make: (framework: Framework) => T): (construct: IConstruct) => T {
  const made = new WeakMap<Framework, T>();
  return (construct) => {
    const framework = frameworkOf(construct);
    const found = made.get(framework) ?? make(framework);
    made.set(framework, found);
    return found;
  };
}

const stackMark = Symbol.for("cdktf/TerraformStack");

/** Of either framework. */
export function isStack(construct: IConstruct): construct is Stack {
  return stackMark in construct;
}

/** The stack that a construct is in. */
export function stackOf(construct: IConstruct): Stack {
  const stack = construct.node.scopes.findLast(isStack);
  if (stack === undefined) throw new Error(`${construct.node.path} is in no stack`);
  return stack;
}

/** cdktn cannot synthesize elements of cdktf, and says so in words that nobody understands. (cdktf can, as far as they hold no function.) */
function refuseElementsOfCdktf(stack: Stack): void {
  const theirs = stack.node.findAll().find((construct) => originOf(construct) === "cdktf");
  if (theirs !== undefined) throw elementMixed(theirs.node.path, "cdktf", "cdktn");
}

const typeInformation = Symbol.for("jsii.rtti");

function originOf(construct: IConstruct): Name | undefined {
  return originOfClass(construct.constructor);
}

/** Whose class it is, or whose class that of somebody else extends. */
function originOfClass(made: unknown): Name | undefined {
  if (typeof made !== "function") return undefined;
  const told = Object.hasOwn(made, typeInformation) ? (made as Told)[typeInformation] : undefined;
  return names.find((name) => told?.fqn?.startsWith(`${name}.`)) ?? originOfClass(Object.getPrototypeOf(made));
}

interface Told {
  [typeInformation]?: { readonly fqn?: string };
}

function firstLine(error: unknown): string {
  return String(error instanceof Error ? error.message : error).split("\n")[0] ?? "";
}
