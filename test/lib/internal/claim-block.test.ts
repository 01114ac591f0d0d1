import { describe, expect, it } from "vitest";
import { carrierOf } from "../../../lib/internal/carriers";
import { ClaimBlock } from "../../../lib/internal/claim-block";
import { newStack } from "../support";

function block(): ClaimBlock {
  const stack = newStack();
  return new ClaimBlock(stack, {
    name: "claims",
    carrier: carrierOf(stack, undefined),
    executor: "executor.cjs",
    kind: "lustre.share",
    noun: "share",
    environment: {},
  });
}

describe("ClaimBlock", () => {
  it("names the claim of a key by a local, so that Terraform gathers the block's instances once", () => {
    expect(block().add("shares/a")).toBe('${local.claims_ids["shares/a"]}');
  });
});
