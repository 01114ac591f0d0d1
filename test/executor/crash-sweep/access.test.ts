import { access, accessOn216 } from "./scenarios";
import { sweepEach } from "./sweep-each";

sweepEach("crash sweep: access change", access);
sweepEach("crash sweep: access change on Lustre 2.16", accessOn216, { version: "2.16" });
