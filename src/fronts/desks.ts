// All storage systems, as commands meet them.

import type { Desk } from "./desk";
import { gluster } from "./gluster/desk";
import { lustre } from "./lustre/desk";

export const desks: readonly Desk[] = [lustre, gluster];
