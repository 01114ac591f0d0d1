import { create } from "./scenarios";
import { sweepEach } from "./sweep-each";

sweepEach("crash sweep: create", create);
