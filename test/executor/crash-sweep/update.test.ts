import { update } from "./scenarios";
import { sweepEach } from "./sweep-each";

sweepEach("crash sweep: update", update);
