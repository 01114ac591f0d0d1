// What all constructs of an app declare on GlusterFS clusters: a name is there once on a cluster, and once in a stack, whose claims it keys.
import type { IConstruct } from "constructs";
import { declaredTwice } from "../errors";

const declarations = new WeakMap<IConstruct, Map<string, IConstruct>>();

interface Declaration {
  /** The property that names it: names of one property are a space of their own. */
  readonly property: "shareName" | "ruleName" | "snapshotName";
  /** Its key among the claims of the stack. */
  readonly key: string;
  /** Its name on the cluster. */
  readonly name: string;
}

/** @throws ShareSynthesisError when it is declared already, in the stack or anywhere in the app on one of the clusters. */
export function declare(
  construct: IConstruct,
  stack: IConstruct,
  clusters: readonly { readonly places: readonly string[] }[],
  declaration: Declaration,
): void {
  const { property, key, name } = declaration;
  const taken = declarations.get(construct.node.root) ?? new Map<string, IConstruct>();
  declarations.set(construct.node.root, taken);
  const places = [
    { place: `stack ${stack.node.addr}`, text: key },
    ...clusters.flatMap(({ places: servers }) => servers.map((place) => ({ place, text: name }))),
  ];
  for (const { place, text } of places) {
    const id = `${property}\n${place}\n${text}`;
    const other = taken.get(id);
    if (other) throw declaredTwice(construct.node.path, property, text, other.node.path);
    taken.set(id, construct);
  }
}
