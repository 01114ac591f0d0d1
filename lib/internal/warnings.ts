// What synthesis says of a construct without refusing it: `cdktf synth` and `cdktf deploy` print it beside the construct's path.
import type { IConstruct } from "constructs";
import { frameworkOf } from "./framework";

export function warn(construct: IConstruct, property: string, found: string, fix: string): void {
  frameworkOf(construct).Annotations.of(construct).addWarning(`\`${property}\` ${found}; ${fix}`);
}
