import { destroy } from "./scenarios";
import { sweepEach } from "./sweep-each";

sweepEach("crash sweep: destroy", destroy);
