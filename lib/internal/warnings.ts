// What synthesis says of a construct without refusing it: `cdktf synth` and `cdktf deploy` print it beside the construct's path.
import { Annotations } from "cdktf";
import type { IConstruct } from "constructs";

export function warn(construct: IConstruct, property: string, found: string, fix: string): void {
  Annotations.of(construct).addWarning(`\`${property}\` ${found}; ${fix}`);
}
