// What all constructs of an app declare on GlusterFS clusters: a name is there once on a cluster, and once in a stack, whose claims it keys.
import type { IConstruct } from "constructs";
import { declaredTwice } from "../errors";

const declarations = new WeakMap<IConstruct, Map<string, Declared>>();

interface Declared {
  readonly construct: IConstruct;
  /** Undefined of the claims of a stack. */
  readonly cluster: IConstruct | undefined;
}

interface Declaration {
  /** The property that names it: names of one property are a space of their own. */
  readonly property: "shareName" | "ruleName" | "snapshotName";
  /** Its key among the claims of the stack. */
  readonly key: string;
  /** Its name on the cluster. */
  readonly name: string;
}

interface Where {
  readonly construct: IConstruct;
  readonly spec: { readonly site?: string | undefined };
  readonly places: readonly string[];
}

/**
 * @param home where keys of claims are unique
 * @throws ShareSynthesisError when it is declared already, there or anywhere in the app on one of the clusters.
 */
export function declare(construct: IConstruct, home: string, clusters: readonly Where[], declaration: Declaration): void {
  const { property, key, name } = declaration;
  const taken = declarations.get(construct.node.root) ?? new Map<string, Declared>();
  declarations.set(construct.node.root, taken);
  const places = [
    ...clusters.flatMap(({ construct: cluster, spec: { site = "" }, places: servers }) =>
      servers.map((place) => ({ place: JSON.stringify([site, place]), text: name, cluster })),
    ),
    { place: home, text: key, cluster: undefined },
  ];
  for (const { place, text, cluster } of places) {
    const id = `${property}\n${place}\n${text}`;
    const other = taken.get(id);
    if (other)
      throw declaredTwice(construct.node.path, property, text, other.construct.node.path, reason(cluster, other.cluster));
    taken.set(id, { construct, cluster });
  }
}

function reason(mine: IConstruct | undefined, other: IConstruct | undefined): string {
  if (!mine || !other) return ", and a stack has a name once for all clusters of a site";
  return mine === other ? "" : `, on the same cluster: ${mine.node.path} and ${other.node.path} have a server in common`;
}
