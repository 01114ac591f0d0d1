import { expect, it } from "vitest";
import { describeWithGluster } from "../glusterd/describe";
import { demoTimeoutMs, tellDemo } from "./support/demo";

it(
  "the demo of GlusterFS holds what it says on stand-ins, and says that it has no real one",
  async () => expect(await tellDemo("gluster", "--stand-ins")).toContain("on stand-ins of GlusterFS"),
  demoTimeoutMs,
);

describeWithGluster("the demo of GlusterFS", () => {
  it(
    "takes the real one where it is installed",
    async () => expect(await tellDemo("gluster")).toContain("on real servers of GlusterFS"),
    demoTimeoutMs,
  );
});
